"""Planning's agenda: the days on which each installment must be looked at.

A queue: whoever changes a fact adds a row, which can bring a look forward but never put one off,
because a day put off by somebody who has not looked hides a stage that is due. Only planning takes
rows off, those of the day and before, in the transaction that writes what it decided; and only
planning, which has looked, says when to look next. A row for which nothing has to be done any more
costs a look that finds nothing. No other module writes the table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementStatus, CaseState
from incasso.store import fixed
from incasso.store.sql_ids import among, as_array, raw_day
from incasso.store.tables.ledger import installments, sources
from incasso.store.tables.recovery import (
    agenda,
    agreement_installments,
    agreements,
    cases,
    step_cases,
)

_OPEN: Final = installments.c.status == InstallmentStatus.OPEN
_COLUMNS: Final = (agenda.c.look_on, agenda.c.client_id, agenda.c.installment_id)

ON_AGENDA: Final = installments.c.id.in_(sa.select(agenda.c.installment_id))
"""Planning will look at it some day, even if nothing changes."""


def due_days(connection: Connection, on: date) -> list[date]:
    """The days up to that one for which there is something on the agenda: a few, so that its rows
    are found by day and client. Each costs one look-up, however many rows it has."""
    return [raw_day(day) for (day,) in fixed.rows(connection, _DUE_DAYS, on=on)]


# The first, and from each on the next: SQLite and PostgreSQL would go through all rows for that.
_DUE_DAYS: Final = """
WITH RECURSIVE days(day) AS (
    SELECT min(look_on) FROM agenda WHERE look_on <= :on
    UNION ALL
    SELECT (SELECT min(look_on) FROM agenda WHERE look_on > day AND look_on <= :on)
    FROM days WHERE day IS NOT NULL
)
SELECT day FROM days WHERE day IS NOT NULL
"""


def due_of_client(connection: Connection, client: int, on: date) -> sa.ColumnElement[bool]:
    """What planning has to look at of one client on that day."""
    due = _rows_due(due_days(connection, on)).where(agenda.c.client_id == client)
    return sa.and_(installments.c.client_id == client, installments.c.id.in_(due))


def is_due_of(
    connection: Connection, client: sa.ColumnElement[int], on: date
) -> sa.ColumnElement[bool]:
    """Whether planning has to look at anything of a client on that day."""
    days = due_days(connection, on)
    return sa.exists().where(agenda.c.look_on.in_(days), agenda.c.client_id == client)


def _rows_due(days: Sequence[date]) -> sa.Select[tuple[int]]:
    return sa.select(agenda.c.installment_id).where(agenda.c.look_on.in_(days))


def review_on(
    connection: Connection, ids: Collection[int] | sa.Select[tuple[int]], on: date
) -> None:
    """Planning looks at these installments on that day at the latest."""
    if isinstance(ids, sa.Select):
        review_where(connection, installments.c.id.in_(ids), on)
    elif ids:
        review_where(connection, among(connection, installments.c.id, ids), on)


def review_steps(connection: Connection, step_ids: Collection[int], on: date) -> None:
    """The same for the installments whose cases are in these steps."""
    if step_ids:
        inside = (
            sa.select(cases.c.installment_id)
            .join(step_cases, step_cases.c.case_id == cases.c.id)
            .where(among(connection, step_cases.c.step_id, step_ids))
            .where(cases.c.step_id == step_cases.c.step_id)
        )
        review_on(connection, inside, on)


def review_client(connection: Connection, client: int, on: date) -> None:
    """The same for everything open of a client."""
    review_where(connection, sa.and_(installments.c.client_id == client, _OPEN), on)


def review_where(connection: Connection, condition: sa.ColumnElement[bool], on: date) -> None:
    """The same for the installments that a condition names."""
    _add(connection, _named(condition, on))


def review_new(connection: Connection, source_id: int, after: int, on: date) -> None:
    """The same for the installments of a source that have just come, after that id."""
    new = sa.and_(installments.c.id > after, installments.c.source_id == source_id)
    _add(connection, _named(new, on).order_by(installments.c.client_id, installments.c.id))


def review_uncased(connection: Connection, on: date) -> int:
    """New iters may be meant for any open debt without a running case. How many these are."""
    running = sa.exists().where(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    return _review_counted(connection, sa.and_(_OPEN, installments.c.residual > 0, ~running), on)


def review_all(connection: Connection, on: date) -> int:
    """Rules that running cases follow too have changed: everything open is looked at again. How
    many installments that is."""
    return _review_counted(connection, sa.and_(_OPEN, installments.c.residual > 0), on)


def _review_counted(connection: Connection, condition: sa.ColumnElement[bool], on: date) -> int:
    count = sa.select(sa.func.count()).select_from(installments).where(condition)
    # While no planner takes rows off, those that are there serve: on the day of the first load
    # that is every one of them.
    take_turn(connection)
    there = sa.exists().where(
        agenda.c.look_on == on,
        agenda.c.client_id == installments.c.client_id,
        agenda.c.installment_id == installments.c.id,
    )
    review_where(connection, sa.and_(condition, ~there), on)
    return connection.execute(count).scalar_one()


def take_turn(connection: Connection) -> None:
    """Alone with the agenda until the transaction ends: nobody plans, and no sync changes facts.

    SQLite's write lock does the same.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PLANNERS_LOCK)))


