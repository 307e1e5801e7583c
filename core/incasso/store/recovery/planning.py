"""Planning in the database: which installments are due a look, and what comes of a page."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.grouping import Wording
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.recovery.agenda import Page
from incasso.store.sql_ids import among, near, packed
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import steps

PAGE = 20_000  # rows decided and written in one transaction: about a second, some 60 MB


_DEBT = sa.and_(
    installments.c.status == InstallmentStatus.OPEN,
    installments.c.residual > 0,
)


class WaitingStep(msgspec.Struct, frozen=True):
    """A step that waits for a person."""

    id: int
    client_id: int
    wording: Wording


def due_pages(
    connection: Connection, on: date, size: int = PAGE, clients: Page = agenda.EVERYBODY
) -> Iterator[Page]:
    """Those of the clients with something to look at, in pages of so many looks."""
    return agenda.due_pages(connection, on, size, clients)


def numbered(connection: Connection, due: Collection[int]) -> sa.ColumnElement[bool]:
    """The installments with these numbers."""
    return among(connection, installments.c.id, due)


def debts_of(connection: Connection, page: Collection[int]) -> sa.ColumnElement[bool]:
    """What these clients owe."""
    return sa.and_(packed(connection, installments.c.client_id, page), _DEBT)


def client_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """These clients as SOURCE/CODE."""
    query = (
        sa.select(clients.c.id, sources.c.name, clients.c.code)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(among(connection, clients.c.id, ids))
    )
    return {number: f"{source}/{code}" for number, source, code in connection.execute(query)}


def debt_pages(connection: Connection, size: int = PAGE) -> Iterator[array[int]]:
    """The clients who owe something, in pages of so many installments."""
    table = installments
    query = (
        sa.select(table.c.client_id, sa.func.count())
        .where(_DEBT)
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
            with _small_cache(connection):
                yield connection
        finally:
            connection.rollback()
            _switch_keys(connection, before)


@contextmanager
def _small_cache(connection: Connection) -> Iterator[None]:
    """Planning goes through the ledger once, in its order: a page of the file that it has read is
    not read again. Memory for thousands of them is asked of the system one by one, which takes
    longer than reading them. What a transaction has written stays in memory until its commit."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    pragmas = "cache_size", "cache_spill"
    before = [driver.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    _set_pragmas(driver, zip(pragmas, (-2048, "OFF"), strict=True))
    try:
        yield
    finally:
        _set_pragmas(driver, zip(pragmas, before, strict=True))


def _set_pragmas(driver: Any, values: Iterable[tuple[str, Any]]) -> None:
    for name, value in values:
        driver.execute(f"PRAGMA {name} = {value}").close()


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


def settle_page(connection: Connection) -> None:
    """Until the transaction ends, rows are found one by one, never by a walk through their table,
    and days are texts as ISO has them.

    A page looks for some thousand rows among any number. PostgreSQL, as it is delivered, takes
    single reads for so dear that it rather walks through a million: it knows disks that turn.
    """
    if connection.dialect.name == "postgresql":
        local = {"enable_seqscan": "off", "random_page_cost": "1.1", "datestyle": "ISO"}
        change = (sa.func.set_config(name, value, True) for name, value in local.items())
        connection.execute(sa.select(*change))


_WAITING: Final = sa.and_(
    steps.c.mode != Mode.AUTO,
    steps.c.iter_version_id.is_not(None),
    sa.or_(
        steps.c.status == StepStatus.PROPOSED,
        sa.and_(steps.c.status == StepStatus.READY, steps.c.mode == Mode.MANUAL),
    ),
    # The partial index is found by these words only.
    sa.text("steps.status IN ('proposed', 'ready')"),
)


def clients_with_waiting_steps(connection: Connection, clients: Collection[int]) -> set[int]:
    """Those of these clients for whom a step waits for a person."""
    theirs = near(connection, steps.c.client_id, clients)
    return set(connection.scalars(sa.select(steps.c.client_id).where(theirs, _WAITING)))


def waiting_steps(
    connection: Connection, clients: Collection[int], *, lock: bool = True
) -> list[WaitingStep]:
    """Steps that wait for a person and are not begun: they take in newly due cases."""
    theirs = among(connection, steps.c.client_id, clients)
    query = sa.select(steps).where(theirs, _WAITING).order_by(steps.c.id)
    if lock:
        query = query.with_for_update(skip_locked=True)
    return [WaitingStep(row.id, row.client_id, _wording(row)) for row in connection.execute(query)]


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
