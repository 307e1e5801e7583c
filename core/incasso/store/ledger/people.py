"""Agents and depots: who on our side gets copies; small tables, compared in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection, Table

from incasso.contract.ledger import PersonRecord
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import agents, depots

_TABLES: Final = {"agents": agents, "depots": depots}


def apply_people(
    connection: Connection, source_id: int, people: Mapping[str, Mapping[str, PersonRecord]]
) -> int:
    """New and changed agents and depots by code; gives the number. Nobody is removed.

    An agent who left still stands on old documents.
    """
    return sum(
        _apply(connection, _TABLES[kind], source_id, given) for kind, given in people.items()
    )


class _Known(msgspec.Struct, frozen=True):
    """An agent or depot as the ledger has it."""

    id: int
    code: str
    name: str
    email: str
    pec: str
    phone: str
    mobile: str

    def record(self) -> PersonRecord:
        """What the ERP would say of it."""
        return PersonRecord(
            code=self.code,
            name=self.name,
            email=self.email,
            pec=self.pec,
            phone=self.phone,
            mobile=self.mobile,
        )


def _apply(
    connection: Connection, table: Table, source_id: int, given: Mapping[str, PersonRecord]
) -> int:
    query = sa.select(*columns_of(_Known, table)).where(table.c.source_id == source_id)
    held = {known.code: known for known in records(connection, _Known, query)}
    new, changed = [], 0
    for code, record in given.items():
        known = held.get(code)
        if known is None:
            new.append({"source_id": source_id, **asdict(record)})
        elif known.record() != record:
            change = sa.update(table).where(table.c.id == known.id)
            connection.execute(change.values(**asdict(record)))
            changed += 1
    if new:
        connection.execute(sa.insert(table), new)
    return len(new) + changed