def take_turn_of_source(connection: Connection, source_id: int) -> None:
    """For a sync: nobody plans clients of that source meanwhile; other sources' syncs go on."""
    if connection.dialect.name == "postgresql":
        locks = sa.func
        connection.execute(sa.select(locks.pg_advisory_xact_lock_shared(PLANNERS_LOCK)))
        connection.execute(sa.select(locks.pg_advisory_xact_lock(SOURCES_LOCK, source_id)))


def take_turn_at(connection: Connection, page: Page) -> None:
    """For planning: nobody else plans these clients or changes their facts in bulk meanwhile.

    Planners of other clients go on: the locks are of blocks of clients, taken in their order.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(PLANNERS_LOCK)))
    source = sa.cast(sources.c.id, sa.Integer)
    of_source = sa.func.pg_advisory_xact_lock_shared(SOURCES_LOCK, source)
    connection.execute(sa.select(of_source).order_by(sources.c.id)).all()
    blocks = sa.func.generate_series(page[0] // BLOCK, page[1] // BLOCK).column_valued("block")
    of_block = sa.func.pg_advisory_xact_lock(BLOCKS_LOCK, sa.cast(blocks, sa.Integer))
    connection.execute(sa.select(of_block)).all()


# Any numbers that no other use of advisory locks takes.
PLANNERS_LOCK: Final = 0x1CA550
SOURCES_LOCK: Final = 0x1CA551
BLOCKS_LOCK: Final = 0x1CA552

BLOCK: Final = 1024
"""Clients under one lock: a million of them are 1,000 locks, and a server has room for 6,400."""


def review_postponed(connection: Connection, source_id: int, on: date) -> None:
    """Planning that met an untrusted ledger today said tomorrow; it may look today after all."""
    postponed = sa.and_(
        installments.c.source_id == source_id,
        _OPEN,
        installments.c.id.in_(_rows_due([on + timedelta(days=1)])),
    )
    review_where(connection, postponed, on)


def review_bills(connection: Connection, source_id: int, on: date) -> None:
    """How long the source's bills are left to the bank has changed."""
    presented = sa.and_(_OPEN, installments.c.presented_on.is_not(None))
    review_where(connection, sa.and_(installments.c.source_id == source_id, presented), on)


def review_promised(connection: Connection, source_id: int, on: date) -> None:
    """How long the source's promised payments may be on their way has changed."""
    covered = (
        sa.select(agreement_installments.c.installment_id)
        .join(agreements, agreements.c.id == agreement_installments.c.agreement_id)
        .where(agreements.c.source_id == source_id, agreements.c.status == AgreementStatus.ACTIVE)
    )
    review_on(connection, covered, on)


def _named(condition: sa.ColumnElement[bool], on: date) -> sa.Select[Any]:
    day = sa.literal(on, sa.Date())
    return sa.select(day, installments.c.client_id, installments.c.id).where(condition)


