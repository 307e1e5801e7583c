"""The letters of a day that people post, and the numbers that the post has given so far."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.media import Medium
from incasso.domain.office.actor import Scope
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.sending import deliveries

BY_POST: Final = tuple(medium for medium in Medium if medium.by_post)
RETRIED: Final = timedelta(days=10)
"""So long after its day a message that could not leave may still do so."""
LEFT: Final = (
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.QUESTIONED,
    DeliveryStatus.BOUNCED,
)


class PostedLetter(msgspec.Struct, frozen=True):
    """A letter that was handed to a channel, with the client's address as it is now."""

    id: str
    source: str
    medium: str
    channel: str
    to: str
    tracking: str
    accepted_at: datetime
    client: str
    name: str
    address: str
    zip: str
    city: str
    province: str
    country: str


def letters_of(
    connection: Connection, scope: Scope, on: date, channels: Collection[str]
) -> list[PostedLetter]:
    """What these channels took on a business day, in the order in which they took it."""
    of_client = {name: getattr(clients.c, name) for name in _ADDRESS}
    columns = columns_of(
        PostedLetter, deliveries, source=sources.c.name, client=clients.c.code, **of_client
    )
    query = (
        sa.select(*columns)
        .join(clients, clients.c.id == deliveries.c.client_id)
        .join(sources, sources.c.id == deliveries.c.source_id)
        .where(within(scope))
        .where(deliveries.c.accepted_on == on)
        .where(deliveries.c.on_date.between(on - RETRIED, on))  # which an index has
        .where(deliveries.c.channel.in_(channels), deliveries.c.medium.in_(BY_POST))
        .where(deliveries.c.status.in_(LEFT))
    )
    in_turn = query.order_by(sources.c.name, deliveries.c.accepted_at, deliveries.c.id)
    return records(connection, PostedLetter, in_turn)


def numbered(connection: Connection, number: str) -> list[str]:
    """The deliveries that have this number of the post; it should be one at most."""
    has_one = deliveries.c.tracking != sa.literal_column("''")  # as the index says it
    query = sa.select(deliveries.c.id).where(deliveries.c.tracking == number, has_one)
    return list(connection.scalars(query))


_ADDRESS: Final = ("name", "address", "zip", "city", "province", "country")
