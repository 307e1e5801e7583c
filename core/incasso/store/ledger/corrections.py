"""Addresses of clients that a person corrected, and what a sync means for them.

The client's own columns hold what is in force, so that planning, messages and lists need not know
of corrections. A sync writes what the ERP says over them; afterwards the corrections of those
clients are laid on again, except where the ERP says something else than when it was corrected:
somebody changed it there since, and that is newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store import seals
from incasso.store.ledger import client_words
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import client_corrections, clients
from incasso.store.written_rows import written

REPLACED = "replaced"
BY_ERP = "erp"

_IN_FORCE = client_corrections.c.ended_on.is_(None)


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a client as a person corrected it."""

    client_id: int
    field: str
    value: str
    origin: str
    made_by: str
    made_on: date


class Overruled(msgspec.Struct, frozen=True):
    """A correction that ended because the ERP says something else now."""

    client: str
    field: str
    value: str
    erp_value: str


class _Standing(msgspec.Struct, frozen=True):
    id: int
    client_id: int
    client: str
    value: str
    erp_value: str
    now: str


def make(connection: Connection, new: Correction) -> int:
    """Write a correction and put it in force; the one before it ends. Its id."""
    table = client_corrections
    mine = sa.and_(table.c.client_id == new.client_id, table.c.field == new.field, _IN_FORCE)
    before = connection.execute(sa.select(table.c.erp_value).where(mine)).one_or_none()
    column = clients.c[new.field]
    erp_value = (
        connection.scalar(sa.select(column).where(clients.c.id == new.client_id))
        if before is None
        else before.erp_value
    )
    ending = sa.update(table).where(mine).values(ended_on=new.made_on, ended_by=REPLACED)
    connection.execute(ending)
    values = {**msgspec.structs.asdict(new), "erp_value": erp_value}
    made = connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one()
    written(connection, table.name, made)
    seals.change(connection, clients, new.client_id, {new.field: new.value})
    client_words.renew(connection, [new.client_id])
    return int(made)


def in_force(connection: Connection, client: int, field: str) -> int | None:
    """The id of the correction of a field, if there is one."""
    table = client_corrections
    query = sa.select(table.c.id).where(
        table.c.client_id == client, table.c.field == field, _IN_FORCE
    )
    return connection.scalar(query)


def lay_on_again(connection: Connection, source_id: int, on: date) -> list[Overruled]:
    """After clients were written: corrections in force again, or ended; those that ended.

    Costs a look at every correction in force of the source, of which there are few.
    """
    ended = []
    for field in _fields(connection, source_id):
        for one in _disturbed(connection, source_id, field):
            if one.now == one.erp_value:
                seals.change(connection, clients, one.client_id, {field: one.value})
                client_words.renew(connection, [one.client_id])
            else:
                _end(connection, one.id, on)
                ended.append(Overruled(one.client, field, one.value, one.now))
    return ended


def _fields(connection: Connection, source_id: int) -> Iterator[str]:
    table = client_corrections
    query = (
        sa.select(table.c.field)
        .distinct()
        .join(clients, clients.c.id == table.c.client_id)
        .where(clients.c.source_id == source_id, _IN_FORCE)
    )
    yield from connection.scalars(query.order_by(table.c.field)).all()


def _disturbed(connection: Connection, source_id: int, field: str) -> list[_Standing]:
    """The corrections of a field whose client shows another value now."""
    table, column = client_corrections, clients.c[field]
    query = (
        sa.select(*columns_of(_Standing, table, client=clients.c.code, now=column))
        .join(clients, clients.c.id == table.c.client_id)
        .where(clients.c.source_id == source_id, _IN_FORCE, table.c.field == field)
        .where(column != table.c.value)
        .order_by(clients.c.code)
    )
    return records(connection, _Standing, query)


def _end(connection: Connection, number: int, on: date) -> None:
    table = client_corrections
    ending = sa.update(table).where(table.c.id == number)
    connection.execute(ending.values(ended_on=on, ended_by=BY_ERP))
