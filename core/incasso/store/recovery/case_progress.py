"""How cases move: their stage counts, they leave a step, a step fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.iters import following
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.domain.recovery.timing import Dates, after_counting
from incasso.store.records import columns_of, records
from incasso.store.recovery import agenda, case_counts
from incasso.store.recovery.facts_cases import private_stages
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments, sources
from incasso.store.tables.recovery import case_events, cases, step_cases, steps


class _Counting(msgspec.Struct, frozen=True):
    """Cases alike in this go on alike."""

    iter_version_id: int
    private_stages: str | None
    stage: str
    due_date: date
    unpaid_on: date | None
    country: str
    province: str


class CaseInStep(msgspec.Struct, frozen=True):
    """A case in a step that counts, with what says when its next stage is due."""

    id: int
    installment_id: int
    shared: _Counting


class Progress(msgspec.Struct, frozen=True):
    """Where a case goes on: the stage that counted, the next one, the earliest day of that."""

    counted: str
    next_stage: str
    due: date | None


class CaseNote(msgspec.Struct, frozen=True):
    """To which case something happened, in which of its steps and at which stage."""

    case_id: int
    step_id: int | None
    stage: str


def count(connection: Connection, step_ids: Collection[int], on: date) -> int:
    """The stages that these steps carried out count on that day. How many cases went on.

    Idempotent: a case counts for the step it is in, and leaves it by counting.
    """
    found = _cases_in(connection, step_ids)
    known = versions(connection, {one.shared.iter_version_id for one in found})
    together: dict[_Counting, list[CaseInStep]] = defaultdict(list)
    for one in found:
        together[one.shared].append(one)
    changes: dict[Progress, list[CaseInStep]] = defaultdict(list)
    for shared, alike in together.items():
        changes[_next(shared, known[shared.iter_version_id], on)] += alike
    _write_progress(connection, changes, on)
    connection.execute(
        sa.update(steps)
        .where(among(connection, steps.c.id, step_ids), steps.c.status != StepStatus.COUNTED)
        .values(status=StepStatus.COUNTED, counted_on=on, proof_until=None)
    )
    return len(found)


def release(connection: Connection, case_ids: Collection[int], on: date, why: str) -> int:
    """Cases leave the step they are in; planning looks at them again. How many steps are empty.

    The caller knows that the step has not left. An empty step is cancelled.
    """
    if not case_ids:
        return 0
    left = leave(connection, case_ids, on, why)
    about = sa.select(cases.c.installment_id).where(among(connection, cases.c.id, case_ids))
    agenda.review_on(connection, about, on)
    return refresh_steps(connection, left, why)


def leave(connection: Connection, case_ids: Collection[int], on: date, why: str) -> set[int]:
    """The same for planning, which has looked: the steps keep their totals until `refresh_steps`.
    Which steps were left."""
    query = sa.select(*columns_of(_LeavingCase, cases)).where(
        among(connection, cases.c.id, case_ids), cases.c.step_id.is_not(None)
    )
    found = records(connection, _LeavingCase, query)
    _leave(connection, found)
    connection.execute(
        sa.update(cases)
        .where(among(connection, cases.c.id, [one.id for one in found]))
        .values(step_id=None)
    )
    notes = [CaseNote(one.id, one.step_id, one.stage) for one in found]
    note(connection, notes, on, "left", why)
    return {one.step_id for one in found}


def fail(connection: Connection, step_ids: Collection[int], on: date, why: str) -> None:
    """The steps came to nothing: planning finds another way for their cases."""
    connection.execute(
        sa.update(steps)
        .where(among(connection, steps.c.id, step_ids))
        .values(status=StepStatus.FAILED, reason=why, proof_until=None)
    )
    agenda.review_steps(connection, step_ids, on)


def park(connection: Connection, case_ids: Collection[int], container: str) -> None:
    """Put the cases into a container, where planning leaves them alone."""
    connection.execute(
        sa.update(cases)
        .where(among(connection, cases.c.id, case_ids))
        .values(state=CaseState.PARKED, container=container, next_due_on=None)
    )


def closed_values(on: date, reason: str) -> dict[str, Any]:
    """What closing writes on a case."""
    return {
        "state": CaseState.CLOSED,
        "closed_on": on,
        "close_reason": reason,
        "next_due_on": None,
        "next_stage": "",
        "blocked_by": "",
        "step_id": None,
    }


def close(connection: Connection, case_ids: Collection[int], on: date, reason: str) -> int:
    """End running cases. How many."""
    if not case_ids:
        return 0
    running = sa.and_(among(connection, cases.c.id, case_ids), cases.c.state != CaseState.CLOSED)
    change = sa.update(cases).where(running).values(closed_values(on, reason))
    owners = connection.scalars(change.returning(cases.c.client_id)).all()
    case_counts.take_off(connection, owners)
    return len(owners)


def refresh_steps(connection: Connection, step_ids: Collection[int], why: str) -> int:
    """After cases left: sum the totals again, cancel empty steps. Gives how many were empty."""
    if not step_ids:
        return 0
    left = sa.select(sa.func.coalesce(sa.func.sum(step_cases.c.residual), 0)).where(
        step_cases.c.step_id == steps.c.id
    )
    these = among(connection, steps.c.id, step_ids)
    connection.execute(sa.update(steps).where(these).values(total=left.scalar_subquery()))
    empty = ~sa.exists().where(step_cases.c.step_id == steps.c.id)
    cancelled = sa.update(steps).where(these, empty, steps.c.status != StepStatus.CANCELLED)
    return connection.execute(cancelled.values(status=StepStatus.CANCELLED, reason=why)).rowcount


def note(
    connection: Connection,
    which: Collection[CaseNote],
    on: date,
    what: str,
    why: str,
    who: str = "",
) -> None:
    """The same event in the history of several cases."""
    if which:
        same = {"on_date": on, "what": what, "who": who, "why": why}
        connection.execute(sa.insert(case_events), [asdict(one) | same for one in which])


class _LeavingCase(msgspec.Struct, frozen=True):
    """A case and the step it leaves."""

    id: int
    installment_id: int
    step_id: int
    stage: str


def _leave(connection: Connection, leaving: Iterable[_LeavingCase]) -> None:
    by_step: dict[int, list[int]] = defaultdict(list)
    for one in leaving:
        by_step[one.step_id].append(one.id)
    for step, inside in by_step.items():
        connection.execute(
            sa.delete(step_cases).where(
                step_cases.c.step_id == step, among(connection, step_cases.c.case_id, inside)
            )
        )


def _cases_in(connection: Connection, step_ids: Collection[int]) -> list[CaseInStep]:
    shared = columns_of(
        _Counting,
        cases,
        private_stages=sa.cast(cases.c.private_stages, sa.Text),
        stage=step_cases.c.stage,
        due_date=installments.c.due_date,
        unpaid_on=installments.c.unpaid_on,
        country=sources.c.country,
        province=sources.c.province,
    )
    query = (
        sa.select(cases.c.id, cases.c.installment_id, *shared)
        .join(
            step_cases,
            sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id),
        )
        .join(installments, installments.c.id == cases.c.installment_id)
        .join(sources, sources.c.id == cases.c.source_id)
        .where(among(connection, step_cases.c.step_id, step_ids))
        .where(cases.c.state != CaseState.CLOSED)
    )
    return [
        CaseInStep(case, installment, _Counting(*shared))
        for case, installment, *shared in connection.execute(query)
    ]


def _next(case: _Counting, version: Version, on: date) -> Progress:
    ahead = following(version.iter.stages, case.stage, private_stages(case.private_stages))
    next_stage, due = after_counting(
        ahead,
        dates=Dates(case.due_date, case.unpaid_on, Calendar(case.country, case.province)),
        counted_on=on,
        min_gap_days=version.iter.min_gap_days,
    )
    return Progress(case.stage, next_stage, due)


def _write_progress(
    connection: Connection, changes: Mapping[Progress, Sequence[CaseInStep]], on: date
) -> None:
    """One statement for all cases that go on alike."""
    for progress, found in changes.items():
        connection.execute(
            sa.update(cases)
            .where(among(connection, cases.c.id, [one.id for one in found]))
            .values(
                stage=progress.counted,
                counted_on=on,
                next_stage=progress.next_stage,
                next_due_on=progress.due,
                step_id=None,
                moved_to=None,
                blocked_by="",
            )
        )
        if progress.due is not None:
            ids = [one.installment_id for one in found]
            agenda.review_on(connection, ids, progress.due)
