"""Resolves deliveries of which it was unknown whether they left."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from incasso.contract.values import Receipt
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.sending.conclude import conclude
from incasso.services.sending.costs import minor_cost
from incasso.store.proof.journal import Event
from incasso.store.sending import deliveries, outbox, spending
from incasso.store.sending.deliveries import Delivery


def resolve_by_hand(
    connection: Connection,
    delivery: Delivery,
    *,
    left: bool,
    by: str,
    on: date,
    why: str,
    at: datetime,
) -> list[Event]:
    """A person's finding on whether an uncertain message left; returns the journal events.

    Not left: it is cancelled and its step is ready for a new one.
    """
    if left:
        ref = delivery.ref or delivery.prepared_ref or delivery.id
        receipt = Receipt(ref=ref, at=at, note=why)
        accept(connection, delivery, receipt, by, on)
        return conclude(connection, deliveries.unconcluded(connection, [by], 1), by)
    outbox.finish(connection, delivery.id, DeliveryStatus.CANCELLED, at=at, reason=why)
    spending.cost_nothing(connection, delivery.id)
    outbox.step_ready(connection, delivery.step_id)
    return [delivery_event(delivery, "delivery.cancelled", on, by, why)]


def accept(
    connection: Connection, delivery: Delivery, receipt: Receipt, owner: str, on: date
) -> None:
    """It left, as this receipt says."""
    outbox.accept(
        connection,
        delivery.id,
        owner=owner,
        at=receipt.at,
        on=on,
        ref=receipt.ref,
        cost=minor_cost(receipt.cost),
        note=receipt.note,
    )


def delivery_event(delivery: Delivery, kind: str, on: date, actor: str, why: str) -> Event:
    """Its journal event."""
    return Event(
        kind=kind,
        actor=actor,
        on=on,
        source=delivery.source,
        client=delivery.client,
        subject=f"delivery {delivery.id}",
        facts={
            "step": str(delivery.step_id),
            "channel": delivery.channel,
            "to": delivery.to,
            "why": why,
        },
    )
