"""Sources with rows that somebody else changed, put in or deleted; to be told without a sync."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.store.seals import unlike_seal
from incasso.store.tables.ledger import clients, installments, sources

_COMPARED: Final[Mapping[Table, sa.ColumnElement[Any]]] = {
    clients: sources.c.clients_compared_on,
    installments: sources.c.compared_on,
}


class AlteredSource(msgspec.Struct, frozen=True):
    """A source with rows that somebody else changed or put in."""

    source: str
    rows: int
    client: str
    """Of one of them."""
    key: str
    """Of one of them; empty: the rows are clients."""


class LostRows(msgspec.Struct, frozen=True):
    """A source of which another number of rows is there than its last sync left."""

    source: str
    table: str
    left: int | None
    held: int


def altered_clients(connection: Connection, names: Collection[str] = ()) -> list[AlteredSource]:
    """Which sources (of these, or all) hold clients that somebody else changed."""
    return [
        AlteredSource(source, rows, _client(connection, first), "")
        for source, rows, first in _altered(connection, clients, names)
    ]


def altered_installments(
    connection: Connection, names: Collection[str] = ()
) -> list[AlteredSource]:
    """The same of installments."""
    return [
        AlteredSource(source, rows, *_installment(connection, first))
        for source, rows, first in _altered(connection, installments, names)
    ]


def _altered(
    connection: Connection, table: Table, names: Collection[str]
) -> list[tuple[str, int, int]]:
    query = (
        sa.select(sources.c.name, sa.func.count(), sa.func.min(table.c.id))
        .join(table, table.c.source_id == sources.c.id)
        .where(_COMPARED[table].is_not(None), unlike_seal(table))
        .group_by(sources.c.name)
        .order_by(sources.c.name)
    )
    if names:
        query = query.where(sources.c.name.in_(names))
    return [(name, int(rows), int(first)) for name, rows, first in connection.execute(query)]


def lost_rows(connection: Connection, names: Collection[str] = ()) -> list[LostRows]:
    """Where the number of rows is another than the last sync left it."""
    query = sa.select(sources.c.id, sources.c.name, sources.c.rows_held).order_by(sources.c.name)
    if names:
        query = query.where(sources.c.name.in_(names))
    return [
        LostRows(name, table, left, held)
        for source, name, before in connection.execute(query).all()
        if before
        for table, held in rows_of(connection, source).items()
        if held != (left := before.get(table))
    ]


def rows_of(connection: Connection, source_id: int) -> dict[str, int]:
    """How many rows there are of a source, by table. Reads an index of every row."""
    return {
        table.name: int(
            connection.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.source_id == source_id)
            )
            or 0
        )
        for table in _COMPARED
    }


def rows_of_source(connection: Connection, name: str) -> dict[str, int]:
    """The same by its name; of an unknown one none."""
    source = connection.scalar(sa.select(sources.c.id).where(sources.c.name == name))
    return rows_of(connection, -1 if source is None else source)


def _client(connection: Connection, number: int) -> str:
    return str(connection.scalar(sa.select(clients.c.code).where(clients.c.id == number)))


def _installment(connection: Connection, number: int) -> tuple[str, str]:
    query = (
        sa.select(clients.c.code, installments.c.key)
        .select_from(installments)
        .outerjoin(clients, clients.c.id == installments.c.client_id)
        .where(installments.c.id == number)
    )
    client, key = connection.execute(query).one()
    return client or "", key
