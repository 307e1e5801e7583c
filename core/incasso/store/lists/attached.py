"""A file beside an act, found again by its digest."""

from __future__ import annotations

from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.actor import Scope
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.proof import attachments


class Attached(msgspec.Struct, frozen=True):
    """One file beside an act."""

    sha256: str
    name: str
    size: int
    source: str
    client: str
    act: str
    subject: str
    on_date: date
    made_by: str


def called(connection: Connection, scope: Scope, digest: str) -> list[Attached]:
    """The files whose SHA-256 begins so, of clients in the scope, newest act first."""
    table = attachments
    query = (
        sa.select(*columns_of(Attached, table, source=sources.c.name, client=clients.c.code))
        .join(clients, clients.c.id == table.c.client_id)
        .join(sources, sources.c.id == table.c.source_id)
        # A range instead of LIKE, which neither database answers by an ordinary index.
        .where(table.c.sha256 >= digest, table.c.sha256 < digest + "g", within(scope))
        .order_by(table.c.id.desc())
    )
    return records(connection, Attached, query)
