"""Messages that the other side took and never spoke of again, though it always does at once."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries, delivery_events

SILENCE = "hub:silence"
"""The news by which the hub remembers that it has said so."""


class Silent(msgspec.Struct, frozen=True):
    """One message without any news."""

    id: str
    step_id: int
    source: str
    client: str
    medium: str
    channel: str
    to: str
    stage: str
    accepted_at: datetime


def unanswered(
    connection: Connection, channel: str, *, first_day: date, before: datetime
) -> list[Silent]:
    """The messages of a channel, sent since that day and taken before that instant, of which
    nothing was heard; those that were told already are left out."""
    columns = columns_of(
        Silent, deliveries, source=sources.c.name, client=clients.c.code, stage=steps.c.stage
    )
    heard = sa.exists().where(delivery_events.c.delivery_id == deliveries.c.id)
    query = (
        sa.select(*columns)
        .join(steps, steps.c.id == deliveries.c.step_id)
        .join(sources, sources.c.id == deliveries.c.source_id)
        .join(clients, clients.c.id == deliveries.c.client_id)
        .where(deliveries.c.on_date >= first_day, deliveries.c.channel == channel)
        .where(deliveries.c.status == DeliveryStatus.ACCEPTED)
        .where(deliveries.c.accepted_at < before, ~heard)
        .order_by(deliveries.c.id)
    )
    return records(connection, Silent, query)


def still_silent(connection: Connection, channel: str, first_day: date) -> int:
    """How many messages sent since that day are marked so, and were not heard of since."""
    other = delivery_events.alias()
    told = sa.exists().where(
        delivery_events.c.delivery_id == deliveries.c.id, delivery_events.c.update_id == SILENCE
    )
    heard = sa.exists().where(other.c.delivery_id == deliveries.c.id, other.c.update_id != SILENCE)
    query = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .where(deliveries.c.on_date >= first_day, deliveries.c.channel == channel)
        .where(deliveries.c.status == DeliveryStatus.ACCEPTED, told, ~heard)
    )
    return connection.scalar(query) or 0


def heard_again(connection: Connection, channel: str, first_day: date, mark: str) -> None:
    """Take the mark off the steps whose messages were heard of after all."""
    heard = (
        sa.select(deliveries.c.step_id)
        .join(delivery_events, delivery_events.c.delivery_id == deliveries.c.id)
        .where(deliveries.c.on_date >= first_day, deliveries.c.channel == channel)
        .where(delivery_events.c.update_id != SILENCE)
    )
    marked = sa.and_(steps.c.reason == mark, steps.c.id.in_(heard))
    connection.execute(sa.update(steps).where(marked).values(reason=""))
