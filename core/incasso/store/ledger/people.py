"""Agents and depots: who on our side gets copies; small tables, compared in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.contract.ledger import PersonRecord
from incasso.store.tables.ledger import agents, depots

_TABLES: Final = {"agents": agents, "depots": depots}


def apply_people(
    connection: Connection, source_id: int, people: Mapping[str, Mapping[str, PersonRecord]]
) -> int:
    """New and changed agents and depots by code; gives the number. Nobody is removed.

    An agent who left still stands on old documents.
    """
    return sum(
        _apply(connection, _TABLES[kind], source_id, records) for kind, records in people.items()
    )


def _apply(
    connection: Connection, table: Table, source_id: int, records: Mapping[str, PersonRecord]
) -> int:
    held = {
        row.code: row
        for row in connection.execute(sa.select(table).where(table.c.source_id == source_id))
    }
    new, changed = [], 0
    for code, record in records.items():
        values: dict[str, Any] = msgspec.structs.asdict(record)
        row = held.get(code)
        if row is None:
            new.append({"source_id": source_id, **values})
        elif any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(sa.update(table).where(table.c.id == row.id).values(values))
            changed += 1
    if new:
        connection.execute(sa.insert(table), new)
    return len(new) + changed
