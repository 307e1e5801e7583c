"""Deliveries as they stand in the outbox, each with what is needed of its step and client."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import LEFT_US, DeliveryStatus
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries


class Delivery(msgspec.Struct, frozen=True):
    """One message of the outbox; `stage` is its step's."""

    id: str
    step_id: int
    source_id: int
    client_id: int
    source: str
    client: str
    medium: str
    channel: str
    to: str
    status: DeliveryStatus
    claimed_by: str
    sending_at: datetime | None
    final_at: datetime | None
    ref: str
    prepared_ref: str
    sha256: str
    stage: str
    step_status: StepStatus


class AcceptedDelivery(msgspec.Struct, frozen=True):
    """A message that the other side took; its stage, iter and currency are its step's."""

    id: str
    step_id: int
    source: str
    client: str
    medium: str
    channel: str
    to: str
    accepted_on: date
    ref: str
    sha256: str
    enclosed: dict[str, Any] | None
    stage: str
    action: Action
    iter_version_id: int
    total: int
    """What it asked, minor units."""
    currency: str


UnderWay = Literal[DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN]
"""What the index `ix_deliveries_under_way` holds."""


class Unsettled(msgspec.Struct, frozen=True):
    """A delivery that may get more news, and its channel's reference."""

    id: str
    ref: str


def step_of(connection: Connection, delivery: str) -> int | None:
    """The step of the delivery with this id, if there is one."""
    return connection.scalar(sa.select(deliveries.c.step_id).where(deliveries.c.id == delivery))


_MAY_CHANGE: Final = (
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.UNCERTAIN,
    DeliveryStatus.QUESTIONED,
)


def named(connection: Connection, delivery: str) -> Delivery | None:
    """The delivery with that id, locked until the transaction ends."""
    query = DELIVERIES.where(deliveries.c.id == delivery)
    return maybe_record(connection, Delivery, query.with_for_update(of=deliveries))


def under_way(connection: Connection, status: UnderWay) -> list[Delivery]:
    """Every delivery in that status, oldest first."""
    query = DELIVERIES.where(is_under_way(status))
    in_turn = query.order_by(deliveries.c.sending_at, deliveries.c.id)
    return records(connection, Delivery, in_turn)


def is_under_way(status: UnderWay) -> sa.ColumnElement[bool]:
    """In words of which both databases see that the index of what is under way holds all of it."""
    return deliveries.c.status == sa.literal_column(f"'{status.value}'")


def unconcluded(
    connection: Connection, owners: Collection[str], limit: int
) -> list[AcceptedDelivery]:
    """Accepted deliveries of these dispatchers whose consequences are not written yet."""
    query = _ACCEPTED.where(
        # As the index of what somebody has in hand says it; else everything that ever left is read.
        deliveries.c.claimed_by != sa.literal_column("''"),
        deliveries.c.claimed_by.in_(owners),
        deliveries.c.status.in_(LEFT_US),
    )
    # Not by the column alone: SQLite would rather walk along its index than sort these few.
    ordered = query.order_by(deliveries.c.id + "").limit(limit)
    return records(connection, AcceptedDelivery, ordered.with_for_update(of=deliveries))


def meant_by(connection: Connection, channel: str, ref: str) -> Delivery | None:
    """The delivery that a channel means by a reference, locked until the transaction ends.

    An empty reference means none, though deliveries whose channel has not answered have one.
    """
    if not ref:
        return None
    known = (deliveries.c.id, deliveries.c.ref, deliveries.c.prepared_ref)
    query = DELIVERIES.where(deliveries.c.channel == channel, sa.or_(*(c == ref for c in known)))
    return maybe_record(connection, Delivery, query.limit(1).with_for_update(of=deliveries))


def set_known_as(connection: Connection, delivery: str, name: str) -> None:
    """The name by which answers will call it."""
    found = sa.update(deliveries).where(deliveries.c.id == delivery)
    connection.execute(found.values(known_as=name))


def unsettled(
    connection: Connection, channel: str, after: str, limit: int, since: datetime
) -> list[Unsettled]:
    """Deliveries of a channel that left since then and may get more news, in order of id."""
    reference = sa.case((deliveries.c.ref != "", deliveries.c.ref), else_=deliveries.c.prepared_ref)
    query = (
        sa.select(*columns_of(Unsettled, deliveries, ref=reference))
        .where(deliveries.c.channel == channel, deliveries.c.id > after)
        .where(deliveries.c.status.in_(_MAY_CHANGE))
        .where(sa.func.coalesce(deliveries.c.accepted_at, deliveries.c.sending_at) > since)
        .order_by(deliveries.c.id)
    )
    return records(connection, Unsettled, query.limit(limit))


def is_unchanged(connection: Connection, delivery: Delivery) -> bool:
    """Whether nobody has judged or sent the delivery since it was read; locks it.

    Two dispatchers may recover at the same time and both ask the channel; only one acts.
    """
    columns = (deliveries.c.status, deliveries.c.sending_at)
    query = sa.select(*columns).where(deliveries.c.id == delivery.id).with_for_update()
    return connection.execute(query).one() == (delivery.status, delivery.sending_at)


def _select(record: type[msgspec.Struct], **of_step: sa.ColumnElement[Any]) -> sa.Select[Any]:
    names = {"source": sources.c.name, "client": clients.c.code, "stage": steps.c.stage}
    return (
        sa.select(*columns_of(record, deliveries, **names, **of_step))
        .join(steps, steps.c.id == deliveries.c.step_id)
        .join(sources, sources.c.id == deliveries.c.source_id)
        .join(clients, clients.c.id == deliveries.c.client_id)
    )


DELIVERIES: Final = _select(Delivery, step_status=steps.c.status)
"""Every delivery, for other modules of this room to narrow down."""

_ACCEPTED: Final = _select(
    AcceptedDelivery,
    action=steps.c.action,
    iter_version_id=steps.c.iter_version_id,
    total=sa.func.coalesce(deliveries.c.asked, steps.c.total),
    currency=steps.c.currency,
)
