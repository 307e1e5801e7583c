"""The journal as a list, in the order things happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from incasso.store.lists.filters import narrow, narrow_days
from incasso.store.lists.rows import Fields, pages
from incasso.store.tables.proof import journal


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """Which events; days are business dates."""

    source: str | None = None
    client: str | None = None
    kind: str | None = None
    actor: str | None = None
    first_on: date | None = None
    last_on: date | None = None


def events(connection: Connection, wanted: JournalFilter) -> Iterator[Fields]:
    """Events by id, which is the order of the hash chain."""
    query = sa.select(journal).order_by(journal.c.id)
    for column, value in (
        (journal.c.source, wanted.source),
        (journal.c.kind, wanted.kind),
        (journal.c.actor, wanted.actor),
    ):
        query = narrow(query, column, value)
    if wanted.client is not None:
        query = query.where(_about(wanted.client))
    query = narrow_days(query, journal.c.on_date, wanted.first_on, wanted.last_on)
    for page in pages(connection, query):
        yield from (_event(row) for row in page)


def _about(client: str) -> ColumnElement[bool]:
    """The client written as CODE or SOURCE/CODE, as in the other lists."""
    source, slash, code = client.partition("/")
    whole = journal.c.client == client
    if not slash:
        return whole
    return sa.or_(whole, sa.and_(journal.c.source == source, journal.c.client == code))


def _event(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "at": row.at,
        "on": row.on_date,
        "actor": row.actor,
        "kind": row.kind,
        "source": row.source,
        "client": row.client,
        "subject": row.subject,
        "facts": row.facts,
    }
