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
from incasso.domain.recovery.states import CaseState
from incasso.domain.recovery.timing import Dates, after_counting
from incasso.store.recovery import agenda
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
    agenda.review_on(connection, [row.installment_id for row in rows], on)
    note(connection, ((row.id, row.step_id, row.stage) for row in rows), on, "left", why)
    return {row.step_id for row in rows}


def fail(connection: Connection, step_ids: Collection[int], on: date, why: str) -> None:
    """The steps came to nothing: planning finds another way for their cases."""
    connection.execute(
        sa.update(steps)
        .where(among(connection, steps.c.id, step_ids))
        .values(status="failed", reason=why, proof_until=None)
    )
    agenda.review_steps(connection, step_ids, on)


def park(connection: Connection, case_ids: Collection[int], container: str) -> None:
    """Put the cases into a container, where planning leaves them alone."""
    connection.execute(
        sa.update(cases)
        .where(among(connection, cases.c.id, case_ids))
        .values(state=CaseState.PARKED, container=container, next_due_on=None)
    )


def close(connection: Connection, case_ids: Collection[int], on: date, reason: str) -> int:
    """End running cases. How many."""
    if not case_ids:
        return 0
    running = sa.and_(among(connection, cases.c.id, case_ids), cases.c.state != CaseState.CLOSED)
    change = sa.update(cases).where(running)
    values = {"state": CaseState.CLOSED, "closed_on": on, "close_reason": reason}
    nothing_ahead = {"next_due_on": None, "next_stage": "", "blocked_by": "", "step_id": None}
    return connection.execute(change.values(values | nothing_ahead)).rowcount


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
    cancelled = sa.update(steps).where(these, empty, steps.c.status != "cancelled")
    return connection.execute(cancelled.values(status="cancelled", reason=why)).rowcount


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
        .where(among(connection, cases.c.step_id, step_ids), cases.c.state != CaseState.CLOSED)
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
        if due is not None:
            agenda.review_on(connection, [row.installment_id for row in rows], due)
