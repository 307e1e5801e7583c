"""Addresses that proved wrong and are not used again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from incasso.store.tables.sending import bad_addresses


def mark_bad(
    connection: Connection,
    *,
    source_id: int,
    client_id: int,
    medium: str,
    address: str,
    since: datetime,
    reason: str,
) -> None:
    """Stores that the address does not work; a known one stays as it is.

    A corrected address in the ERP is another text, so it is used at once.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "source_id": source_id,
        "client_id": client_id,
        "medium": medium,
        "address": address,
        "since": since,
        "reason": reason,
    }
    connection.execute(insert(bad_addresses).on_conflict_do_nothing(), row)
