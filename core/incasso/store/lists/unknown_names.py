"""Whether a filter names something that exists: a misspelt agent is not an agent without debts.

Asked only where a list came out empty, so that it costs nothing where there is something to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Select

from incasso.domain.office.actor import Scope
from incasso.store.lists.listing import CLIENT, Listing
from incasso.store.office.scope import within
from incasso.store.tables import metadata
from incasso.store.tables.ledger import clients, sources


class UnknownName(msgspec.Struct, frozen=True):
    """A filter's value that nothing has, and what there is instead."""

    filter: str
    value: str
    known: tuple[str, ...]


def unknown_name(
    connection: Connection, listing: Listing, scope: Scope, wanted: Mapping[str, Any]
) -> UnknownName | None:
    """The first filter that names nothing the scope lets through."""
    for one in listing.filters:
        value = wanted.get(one.name)
        if not one.among or not isinstance(value, str) or not value:
            continue
        if one.among == CLIENT:
            if not _is_client(connection, scope, value):
                return UnknownName(one.name, value, ())
            continue
        known = {name for place in one.among.split() for name in _names(connection, scope, place)}
        known |= set(one.known() if one.known is not None else ())
        if value not in known:
            return UnknownName(one.name, value, tuple(sorted(known)))
    return None


def _is_client(connection: Connection, scope: Scope, value: str) -> bool:
    """Whether it is CODE or SOURCE/CODE of a client."""
    source, _, code = value.partition("/")
    named = sa.or_(
        clients.c.code == value, sa.and_(sources.c.name == source, clients.c.code == code)
    )
    query = _of_clients(sa.select(clients.c.id), scope).where(named).limit(1)
    return connection.scalar(query) is not None


def _names(connection: Connection, scope: Scope, place: str) -> Iterator[str]:
    """The values of a column, written as `table.column`; of clients only the scope's own."""
    table, _, name = place.partition(".")
    column = metadata.tables[table].c[name]
    query = sa.select(sa.cast(column, sa.Text)).distinct().where(column != "")
    if table == clients.name:
        query = _of_clients(query, scope)
    yield from connection.scalars(query)


def _of_clients(query: Select[Any], scope: Scope) -> Select[Any]:
    return query.join(sources, sources.c.id == clients.c.source_id).where(within(scope))
