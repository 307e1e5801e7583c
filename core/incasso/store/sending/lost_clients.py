"""Messages that left, found by `recover`, to clients that the ledger did not have then.

They are accounted for: nobody is asked about them again. If the ledger has the client later, e.g.
because it could not be read before, the message is written down as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.proof import left_without_client
from incasso.store.upserting import insert_into


def note(connection: Connection, delivery: str, source: str, client: str, at: datetime) -> None:
    """Keep it until the client is there; idempotent."""
    row = {"delivery_id": delivery, "source": source, "client": client, "at": at}
    connection.execute(insert_into(connection, left_without_client).on_conflict_do_nothing(), row)


def forget(connection: Connection, delivery: str) -> None:
    """It is a delivery like any other now."""
    table = left_without_client
    connection.execute(sa.delete(table).where(table.c.delivery_id == delivery))


def still_without(connection: Connection) -> frozenset[str]:
    """Deliveries whose client the ledger still does not have."""
    query = sa.select(left_without_client.c.delivery_id).where(~_has_client())
    return frozenset(connection.scalars(query))


def noted(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of some hundred deliveries are noted here."""
    table = left_without_client
    return set(
        connection.scalars(sa.select(table.c.delivery_id).where(table.c.delivery_id.in_(ids)))
    )


def any_returned(connection: Connection) -> bool:
    """Whether the ledger has one of these clients now."""
    query = sa.select(left_without_client.c.delivery_id).where(_has_client())
    return connection.execute(query.limit(1)).first() is not None


def _has_client() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            sources.c.name == left_without_client.c.source,
            clients.c.source_id == sources.c.id,
            clients.c.code == left_without_client.c.client,
        )
        .correlate(left_without_client)
    )
