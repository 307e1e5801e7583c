"""After a crash: judges what a dead dispatcher was sending, and concludes what it sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.text import text
from incasso.contract.values import Receipt
from incasso.domain.proof.left import Account, Fate, account_of_dead
from incasso.domain.sending.delivery import DeliveryStatus, Trace, after_crash
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.sending.answers import ACTOR, UNCERTAIN, keep_receipt
from incasso.services.sending.conclude import conclude_for
from incasso.services.sending.hand_over import look_up
from incasso.services.sending.resolve import accept, delivery_event
from incasso.services.sending.sought import sought_of
from incasso.store.engine import Store
from incasso.store.proof import archive, journal, left_log
from incasso.store.sending import deliveries, outbox, outbox_queue
from incasso.store.sending.deliveries import Delivery
from incasso.store.sending.dispatcher_lock import DispatcherTurn, take_turn

PATIENCE: Final = timedelta(seconds=60)
"""On PostgreSQL a lock is gone when a connection breaks, while a call of 30 s may still go on."""


UNSENT: Final = text("certainly not sent: it leaves again")

CUT_OFF: Final = text("the program ended while it was being sent")


def recover(
    hub: Hub, turn: DispatcherTurn, on: date, *, patience: timedelta
) -> Mapping[DeliveryStatus, int]:
    """Judges every delivery that a dead dispatcher was sending, and asks again about doubtful ones.

    Returns the number of deliveries by new status. Releases the claims of dead dispatchers.
    """
    dead = _dead(turn)
    with turn.write() as connection:
        for owner in dead:
            outbox_queue.unclaim(connection, owner)
        sending_now = deliveries.under_way(connection, DeliveryStatus.SENDING)
        doubtful = deliveries.under_way(connection, DeliveryStatus.UNCERTAIN)
    if not hub.store.is_sqlite:
        silent_since = hub.now() - patience
        sending_now = [each for each in sending_now if _began_before(each, silent_since)]
    found: Counter[DeliveryStatus] = Counter()
    left_behind = [each for each in sending_now if each.claimed_by in dead]
    told = _told(hub, {each.claimed_by for each in left_behind})
    for delivery in left_behind:
        found[_judge(hub, turn, delivery, on, told.get(delivery.id))] += 1
    for delivery in doubtful:
        if hub.registry.channel(delivery.channel).can(ChannelCapability.FIND):
            found[_judge(hub, turn, delivery, on)] += 1
    tell_plugins(hub, conclude_for(hub, turn, [turn.owner, *dead], ACTOR), hub.now())
    return found


def left_in_doubt(hub: Hub) -> bool:
    """Whether a dead dispatcher's messages wait until it is certain that nothing of it goes on."""
    with take_turn(hub.store) as turn, turn.write() as connection:
        sending_now = deliveries.under_way(connection, DeliveryStatus.SENDING)
        return any(turn.is_dead(owner) for owner in {each.claimed_by for each in sending_now})


def _began_before(delivery: Delivery, moment: datetime) -> bool:
    return delivery.sending_at is not None and delivery.sending_at <= moment


def _dead(turn: DispatcherTurn) -> set[str]:
    with turn.write() as connection:
        return {owner for owner in outbox_queue.owners(connection) if turn.is_dead(owner)}


def _told(hub: Hub, dead: Iterable[str]) -> dict[str, Account]:
    """What the logs of dead dispatchers say of the messages that they marked."""
    found: dict[str, Account] = {}
    for owner in dead:
        for run in left_log.of_owner(hub.store.archive, owner):
            found |= account_of_dead(run)
    return found


def _found(
    store: Store, channel: ChannelHandle, delivery: Delivery, on: date, told: Account | None
) -> tuple[Trace, Receipt | None]:
    """What the log says, else the channel. A receipt of the channel brings its proof with it."""
    if told is not None and told.fate is Fate.NOT_LEFT:
        return Trace.CERTAINLY_NOT, None
    trace, receipt = look_up(channel, delivery.id, on, sought_of(store, delivery))
    if receipt is None and told is not None and told.left is not None:
        return Trace.FOUND, Receipt(ref=told.left.ref, at=told.left.at)
    return trace, receipt


def _judge(
    hub: Hub,
    turn: DispatcherTurn,
    delivery: Delivery,
    on: date,
    told: Account | None = None,
) -> DeliveryStatus:
    channel = hub.registry.channel(delivery.channel)
    trace, receipt = _found(hub.store, channel, delivery, on, told)
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
            accept(connection, delivery, receipt, turn.owner, on)
            keep_receipt(connection, delivery.id, receipt, evidence, hub.now())
            return status  # concluded and journaled with everything else the dead dispatchers left
        if status is DeliveryStatus.QUEUED:
            outbox.put_back(
                connection,
                delivery.id,
                delivery.step_id,
                next_attempt_at=None,
                reason=UNSENT,
                burned=told is None or told.fate is not Fate.NOT_LEFT,
            )
        else:
            outbox.mark_uncertain(connection, delivery.id, ref="", reason=CUT_OFF)
            outbox.set_reasons(connection, {delivery.step_id: UNCERTAIN})
        event = delivery_event(delivery, f"delivery.{status}", on, ACTOR, "found after a crash")
        journal.record(connection, [event], at=hub.now())
    return status
