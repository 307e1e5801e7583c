"""After a crash: judge what a dead dispatcher was sending, and finish what it began to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import IncassoError
from incasso.contract.values import Receipt
from incasso.domain.sending.delivery import DeliveryStatus, after_crash
from incasso.services.running.hub import Hub
from incasso.services.running.hub_events import tell_plugins
from incasso.services.sending.answers import ACTOR, UNCERTAIN, keep_receipt, minor_cost
from incasso.services.sending.conclude import conclude, conclude_for
from incasso.services.sending.send import look_up
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event
from incasso.store.sending import deliveries, outbox, outbox_queue
from incasso.store.sending.deliveries import Delivery
from incasso.store.sending.dispatcher_lock import DispatcherTurn

PATIENCE: Final = timedelta(seconds=60)
"""On PostgreSQL a lock is gone when a connection breaks, while a call of 30 s may still go on."""


UNSENT: Final = "certainly not sent: it leaves again"

CUT_OFF: Final = "the program ended while it was being sent"


class NotUncertainError(IncassoError):
    """Only a delivery that is uncertain can be settled by a person."""


def recover(
    hub: Hub, turn: DispatcherTurn, on: date, *, patience: timedelta
) -> Mapping[DeliveryStatus, int]:
    """Judge every delivery that a dead dispatcher was sending, and ask again about doubtful ones.

    How many came to which status. Claims of the dead are lifted.
    """
    dead = _dead(turn)
    with turn.write() as connection:
        for owner in dead:
            outbox_queue.unclaim(connection, owner)
        sending_now = deliveries.in_status(connection, DeliveryStatus.SENDING)
        doubtful = deliveries.in_status(connection, DeliveryStatus.UNCERTAIN)
    if not hub.store.is_sqlite:
        silent_since = hub.now() - patience
        sending_now = [each for each in sending_now if _began_before(each, silent_since)]
    found: Counter[DeliveryStatus] = Counter()
    for delivery in sending_now:
        if delivery.claimed_by in dead:
            found[_judge(hub, turn, delivery, on)] += 1
    for delivery in doubtful:
        if hub.registry.channel(delivery.channel).can(ChannelCapability.FIND):
            found[_judge(hub, turn, delivery, on)] += 1
    tell_plugins(hub, conclude_for(hub, turn, [turn.owner, *dead], ACTOR), hub.now())
    return found


def resolve_by_hand(
    hub: Hub, delivery: str, *, left: bool, by: str, on: date, why: str
) -> DeliveryStatus:
    """A person looked and says whether an uncertain message left; returns its new status.

    Not left: it is cancelled and its step is ready for a new one. Raises SettleError.
    """
    with hub.store.write() as connection:
        doubtful = deliveries.in_status(connection, DeliveryStatus.UNCERTAIN)
        found = next((each for each in doubtful if each.id == delivery), None)
        if found is None:
            raise NotUncertainError(f"delivery {delivery} is not uncertain: nothing was changed")
        if left:
            receipt = Receipt(
                ref=found.ref or found.prepared_ref or found.id, at=hub.now(), note=why
            )
            _accept(connection, found, receipt, by, on)
            events = conclude(connection, deliveries.unconcluded(connection, [by], 1), by)
            journal.record(connection, events, at=hub.now())
            return DeliveryStatus.ACCEPTED
        outbox.finish(connection, found.id, DeliveryStatus.CANCELLED, at=hub.now(), reason=why)
        outbox.step_ready(connection, found.step_id)
        event = _event(found, "delivery.cancelled", on, by, why)
        journal.record(connection, [event], at=hub.now())
    return DeliveryStatus.CANCELLED


def _began_before(delivery: Delivery, moment: datetime) -> bool:
    return delivery.sending_at is not None and delivery.sending_at <= moment


def _dead(turn: DispatcherTurn) -> set[str]:
    with turn.write() as connection:
        return {owner for owner in outbox_queue.owners(connection) if turn.is_dead(owner)}


def _judge(hub: Hub, turn: DispatcherTurn, delivery: Delivery, on: date) -> DeliveryStatus:
    channel = hub.registry.channel(delivery.channel)
    trace, receipt = look_up(channel, delivery.id, on)
    status = after_crash(trace, idempotent=channel.can(ChannelCapability.IDEMPOTENT))
    if status is DeliveryStatus.UNCERTAIN and delivery.status is DeliveryStatus.UNCERTAIN:
        return status
    evidence = tuple(
        archive.keep(hub.store, each.content, each.media_type, each.filename)
        for each in (receipt.evidence if receipt else ())
    )
    with turn.write() as connection:
        if not deliveries.is_unchanged(connection, delivery):
            return delivery.status
        if receipt is not None:
            _accept(connection, delivery, receipt, turn.owner, on)
            keep_receipt(connection, delivery.id, receipt, evidence, hub.now())
            return status  # concluded, and told, with everything else the dead owe
        if status is DeliveryStatus.QUEUED:
            outbox.put_back(
                connection, delivery.id, delivery.step_id, next_attempt_at=None, reason=UNSENT
            )
        else:
            outbox.mark_uncertain(connection, delivery.id, ref="", reason=CUT_OFF)
            outbox.set_reasons(connection, {delivery.step_id: UNCERTAIN})
        event = _event(delivery, f"delivery.{status}", on, ACTOR, "found after a crash")
        journal.record(connection, [event], at=hub.now())
    return status


def _accept(
    connection: Connection, delivery: Delivery, receipt: Receipt, owner: str, on: date
) -> None:
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


def _event(delivery: Delivery, kind: str, on: date, actor: str, why: str) -> Event:
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
