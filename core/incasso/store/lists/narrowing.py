"""Filters and scopes that say whose rows: the clients are found first, then their rows by id.

Why: a code, an agent or an operator stands on the client. A query that joins the clients to compare
it is carried out, as often as not, by a walk through the whole list; one that is given the ids of a
few clients reads just their rows, by index. Must equal: the comparison itself, which stays where
the clients are many. `tests/lists/test_narrowing.py` holds it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.office.actor import Scope
from incasso.store.lists.paths import Paths
from incasso.store.office.scope import within
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.office import users
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries

FEW: Final = 500
"""So many clients are named by their ids. Of more, one row of a hundred is theirs, and a page comes
together on the way through the list."""

_MOST_PREDECESSORS: Final = 20


def named(paths: Paths, text: str) -> ColumnElement[bool]:
    """Rows of the client written as CODE or SOURCE/CODE, and of those whose place it took when the
    ERP renumbered or merged them."""
    found = _clients_named(paths.connection, text)
    if paths.listing.client:
        found += _predecessors(paths.connection, found)
    return _found(paths, found)


def of_clients(paths: Paths, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows of the clients that fulfil a condition on `clients` alone."""
    few = _few(paths.connection, sa.select(clients.c.id).where(condition))
    if few is not None:
        return _found(paths, few)
    assert paths.clients is clients
    return condition


def in_scope_of_clients(paths: Paths, scope: Scope) -> ColumnElement[bool]:
    """Rows of the clients that a scope lets through; it stays in the query whatever is found."""
    if (scope.agents, scope.depots, scope.operator) == (None, None, None):
        return of_sources(paths, scope.sources)
    assert (paths.clients, paths.sources) == (clients, sources)
    condition = within(scope)
    query = sa.select(clients.c.id).join(sources, sources.c.id == clients.c.source_id)
    few = _few(paths.connection, query.where(condition))
    return condition if few is None else sa.and_(_found(paths, few), condition)


def of_sources(paths: Paths, names: Collection[str] | None) -> ColumnElement[bool]:
    """Rows of the sources of these names; None is all."""
    if names is None:
        return sa.true()
    query = sa.select(sources.c.id).where(sources.c.name.in_(sorted(names)))
    return paths.source_key.in_(paths.connection.scalars(query).all())


def of_operator(paths: Paths, path: str, login: str) -> ColumnElement[bool]:
    """Rows whose operator, at the end of a path, has this login."""
    number = paths.connection.scalar(sa.select(users.c.id).where(users.c.login == login))
    if number is None:
        return sa.false()
    way = path.removesuffix(".login")
    if way == "client.operator" and paths.listing.client == "client":
        return of_clients(paths, clients.c.operator_id == number)
    column: ColumnElement[bool] = paths.column(f"{way}_id") == number
    return column


def events_of(paths: Paths, text: str) -> ColumnElement[bool]:
    """Events, which name their client in words, of the one written as CODE or SOURCE/CODE."""
    source, slash, code = text.partition("/")
    names = paths.connection.scalars(sa.select(sources.c.name)).all()
    # Every source by name, for the index of events begins with the source.
    named = sa.and_(paths.column("source").in_(["", *names]), paths.column("client") == text)
    paths.finds = True
    if not slash:
        return named
    return named | ((paths.column("source") == source) & (paths.column("client") == code))


def _clients_named(connection: Connection, text: str) -> list[int]:
    """The ids of the clients written as CODE, or as SOURCE/CODE."""
    source, slash, code = text.partition("/")
    every = sa.select(sources.c.id)
    # Every source by name, for the index of codes begins with the source.
    condition = sa.and_(clients.c.code == text, clients.c.source_id.in_(every))
    query = sa.select(clients.c.id).where(condition)
    found = list(connection.scalars(query))
    if slash:
        its = sa.and_(
            clients.c.code == code, clients.c.source_id.in_(every.where(sources.c.name == source))
        )
        found += connection.scalars(sa.select(clients.c.id).where(its)).all()
    return list(dict.fromkeys(found))


def _predecessors(connection: Connection, ids: list[int]) -> list[int]:
    """The clients that these took over, and those before them."""
    found: list[int] = []
    new = ids
    while new and len(found) < _MOST_PREDECESSORS:
        query = sa.select(clients.c.id).where(
            clients.c.successor_id.is_not(None), clients.c.successor_id.in_(new)
        )
        new = [each for each in connection.scalars(query) if each not in (*ids, *found)]
        found += new
    return found


def _few(connection: Connection, query: sa.Select[Any]) -> list[int] | None:
    found = list(connection.scalars(query.limit(FEW + 1)))
    return found if len(found) <= FEW else None


def _found(paths: Paths, ids: list[int]) -> ColumnElement[bool]:
    """The rows of these clients; a page reads all of them and sorts, instead of walking."""
    paths.finds = True
    theirs = among(paths.connection, paths.client_key, ids)
    if paths.client_key.table is not deliveries:
        return theirs
    # Messages have no index of their clients: it would be one more to write for each that leaves.
    # Their steps have.
    own = sa.select(steps.c.id).where(among(paths.connection, steps.c.client_id, ids))
    return sa.and_(theirs, deliveries.c.step_id.in_(own))
