"""Planning in the database: which installments are due a look, and what comes of a page."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.grouping import Wording
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.recovery import case_progress as progress
from incasso.store.recovery.planning_rows import insert, update_by_id
from incasso.store.sql_ids import among, packed
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, step_cases, steps

PAGE = 20_000  # rows decided and written in one transaction: about a second, some 60 MB

STEP_COLUMNS = (
    "id source_id client_id iter_version_id stage action medium mode status due_on total currency "
    "language template operator_id reason"
).split()
CASE_COLUMNS = (
    "id source_id client_id installment_id iter_version_id unpaid skipped opened_on next_stage "
    "next_due_on blocked_by step_id"
).split()
SHOWN = (("next_stage", "text"), ("next_due_on", "date"), ("blocked_by", "text"))
MOVED = (*SHOWN, ("skipped", "text"), ("step_id", "bigint"))


@dataclass(kw_only=True)
class Changes:
    """Everything a page of decisions changes; rows hold what the driver stores."""

    looks: dict[date | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Next day to look, by installment."""
    steps: list[tuple[Any, ...]] = field(default_factory=list)
    cases: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[int, int, str, int, int]] = field(default_factory=list)
    """Of new cases: step, case, stage, cycle, residual."""
    returning: list[tuple[int, int, str, int]] = field(default_factory=list)
    """Of running cases: step, case, stage, residual; their cycle is looked up."""
    stood_for: dict[str, list[tuple[int, None, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Of new cases: stages that the ERP's own reminder stands for, by that in words."""
    shown: list[tuple[Any, ...]] = field(default_factory=list)
    moved: list[tuple[Any, ...]] = field(default_factory=list)
    totals: list[tuple[int, int]] = field(default_factory=list)
    """Of steps that took cases in: what came on top, step."""
    reworded: list[tuple[Any, ...]] = field(default_factory=list)
    """Shared messages whose highest stage rose: stage, action, medium, mode, status, template,
    step."""
    closing: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Cases by reason."""
    leaving: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Cases that leave a step not begun, by reason."""
    lapsed: set[int] = field(default_factory=set)
    """Steps whose proof never came."""
    advancing: set[int] = field(default_factory=set)
    """Steps that count without proof."""


def due_pages(connection: Connection, on: date, size: int = PAGE) -> Iterator[array[int]]:
    """The clients with something to look at, in pages of so many installments."""
    table = installments
    query = (
        sa.select(table.c.client_id, sa.func.count())
        .where(agenda.is_due(on))
        .group_by(table.c.client_id)
        .order_by(table.c.client_id)
        .execution_options(yield_per=10_000)
    )
    page, filled = array("q"), 0
    for rows in connection.execute(query).partitions():
        for client, count in rows:
            page.append(client)
            filled += count
            if filled >= size:
                yield page
                page, filled = array("q"), 0
    if page:
        yield page


def due_again(connection: Connection, page: Collection[int], on: date) -> sa.ColumnElement[bool]:
    """What these clients have to be looked at and nobody else has looked at meanwhile."""
    return sa.and_(packed(connection, installments.c.client_id, page), agenda.is_due(on))


def take_turn(connection: Connection) -> None:
    """One planner writes at a time; SQLite's write lock does the same."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PLANNERS_LOCK)))


@contextmanager
def session(store: Store) -> Iterator[Connection]:
    """One connection for a whole plan; use it with `bulk.transaction`.

    Foreign keys are not checked on it where the database lets us: planning writes only numbers
    it has just read or made, and looking each of them up again costs a fifth of a plan on SQLite
    and two fifths on PostgreSQL. There it takes a superuser, or `GRANT SET ON PARAMETER
    session_replication_role`; without it plans are slower, and nothing else changes.
    """
    with store.engine.connect() as connection:
        before = _switch_keys(connection, None)
        try:
            yield connection
        finally:
            connection.rollback()
            _switch_keys(connection, before)


def _switch_keys(connection: Connection, state: str | None) -> str:
    """Stop checking foreign keys (None), or go back to an earlier state; the state before."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        before = str(driver.execute("PRAGMA foreign_keys").fetchone()[0])
        driver.execute(f"PRAGMA foreign_keys = {state or '0'}")
        return before
    if (connection.dialect.server_version_info or (0,)) < (15,):
        return ""  # no such privilege can be asked for
    role = sa.func.current_setting("session_replication_role")
    before = str(connection.execute(sa.select(role)).scalar_one())
    may = sa.func.has_parameter_privilege("session_replication_role", "SET")
    if connection.execute(sa.select(may)).scalar_one():
        change = sa.func.set_config("session_replication_role", state or "replica", False)
        connection.execute(sa.select(change))
    connection.commit()
    return before


PLANNERS_LOCK = 0x1CA550  # any number that no other use of advisory locks takes


def waiting_steps(
    connection: Connection, clients: Collection[int]
) -> list[tuple[int, int, Wording]]:
    """Steps that wait for a person and are not begun: they take in newly due cases."""
    query = (
        sa.select(steps)
        .where(
            among(connection, steps.c.client_id, clients),
            steps.c.mode != "auto",
            sa.or_(
                steps.c.status == "proposed",
                sa.and_(steps.c.status == "ready", steps.c.mode == "manual"),
            ),
            # The partial index is found by these words only.
            sa.text("mode <> 'auto' AND steps.status IN ('proposed', 'ready')"),
        )
        .order_by(steps.c.id)
        .with_for_update(skip_locked=True)
    )
    return [(row.id, row.client_id, _wording(row)) for row in connection.execute(query)]


def _wording(row: Any) -> Wording:
    return Wording(
        version_id=row.iter_version_id,
        stage=row.stage,
        action=row.action,
        mode=row.mode,
        medium=row.medium,
        currency=row.currency,
        language=row.language,
        template=row.template,
    )


def apply(connection: Connection, changes: Changes, on: date, words: dict[str, str]) -> int:
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
    insert(connection, steps, STEP_COLUMNS, changes.steps)
    insert(connection, cases, CASE_COLUMNS, changes.cases)
    _join(connection, changes)
    for why, passed in changes.stood_for.items():
        progress.note(connection, passed, on, "skipped", why, who="plan")
    # A step that waits may lose its last case and take in another on the same day.
    # Sorted, so that its reason is the same whatever else is in the page.
    cancelled = sum(
        progress.refresh_steps(connection, which, words.get(why, why))
        for why, which in sorted(left.items())
    )
    update_by_id(connection, cases, SHOWN, changes.shown)
    update_by_id(connection, cases, MOVED, changes.moved)
    agenda.looked_at(connection, changes.looks)
    progress.count(connection, changes.advancing, on)
    return cancelled


def _lapse(connection: Connection, ids: Collection[int]) -> None:
    if ids:
        late = sa.and_(among(connection, steps.c.id, ids), steps.c.status == "done")
        connection.execute(sa.update(steps).where(late).values(status="failed", proof_until=None))


def _join(connection: Connection, changes: Changes) -> None:
    """Put cases into their steps. The database itself refuses a stage twice in one cycle."""
    cycles = _cycles(connection, {case for _, case, _, _ in changes.returning})
    returning = [
        (step, case, stage, cycles.get((case, stage), -1) + 1, residual)
        for step, case, stage, residual in changes.returning
    ]
    names = ("step_id", "case_id", "stage", "cycle", "residual")
    insert(connection, step_cases, names, [*changes.members, *returning])
    for more, step in changes.totals:
        update = sa.update(steps).where(steps.c.id == step)
        connection.execute(update.values(total=steps.c.total + more))
    wording = [(name, "text") for name in ("stage", "action", "medium", "mode", "status")]
    update_by_id(connection, steps, [*wording, ("template", "text")], changes.reworded)


def _cycles(connection: Connection, ids: Collection[int]) -> dict[tuple[int, str], int]:
    if not ids:
        return {}
    query = (
        sa.select(step_cases.c.case_id, step_cases.c.stage, sa.func.max(step_cases.c.cycle))
        .where(among(connection, step_cases.c.case_id, ids))
        .group_by(step_cases.c.case_id, step_cases.c.stage)
    )
    return {(case, stage): cycle for case, stage, cycle in connection.execute(query)}
