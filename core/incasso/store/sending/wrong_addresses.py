"""Addresses that proved wrong and are not used again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.address_state import AddressState
from incasso.store.sending import address_health
from incasso.store.tables.sending import bad_addresses
from incasso.store.upserting import insert_into


def mark_bad(
    connection: Connection,
    *,
    source_id: int,
    client_id: int,
    medium: str,
    address: str,
    since: datetime,
    reason: str,
    delivery: str = "",
    evidence_sha256: str = "",
) -> None:
    """Stores that the address does not work; a known one stays as it is.

    A corrected address in the ERP is another text, so it is used at once. `delivery` came back,
    as the archived report says; empty: the address was refused before anything left.
    """
    row = {
        "source_id": source_id,
        "client_id": client_id,
        "medium": medium,
        "address": address,
        "since": since,
        "reason": reason,
        "delivery": delivery,
        "evidence_sha256": evidence_sha256,
    }
    connection.execute(insert_into(connection, bad_addresses).on_conflict_do_nothing(), row)
    address_health.note(
        connection,
        source_id=source_id,
        client_id=client_id,
        medium=medium,
        address=address,
        state=AddressState.WRONG,
        at=since,
        reason=reason,
        delivery=delivery,
    )


def unmark(connection: Connection, client_id: int, address: str, medium: str) -> list[str]:
    """Take the mark off an address of a client; without a medium, of each. Which media had it."""
    table = bad_addresses.c
    mine = sa.and_(table.client_id == client_id, sa.func.lower(table.address) == address.lower())
    found = sa.and_(mine, table.medium == medium) if medium else mine
    gone = sa.delete(bad_addresses).where(found).returning(table.medium)
    media = sorted(connection.scalars(gone))
    for each in media:
        address_health.use_again(connection, client_id, address, each)
    return media
