"""What the messages of a channel cost in a month: those that left, and those that leave now.

A message that is marked `sending` has its price with it from the same transaction, so dispatchers
that share a budget see what the others are about to spend.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.tables.sending import deliveries

_CLASS: Final = 0x1CA554  # of our advisory locks; no other use takes it


def alone(connection: Connection, channel: str) -> None:
    """Until the end of this transaction nobody else marks messages of the channel."""
    if connection.dialect.name == "postgresql":
        key = crc32(channel.encode()) & 0x7FFFFFFF
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLASS, key)))


def spent(connection: Connection, channel: str, first: date, last: date, currency: str) -> int:
    """The cost of its messages of these days, both included, in minor units; what may have left
    counts."""
    given = {"b_channel": channel, "b_first": first, "b_last": last, "b_currency": currency}
    return int(connection.scalar(_SPENT, given) or 0)


def expect(connection: Connection, costs: Mapping[str, tuple[int, str]]) -> None:
    """What deliveries that are about to leave will cost, in minor units and its currency."""
    rows = [
        {"b_id": delivery, "b_cost": minor, "b_currency": currency}
        for delivery, (minor, currency) in costs.items()
    ]
    if rows:
        connection.execute(_EXPECTED, rows)


def cost_nothing(connection: Connection, delivery: str) -> None:
    """It did not leave."""
    connection.execute(_NOTHING, {"b_id": delivery})


_by_id = deliveries.c.id == sa.bindparam("b_id")
_SPENT: Final = sa.select(sa.func.sum(deliveries.c.cost)).where(
    # The partial index is found by these words only.
    sa.text("deliveries.cost IS NOT NULL"),
    deliveries.c.channel == sa.bindparam("b_channel"),
    deliveries.c.on_date.between(sa.bindparam("b_first"), sa.bindparam("b_last")),
    deliveries.c.cost_currency == sa.bindparam("b_currency"),
    sa.or_(
        deliveries.c.accepted_at.is_not(None),
        deliveries.c.status == DeliveryStatus.SENDING,
        deliveries.c.status == DeliveryStatus.UNCERTAIN,
    ),
)
_EXPECTED: Final = (
    sa.update(deliveries)
    .where(_by_id)
    .values(cost=sa.bindparam("b_cost"), cost_currency=sa.bindparam("b_currency"))
)
_NOTHING: Final = (
    sa.update(deliveries).where(_by_id, deliveries.c.cost.is_not(None)).values(cost=None)
)