def _add(connection: Connection, rows: sa.Select[Any]) -> None:
    """Rows that are there already are added again on PostgreSQL: planning may be taking them off
    at this moment, and must look once more."""
    new = sa.insert(agenda).from_select(_COLUMNS, rows)
    connection.execute(new.prefix_with("OR IGNORE", dialect="sqlite"))


Page = tuple[int, int]
"""The first and the last client of a page."""

EVERYBODY: Final[Page] = (0, 2**62)


def due_pages(
    connection: Connection, on: date, size: int, clients: Page = EVERYBODY
) -> Iterator[Page]:
    """All clients with something to look at, in pages of so many looks at most, but for a client
    with more. Nothing due costs one look-up; a page costs a walk along its own part of the index.
    """
    days = due_days(connection, on)
    highest = _highest(connection, days, clients)
    each = max(size // max(len(days), 1), 1)
    first, end = clients[0], min(highest, clients[1])
    while first <= end:
        ends = [_end_of_page(connection, day, first, each) for day in days]
        last = min((found for found in ends if found is not None), default=end)
        yield first, min(last, end)
        first = last + 1


def _highest(connection: Connection, days: Sequence[date], clients: Page) -> int:
    """The last of these clients who has something to look at; -1: nobody has."""
    first, last = clients
    found = (
        fixed.rows(connection, _HIGHEST, day=day, first=first, last=last)[0][0] for day in days
    )
    return max((one for one in found if one is not None), default=-1)


_HIGHEST: Final = """
SELECT max(client_id) FROM agenda WHERE look_on = :day AND client_id BETWEEN :first AND :last
"""


def count_due(connection: Connection, on: date) -> int:
    """How many looks there are on that day, a doubled one counted twice."""
    due = agenda.c.look_on.in_(due_days(connection, on))
    return connection.scalar(sa.select(sa.func.count()).select_from(agenda).where(due)) or 0


def _end_of_page(connection: Connection, day: date, first: int, size: int) -> int | None:
    """The client with whom so many looks of a day are full; null: there are fewer left."""
    found = fixed.rows(connection, _END_OF_PAGE, day=day, first=first, before=size - 1)
    return found[0][0] if found else None


_END_OF_PAGE: Final = """
SELECT client_id FROM agenda WHERE look_on = :day AND client_id >= :first
ORDER BY client_id LIMIT 1 OFFSET :before
"""


@contextmanager
def taking(connection: Connection, on: date, page: Page) -> Iterator[sa.FromClause]:
    """For planning alone: what it has to look at on that day of a page's clients, as a table with
    `installment_id` for one query. It is off the agenda afterwards.

    A row that comes at this moment stays for the next plan: PostgreSQL takes off what it gives in
    one statement, and SQLite has no other writer meanwhile.
    """
    days = due_days(connection, on)
    due = sa.and_(agenda.c.look_on.in_(days), agenda.c.client_id.between(*page))
    if connection.dialect.name == "sqlite":
        yield sa.select(agenda.c.installment_id).where(due).subquery("due")
        for day in days:
            fixed.run(connection, _TAKE_OFF, day=day, first=page[0], last=page[1])
    else:
        yield sa.delete(agenda).where(due).returning(agenda.c.installment_id).cte("due")


_TAKE_OFF: Final = """
DELETE FROM agenda WHERE look_on = :day AND client_id BETWEEN :first AND :last
"""


def look_again(connection: Connection, rows: Collection[tuple[date, int, int]]) -> None:
    """For planning alone, after it has looked: the days of the next looks, each with the client
    and the installment. None: nothing to expect until something changes."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        texts = [(day.isoformat(), client, number) for day, client, number in rows]
        driver.executemany("INSERT OR IGNORE INTO agenda VALUES (?, ?, ?)", texts)
        return
    # Clients with credits are looked at whole again and again, to come to the same days.
    days, owners, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    with driver.cursor() as cursor:
        cursor.execute(_NEW_LOOKS, [as_array(days), as_array(owners), as_array(numbers)])


_NEW_LOOKS: Final = """
INSERT INTO agenda (look_on, client_id, installment_id)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[]) AS v(day, client, installment)
WHERE NOT EXISTS (SELECT FROM agenda AS a
                  WHERE (a.look_on, a.client_id, a.installment_id) = (day, client, installment))
"""
