"""Write what a page of decisions changes, as fast as each database takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import StepStatus
from incasso.store.recovery import agenda, case_counts
from incasso.store.recovery import case_progress as progress
from incasso.store.recovery.case_progress import CaseNote
from incasso.store.recovery.facts_cases import ShownOfCase
from incasso.store.recovery.planned_changes import (
    Changes,
    NewCase,
    NewStep,
    Opening,
    Reworded,
)
from incasso.store.recovery.planning_rows import Day, day_for, insert, update_by_id
from incasso.store.sql_ids import among
from incasso.store.tables.recovery import cases, step_cases, steps

STEP_COLUMNS: Final = NewStep.__struct_fields__
CASE_COLUMNS: Final = (
    "id source_id client_id installment_id step_id iter_version_id unpaid skipped opened_on "
    "next_stage next_due_on blocked_by"
).split()
MEMBER_COLUMNS: Final = ("step_id", "case_id", "stage", "residual", "cycle")
SHOWN: Final = (("next_stage", "text"), ("next_due_on", "date"), ("blocked_by", "text"))
MOVED: Final = (*SHOWN, ("skipped", "text"), ("step_id", "bigint"))
WORDING: Final = tuple(
    (name, "text") for name in ("stage", "action", "medium", "mode", "status", "template")
)

Row = tuple[Any, ...]
"""Values as the driver stores them, in the order of their columns."""

DayOf = Callable[[date | None], Day]
"""A day as the driver stores it."""


def write_changes(connection: Connection, changes: Changes, on: date, words: dict[str, str]) -> int:
    """Write a page. How many steps became empty and were cancelled.

    `words` says a reason to leave a step as an office would.
    """
    left = {
        why: progress.leave(connection, ids, on, words.get(why, why))
        for why, ids in changes.leaving.items()
    }
    for reason, ids in changes.closing.items():
        progress.close(connection, ids, on, reason)
    _lapse(connection, changes.lapsed)
    day_of = day_for(connection)
    insert(connection, steps, STEP_COLUMNS, step_rows(changes.steps, day_of))
    insert(connection, cases, CASE_COLUMNS, _case_rows(changes.cases, day_of))
    case_counts.add(connection, Counter(one.client_id for one in changes.cases))
    _join(connection, changes)
    for words_for_it, passed in changes.stood_for.items():
        notes = [CaseNote(one.case_id, None, one.stage) for one in passed]
        progress.note(connection, notes, on, "skipped", words_for_it, who="plan")
    # A step that waits may lose its last case and take in another on the same day.
    # Sorted, so that its reason is the same whatever else is in the page.
    cancelled = sum(
        progress.refresh_steps(connection, which, words.get(why, why))
        for why, which in sorted(left.items())
    )
    _show(connection, changes, day_of)
    agenda.look_again(connection, changes.looks)
    progress.count(connection, changes.advancing, on)
    return cancelled


def step_rows(new: Sequence[NewStep], day_of: DayOf) -> list[Row]:
    """New steps as rows of STEP_COLUMNS."""
    # Members of enumerations as plain text: for any other SQLite searches how to adapt it.
    return [
        (
            one.id,
            one.source_id,
            one.client_id,
            one.iter_version_id,
            one.stage,
            str(one.action),
            one.medium,
            str(one.mode),
            str(one.status),
            day_of(one.due_on),
            one.total,
            one.currency,
            one.language,
            one.template,
            one.operator_id,
            one.reason,
        )
        for one in new
    ]


def _case_rows(new: Sequence[NewCase], day_of: DayOf) -> list[Row]:
    alike = {opening: opening_row(opening, day_of) for opening in {one.opening for one in new}}
    return [
        (one.id, one.source_id, one.client_id, one.installment_id, one.step_id, *alike[one.opening])
        for one in new
    ]


def opening_row(opening: Opening, day_of: DayOf) -> Row:
    """What new cases have in common, as the last of CASE_COLUMNS."""
    version, unpaid, skipped = opening.iter_version_id, opening.unpaid, opening.skipped
    return (version, unpaid, skipped, day_of(opening.opened_on), *shown_row(opening.shown, day_of))


def shown_row(shown: ShownOfCase, day_of: DayOf) -> Row:
    """What a case shows, as the columns SHOWN."""
    return (shown.next_stage, day_of(shown.next_due_on), shown.blocked_by)


def _show(connection: Connection, changes: Changes, day_of: DayOf) -> None:
    shown = [(*shown_row(one.shown, day_of), one.case_id) for one in changes.shown]
    update_by_id(connection, cases, SHOWN, shown)
    moved = [
        (*shown_row(one.shown, day_of), one.skipped, one.step_id, one.case_id)
        for one in changes.moved
    ]
    update_by_id(connection, cases, MOVED, moved)


def _lapse(connection: Connection, ids: Collection[int]) -> None:
    if ids:
        late = sa.and_(among(connection, steps.c.id, ids), steps.c.status == StepStatus.DONE)
        failed = sa.update(steps).where(late).values(status=StepStatus.FAILED, proof_until=None)
        connection.execute(failed)


def _join(connection: Connection, changes: Changes) -> None:
    """Put cases into their steps. The database itself refuses a stage twice in one cycle."""
    members: list[Row] = [
        (one.step_id, one.id, one.opening.stage, one.residual, 0)
        for one in changes.cases
        if one.step_id is not None
    ]
    cycles = next_cycles(connection, [(one.case_id, one.stage) for one in changes.joining])
    for one in changes.joining:
        cycle = cycles.get((one.case_id, one.stage), 0)
        members.append((one.step_id, one.case_id, one.stage, one.residual, cycle))
    insert(connection, step_cases, MEMBER_COLUMNS, members)
    for step, more in changes.totals.items():
        update = sa.update(steps).where(steps.c.id == step)
        connection.execute(update.values(total=steps.c.total + more))
    reworded = [_wording_row(one) for one in changes.reworded]
    update_by_id(connection, steps, WORDING, reworded)


def _wording_row(one: Reworded) -> Row:
    words = one.wording
    return (
        words.stage,
        str(words.action),
        words.medium,
        str(words.mode),
        str(words.status),
        words.template,
        one.step_id,
    )


def next_cycles(
    connection: Connection, entered: Collection[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    """The cycle of each of these cases in a stage, where it has been in it before."""
    if not entered:
        return {}
    query = (
        sa.select(step_cases.c.case_id, step_cases.c.stage, sa.func.max(step_cases.c.cycle))
        .where(among(connection, step_cases.c.case_id, [case for case, _ in entered]))
        .where(step_cases.c.stage.in_(sorted({stage for _, stage in entered})))
        .group_by(step_cases.c.case_id, step_cases.c.stage)
    )
    return {(case, stage): cycle + 1 for case, stage, cycle in connection.execute(query)}
