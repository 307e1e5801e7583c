"""After a crash: judge what a dead dispatcher was sending, and finish what it began to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

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
from incasso.store.sending import outbox, outbox_queue
from incasso.store.sending.dispatcher_lock import DispatcherTurn

PATIENCE: Final = timedelta(seconds=60)
"""On PostgreSQL a lock is gone when a connection breaks, while a call of 30 s may still go on."""


UNSENT: Final = "certainly not sent: it leaves again"

CUT_OFF: Final = "the program ended while it was being sent"


class NotUncertainError(IncassoError):
    """Only a delivery that is uncertain can be settled by a person."""


def recover(hub: Hub, turn: DispatcherTurn, on: date, *, patience: timedelta) -> Mapping[str, int]:
    """Judge every delivery that a dead dispatcher was sending, and ask again about doubtful ones.

    How many came to which status. Claims of the dead are lifted.
    """
    dead = _dead(turn)
    with turn.write() as connection:
        for owner in dead:
            outbox_queue.unclaim(connection, owner)
        sending_now = outbox_queue.in_status(connection, DeliveryStatus.SENDING)
        doubtful = outbox_queue.in_status(connection, DeliveryStatus.UNCERTAIN)
    if not hub.store.is_sqlite:
        silent_since = hub.now() - patience
        sending_now = [row for row in sending_now if row.sending_at <= silent_since]
    found: Counter[str] = Counter()
    for row in sending_now:
        if row.claimed_by in dead:
            found[_judge(hub, turn, row, on).value] += 1
    for row in doubtful:
        if hub.registry.channel(row.channel).can(ChannelCapability.FIND):
            found[_judge(hub, turn, row, on).value] += 1
    tell_plugins(hub, conclude_for(hub, turn, [turn.owner, *dead], ACTOR), hub.now())
    return found


def resolve_by_hand(
    hub: Hub, delivery: str, *, left: bool, by: str, on: date, why: str
) -> DeliveryStatus:
    """A person looked and says whether an uncertain message left; returns its new status.

    Not left: it is cancelled and its step is ready for a new one. Raises SettleError.
    """
    with hub.store.write() as connection:
        rows = outbox_queue.in_status(connection, DeliveryStatus.UNCERTAIN)
        row = next((each for each in rows if each.id == delivery), None)
        if row is None:
            raise NotUncertainError(f"delivery {delivery} is not uncertain: nothing was changed")
        if left:
            receipt = Receipt(ref=row.ref or row.prepared_ref or row.id, at=hub.now(), note=why)
            _accept(connection, row, receipt, by, on)
            events = conclude(connection, outbox_queue.unconcluded(connection, [by], 1), by)
            journal.record(connection, events, at=hub.now())
            return DeliveryStatus.ACCEPTED
        outbox.finish(connection, row.id, DeliveryStatus.CANCELLED, at=hub.now(), reason=why)
        outbox.change_step(connection, row.step_id, status="ready", reason="")
        event = _event(row, "delivery.cancelled", on, by, why)
        journal.record(connection, [event], at=hub.now())
    return DeliveryStatus.CANCELLED


def _dead(turn: DispatcherTurn) -> set[str]:
    with turn.write() as connection:
        return {owner for owner in outbox_queue.owners(connection) if turn.is_dead(owner)}


def _judge(hub: Hub, turn: DispatcherTurn, row: Row[Any], on: date) -> DeliveryStatus:
    channel = hub.registry.channel(row.channel)
    trace, receipt = look_up(channel, row.id, on)
    status = after_crash(trace, idempotent=channel.can(ChannelCapability.IDEMPOTENT))
    if status is DeliveryStatus.UNCERTAIN and row.status == DeliveryStatus.UNCERTAIN:
        return status
    evidence = tuple(
        archive.keep(hub.store, each.content, each.media_type, each.filename)
        for each in (receipt.evidence if receipt else ())
    )
    with turn.write() as connection:
        if not outbox_queue.is_unchanged(connection, row):
            return DeliveryStatus(row.status)
        if receipt is not None:
            _accept(connection, row, receipt, turn.owner, on)
            keep_receipt(connection, row.id, receipt, evidence, hub.now())
            return status  # concluded, and told, with everything else the dead owe
        if status is DeliveryStatus.QUEUED:
            outbox.put_back(connection, row.id, row.step_id, next_attempt_at=None, reason=UNSENT)
        else:
            outbox.mark_uncertain(connection, row.id, ref="", reason=CUT_OFF)
            outbox.change_step(connection, row.step_id, reason=UNCERTAIN)
        event = _event(row, f"delivery.{status.value}", on, ACTOR, "found after a crash")
        journal.record(connection, [event], at=hub.now())
    return status


def _accept(connection: Connection, row: Row[Any], receipt: Receipt, owner: str, on: date) -> None:
    outbox.accept(
        connection,
        row.id,
        owner=owner,
        at=receipt.at,
        on=on,
        ref=receipt.ref,
        cost=minor_cost(receipt.cost),
        note=receipt.note,
    )


def _event(row: Row[Any], kind: str, on: date, actor: str, why: str) -> Event:
    return Event(
        kind=kind,
        actor=actor,
        on=on,
        source=row.source,
        client=row.client,
        subject=f"delivery {row.id}",
        facts={"step": str(row.step_id), "channel": row.channel, "to": row.to, "why": why},
    )
