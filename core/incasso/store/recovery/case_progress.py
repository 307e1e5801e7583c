"""How cases move: their stage counts, they leave a step, a step fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.iters import following
from incasso.domain.recovery.timing import Dates, after_counting
from incasso.store.recovery.facts_cases import private_stages
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments, sources
from incasso.store.tables.recovery import case_events, cases, step_cases, steps

Progress = tuple[str, date | None]
"""The next stage and the earliest day it can be due."""


def count(connection: Connection, step_ids: Collection[int], on: date) -> int:
    """The stages that these steps carried out count on that day. How many cases went on.

    Idempotent: a case counts for the step it is in, and leaves it by counting.
    """
    rows = connection.execute(_cases_in(connection, step_ids)).all()
    known = versions(connection, {row.iter_version_id for row in rows})
    alike: dict[tuple[Any, ...], Progress] = {}
    changes: dict[tuple[str, Progress], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        key = row[2:]
        if key not in alike:
            alike[key] = _next(row, known[row.iter_version_id], on)
        changes[row.stage, alike[key]].append(row)
    _write_progress(connection, changes, on)
    connection.execute(
        sa.update(steps)
        .where(among(connection, steps.c.id, step_ids), steps.c.status != "counted")
        .values(status="counted", counted_on=on, proof_until=None)
    )
    return len(rows)


def release(connection: Connection, case_ids: Collection[int], on: date, why: str) -> int:
    """Cases leave the step they are in; planning looks at them again. How many steps are empty.

    The caller knows that the step has not left. An empty step is cancelled.
    """
    if not case_ids:
        return 0
    return refresh_steps(connection, leave(connection, case_ids, on, why), why)


def leave(connection: Connection, case_ids: Collection[int], on: date, why: str) -> set[int]:
    """The same, but the steps keep their totals until `settle_steps`. Which steps were left."""
    query = sa.select(cases.c.id, cases.c.installment_id, cases.c.step_id, cases.c.stage).where(
        among(connection, cases.c.id, case_ids), cases.c.step_id.is_not(None)
    )
    rows = connection.execute(query).all()
    leaving = {(row.step_id, row.id) for row in rows}
    _leave(connection, leaving)
    connection.execute(
        sa.update(cases)
        .where(among(connection, cases.c.id, [row.id for row in rows]))
        .values(step_id=None)
    )
    look_at(connection, [row.installment_id for row in rows], on)
    note(connection, ((row.id, row.step_id, row.stage) for row in rows), on, "left", why)
    return {row.step_id for row in rows}


def fail(connection: Connection, step_ids: Collection[int], on: date, why: str) -> None:
    """The steps came to nothing: planning finds another way for their cases."""
    connection.execute(
        sa.update(steps)
        .where(among(connection, steps.c.id, step_ids))
        .values(status="failed", reason=why, proof_until=None)
    )
    inside = sa.select(cases.c.installment_id).where(among(connection, cases.c.step_id, step_ids))
    look_at(connection, connection.scalars(inside).all(), on)


def refresh_steps(connection: Connection, step_ids: Collection[int], why: str) -> int:
    """After cases left: totals are summed anew, empty steps cancelled. How many were empty."""
    if not step_ids:
        return 0
    left = sa.select(sa.func.coalesce(sa.func.sum(step_cases.c.residual), 0)).where(
        step_cases.c.step_id == steps.c.id
    )
    these = among(connection, steps.c.id, step_ids)
    connection.execute(sa.update(steps).where(these).values(total=left.scalar_subquery()))
    empty = ~sa.exists().where(step_cases.c.step_id == steps.c.id)
    cancelled = sa.update(steps).where(these, empty, steps.c.status != "cancelled")
    return connection.execute(cancelled.values(status="cancelled", reason=why)).rowcount


def look_at(connection: Connection, installment_ids: Collection[int], on: date | None) -> None:
    """Planning looks at these installments on that day; None: not before a change."""
    if installment_ids:
        these = among(connection, installments.c.id, installment_ids)
        connection.execute(sa.update(installments).where(these).values(look_on=on))


def look_by(connection: Connection, installment_ids: Collection[int], on: date | None) -> None:
    """The same, unless an earlier look is asked for already: what changed must not be forgotten."""
    if on is not None:
        table = installments
        later = sa.or_(table.c.look_on.is_(None), table.c.look_on > on)
        these = among(connection, table.c.id, installment_ids)
        connection.execute(sa.update(table).where(these, later).values(look_on=on))


def note(
    connection: Connection,
    which: Iterable[tuple[int, int | None, str]],
    on: date,
    what: str,
    why: str,
    who: str = "",
) -> None:
    """The same event in the history of several cases, each with its step and stage."""
    rows = [
        {"case_id": case, "step_id": step, "stage": stage}
        | {"on_date": on, "what": what, "who": who, "why": why}
        for case, step, stage in which
    ]
    if rows:
        connection.execute(sa.insert(case_events), rows)


def _leave(connection: Connection, leaving: Collection[tuple[int, int]]) -> None:
    by_step: dict[int, list[int]] = defaultdict(list)
    for step, case in leaving:
        by_step[step].append(case)
    for step, inside in by_step.items():
        connection.execute(
            sa.delete(step_cases).where(
                step_cases.c.step_id == step, among(connection, step_cases.c.case_id, inside)
            )
        )


def _cases_in(connection: Connection, step_ids: Collection[int]) -> sa.Select[Any]:
    return (
        sa.select(
            cases.c.id,
            cases.c.installment_id,
            cases.c.iter_version_id,
            sa.cast(cases.c.private_stages, sa.Text).label("private_stages"),
            step_cases.c.stage,
            installments.c.due_date,
            installments.c.unpaid_on,
            sources.c.country,
            sources.c.province,
        )
        .join(
            step_cases,
            sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id),
        )
        .join(installments, installments.c.id == cases.c.installment_id)
        .join(sources, sources.c.id == cases.c.source_id)
        .where(among(connection, cases.c.step_id, step_ids), cases.c.state != "closed")
    )


def _next(row: Row[Any], version: Version, on: date) -> Progress:
    ahead = following(version.iter.stages, row.stage, private_stages(row.private_stages))
    calendar = Calendar(row.country, row.province)
    return after_counting(
        ahead,
        dates=Dates(row.due_date, row.unpaid_on, calendar),
        counted_on=on,
        min_gap_days=version.iter.min_gap_days,
    )


def _write_progress(
    connection: Connection, changes: Mapping[tuple[str, Progress], Sequence[Row[Any]]], on: date
) -> None:
    """One statement for all cases that go on alike."""
    for (stage, (next_stage, due)), rows in changes.items():
        connection.execute(
            sa.update(cases)
            .where(among(connection, cases.c.id, [row.id for row in rows]))
            .values(
                stage=stage,
                counted_on=on,
                next_stage=next_stage,
                next_due_on=due,
                step_id=None,
                moved_to=None,
                blocked_by="",
            )
        )
        look_by(connection, [row.installment_id for row in rows], due)
