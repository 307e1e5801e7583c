"""Messages by the address that they went to."""

from __future__ import annotations

from sqlalchemy import Connection

from incasso.store.records import records
from incasso.store.sending.deliveries import DELIVERIES, Delivery
from incasso.store.tables.sending import deliveries


def newest_to(connection: Connection, channel: str, address: str) -> list[Delivery]:
    """The newest message of a channel to each client with that address, the newest of all first."""
    query = DELIVERIES.where(deliveries.c.channel == channel, deliveries.c.to == address)
    newest: dict[int, Delivery] = {}
    in_turn = query.order_by(deliveries.c.sending_at.desc().nulls_last(), deliveries.c.id)
    for each in records(connection, Delivery, in_turn):
        newest.setdefault(each.client_id, each)
    return list(newest.values())
