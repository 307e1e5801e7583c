"""How many cases of each client run, for pages that must not count them one by one.

Planning opens cases by the thousand and knows how many of whom: it adds. Whoever changes a few has
them counted again. Both are done at the end of the transaction that changed them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import CaseState
from incasso.store import before_commit
from incasso.store.sql_ids import among, as_array
from incasso.store.tables.recovery import cases
from incasso.store.tables.totals import client_cases


@dataclass
class _Changed:
    """What the open transaction did to the cases of clients."""

    more: Counter[int] = field(default_factory=Counter)
    """By client how many run now that did not; negative: fewer."""
    again: set[int] = field(default_factory=set)
    """Clients whose cases are counted one by one."""


def add(connection: Connection, more: Mapping[int, int]) -> None:
    """So many cases of these clients were opened."""
    _collected(connection).more.update(more)


def take_off(connection: Connection, closed: Iterable[int]) -> None:
    """A case was closed of each of these clients; they repeat."""
    _collected(connection).more.subtract(closed)


def count_again(connection: Connection, clients: Collection[int]) -> None:
    """Something happened to cases of these clients."""
    if clients:
        _collected(connection).again.update(clients)


def running_of(which: sa.ColumnElement[bool]) -> sa.Select[tuple[int, int]]:
    """The running cases of clients, counted one by one."""
    running = sa.func.count().label("running")
    query = sa.select(cases.c.client_id, running).where(which, cases.c.state != CaseState.CLOSED)
    return query.group_by(cases.c.client_id)


def count_all(connection: Connection) -> None:
    """Count everybody's again."""
    connection.execute(sa.delete(client_cases))
    _insert(connection, sa.true())


def wrong(connection: Connection) -> list[int]:
    """Clients for whom another number is kept than there are."""
    kept = sa.select(client_cases.c.client_id, client_cases.c.running).where(
        client_cases.c.running != 0
    )
    counted = running_of(sa.true())
    found: set[int] = set()
    for one, other in ((kept, counted), (counted, kept)):
        found.update(connection.scalars(one.except_(other)))
    return sorted(found)


def _collected(connection: Connection) -> _Changed:
    return before_commit.collected(connection, _write, _Changed())


def _write(connection: Connection, changed: _Changed) -> None:
    again = changed.again
    if again:
        theirs = among(connection, client_cases.c.client_id, again)
        connection.execute(sa.delete(client_cases).where(theirs))
        _insert(connection, among(connection, cases.c.client_id, again))
    more = [(who, n) for who, n in sorted(changed.more.items()) if n and who not in again]
    if more:
        _add(connection, more)


def _insert(connection: Connection, which: sa.ColumnElement[bool]) -> None:
    rows = running_of(which)
    connection.execute(sa.insert(client_cases).from_select(["client_id", "running"], rows))


def _add(connection: Connection, more: list[tuple[int, int]]) -> None:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.executemany(f"INSERT INTO client_cases VALUES (?, ?) {_OR_ADD}", more)
        return
    who, numbers = zip(*more, strict=True)
    with driver.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO client_cases SELECT * FROM unnest(%s::bigint[], %s::int[]) {_OR_ADD}",
            [as_array(who), as_array(numbers)],
        )


_OR_ADD: Final = (
    "ON CONFLICT (client_id) DO UPDATE SET running = client_cases.running + excluded.running"
)
