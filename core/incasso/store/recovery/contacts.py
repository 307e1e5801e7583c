"""Contacts with clients as they are kept, and the office's list of what may come of one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.contacts import DEFAULT_OUTCOMES, Outcome
from incasso.store.tables.office import office_settings
from incasso.store.tables.recovery import conversations
from incasso.store.written_rows import written

OUTCOMES: Final = "outcomes"
"""The office setting that holds the list."""


class NewContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that took place, or was tried; the contact policy counts calls and visits."""

    client_id: int
    installment_id: int | None = None
    step_id: int | None = None
    on_date: date
    at: datetime
    medium: str
    """A `ContactKind`."""
    effective: bool
    """Whether the client was spoken with."""
    who: str
    """Who of the office."""
    note: str = ""
    spoken_with: str = ""
    number: str = ""
    outcome: str = ""
    minutes: int | None = None
    call_back_on: date | None = None
    call_back_time: str = ""


def record(connection: Connection, new: NewContact) -> int:
    """Write it down; its id."""
    insert = sa.insert(conversations).values(msgspec.structs.asdict(new))
    made = int(connection.execute(insert.returning(conversations.c.id)).scalar_one())
    written(connection, conversations.name, made)
    return made


def outcomes(connection: Connection) -> tuple[Outcome, ...]:
    """The office's list, in its order; the shipped one where it published none."""
    return own_outcomes(connection) or DEFAULT_OUTCOMES


def own_outcomes(connection: Connection) -> tuple[Outcome, ...]:
    """The list that the office published; empty if it published none."""
    query = sa.select(office_settings.c.value).where(office_settings.c.key == OUTCOMES)
    found = connection.execute(query).one_or_none()
    if found is None:
        return ()
    return msgspec.convert(found.value, tuple[Outcome, ...])
