"""Contacts of clients by role, as they are written down."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.records import columns_of, records
from incasso.store.tables.reaching import client_contacts
from incasso.store.written_rows import written

REPLACED: Final = "replaced"


class KeptContact(msgspec.Struct, frozen=True):
    """A contact of a client; the empty addresses are not given."""

    source_id: int
    client_id: int
    role: str
    made_on: date
    person: str = ""
    language: str = ""
    """Of the messages to it; empty: the client's."""
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    address: str = ""
    zip: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    reason: str = ""
    origin: str = ""
    """Where the office has it from."""
    made_by: str = ""


class InForce(msgspec.Struct, frozen=True):
    """A contact in force, and its number."""

    id: int
    contact: KeptContact


def in_force(connection: Connection, client: int, role: str) -> InForce | None:
    """The client's contact of that role."""
    table = client_contacts
    mine = sa.and_(table.c.client_id == client, table.c.role == role, table.c.ended_on.is_(None))
    query = sa.select(*columns_of(KeptContact, table)).where(mine)
    number = connection.scalar(sa.select(table.c.id).where(mine))
    if number is None:
        return None
    (contact,) = records(connection, KeptContact, query)
    return InForce(number, contact)


def make(connection: Connection, new: KeptContact) -> int:
    """Keep it; its id. The one before it must have been ended."""
    table = client_contacts
    values = msgspec.structs.asdict(new)
    made = connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one()
    written(connection, table.name, made)
    return int(made)


def end(connection: Connection, number: int, on: date, by: str) -> None:
    """It serves no longer; `by`: who took it away, or `REPLACED`."""
    ending = sa.update(client_contacts).where(client_contacts.c.id == number)
    connection.execute(ending.values(ended_on=on, ended_by=by))
