"""The client that a source and a code name, as the ledger is now."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import clients, sources


class NamedClient(msgspec.Struct, frozen=True):
    """A client of the ledger."""

    source_id: int
    id: int


def client_named(connection: Connection, source: str, code: str) -> NamedClient | None:
    """The client of that code; None if the ledger has none."""
    query = (
        sa.select(clients.c.source_id, clients.c.id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(sources.c.name == source, clients.c.code == code)
    )
    row = connection.execute(query).one_or_none()
    return NamedClient(*row) if row else None
