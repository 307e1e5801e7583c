"""Documents and payments of the ERP: written by key, never closed by being absent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table

from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, sources

Values = dict[str, Any]


class _Held(msgspec.Struct, frozen=True):
    """A document or payment that is there already."""

    id: int
    key: str
    fingerprint: bytes
    gone_on: date | None


def client_ids(connection: Connection, source_id: int, codes: Collection[str]) -> dict[str, int]:
    """The source's clients of these codes that the ledger knows."""
    query = sa.select(clients.c.code, clients.c.id).where(
        clients.c.source_id == source_id, clients.c.code.in_(list(codes))
    )
    return {row.code: row.id for row in connection.execute(query)}


def upsert(
    connection: Connection, table: Table, source_id: int, rows: Sequence[Values]
) -> tuple[int, int]:
    """Write a page of rows by key; gives how many were new and how many had changed.

    A row with the fingerprint that is there already is left alone; one that was gone is back.
    """
    held = _held(connection, table, source_id, [row["key"] for row in rows])
    new, changed = [], []
    for row in rows:
        known = held.get(row["key"])
        if known is None:
            new.append({"source_id": source_id, **row})
        elif known.fingerprint != row["fingerprint"] or known.gone_on is not None:
            changed.append({"b_id": known.id, **row, "gone_on": None})
    if new:
        connection.execute(sa.insert(table), new)
    if changed:
        connection.execute(sa.update(table).where(table.c.id == sa.bindparam("b_id")), changed)
    return len(new), len(changed)


def mark_gone(
    connection: Connection, table: Table, source_id: int, keys: Sequence[str], on: date
) -> int:
    """What the ERP says it deleted is kept and marked; gives how many were not yet."""
    found = [row.id for row in _held(connection, table, source_id, keys).values()]
    marked = sa.update(table).where(table.c.id.in_(found), table.c.gone_on.is_(None))
    return connection.execute(marked.values(gone_on=on)).rowcount if found else 0


def set_cursor(
    connection: Connection, source_id: int, column: Column[str | None], cursor: str | None
) -> None:
    """Where the pull stopped; `column` is the source's that keeps it."""
    change = sa.update(sources).where(sources.c.id == source_id)
    connection.execute(change.values({column: cursor}))


def set_read_on(connection: Connection, source_id: int, on: date) -> None:
    """Documents and payments were read from the beginning on that day."""
    change = sa.update(sources).where(sources.c.id == source_id)
    connection.execute(change.values(history_read_on=on))


def _held(
    connection: Connection, table: Table, source_id: int, keys: Sequence[str]
) -> Mapping[str, _Held]:
    query = sa.select(*columns_of(_Held, table)).where(
        table.c.source_id == source_id, table.c.key.in_(list(keys))
    )
    return {row.key: row for row in records(connection, _Held, query)}
