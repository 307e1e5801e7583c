"""After a crash: judge what a dead dispatcher was sending, and finish what it began to count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import IncassoError
from incasso.contract.values import Receipt
from incasso.domain.delivery import Status, after_crash
from incasso.services.answers import ACTOR, UNCERTAIN, keep_receipt, minor_cost, proof_day
from incasso.services.hub import Hub
from incasso.services.progress import count_steps
from incasso.services.send import look_up
from incasso.services.stages import stage_of
from incasso.store import archive, journal, outbox, outbox_queue, sending
from incasso.store.journal import Event
from incasso.store.outbox_duty import Duty

PATIENCE: Final = timedelta(seconds=60)
"""On PostgreSQL a lock is gone when a connection breaks, while a call of 30 s may still go on."""


class SettleError(IncassoError):
    """Only a delivery that is uncertain can be settled by a person."""


def recover(hub: Hub, duty: Duty, on: date, *, patience: timedelta) -> Mapping[str, int]:
    """Judge every delivery that a dead dispatcher was sending, and ask again about doubtful ones.

    How many came to which status. Claims of the dead are lifted.
    """
    dead = _dead(duty)
    with duty.write() as connection:
        for owner in dead:
            outbox_queue.unclaim(connection, owner)
        sending_now = outbox_queue.in_status(connection, Status.SENDING)
        doubtful = outbox_queue.in_status(connection, Status.UNCERTAIN)
    if not hub.store.is_sqlite:
        silent_since = hub.now() - patience
        sending_now = [row for row in sending_now if row.sending_at <= silent_since]
    found: Counter[str] = Counter()
    for row in sending_now:
        if row.claimed_by in dead:
            found[_judge(hub, duty, row, on).value] += 1
    for row in doubtful:
        if hub.registry.channel(row.channel).can(ChannelCapability.FIND):
            found[_judge(hub, duty, row, on).value] += 1
    return found


def settle(hub: Hub, duty: Duty) -> int:
    """Count the steps whose message was accepted and that need no other proof. Idempotent."""
    settled = 0
    while True:
        with duty.write() as connection:
            rows = outbox_queue.to_settle(connection)
            by_day: dict[date, list[int]] = defaultdict(list)
            for row in rows:
                by_day[row.accepted_on].append(row.id)
            for day, steps in sorted(by_day.items()):
                count_steps(connection, steps, day)
        settled += len(rows)
        if not rows:
            return settled


def settle_by_hand(hub: Hub, delivery: str, *, left: bool, by: str, on: date, why: str) -> Status:
    """A person looked and says whether an uncertain message left; returns its new status.

    Not left: it is cancelled and its step is ready for a new one. Raises SettleError.
    """
    with hub.store.write() as connection:
        rows = outbox_queue.in_status(connection, Status.UNCERTAIN)
        row = next((each for each in rows if each.id == delivery), None)
        if row is None:
            raise SettleError(f"delivery {delivery} is not uncertain: nothing was changed")
        if left:
            receipt = Receipt(ref=row.ref or row.prepared_ref or row.id, at=hub.now(), note=why)
            _accept(connection, hub, row, receipt, on)
        else:
            outbox.finish(connection, row.id, Status.CANCELLED, at=hub.now(), reason=why)
            outbox.change_step(connection, row.step_id, status="ready", reason="")
        status = Status.ACCEPTED if left else Status.CANCELLED
        event = _event(row, f"delivery.{status.value}", on, by, why)
        journal.record(connection, [event], at=hub.now())
    return status


def _dead(duty: Duty) -> set[str]:
    with duty.write() as connection:
        return {owner for owner in outbox_queue.owners(connection) if duty.is_dead(owner)}


def _judge(hub: Hub, duty: Duty, row: Row[Any], on: date) -> Status:
    channel = hub.registry.channel(row.channel)
    trace, receipt = look_up(channel, row.id, on)
    status = after_crash(trace, idempotent=channel.can(ChannelCapability.IDEMPOTENT))
    if status is Status.UNCERTAIN and row.status == Status.UNCERTAIN:
        return status
    evidence = tuple(
        archive.keep(hub.store, each.content, each.media_type, each.filename)
        for each in (receipt.evidence if receipt else ())
    )
    with duty.write() as connection:
        if receipt is not None:
            _accept(connection, hub, row, receipt, on)
            keep_receipt(connection, row.id, receipt, evidence, hub.now())
        elif status is Status.QUEUED:
            outbox.put_back(connection, row.id, row.step_id, next_attempt_at=None, reason=UNSENT)
        else:
            outbox.doubt(connection, row.id, ref="", reason=CUT_OFF)
            outbox.change_step(connection, row.step_id, reason=UNCERTAIN)
        event = _event(row, f"delivery.{status.value}", on, ACTOR, "found after a crash")
        journal.record(connection, [event], at=hub.now())
    return status


def _accept(connection: Connection, hub: Hub, row: Row[Any], receipt: Receipt, on: date) -> None:
    proof_until = proof_day(stage_of(connection, row.iter_version_id, row.step_id, row.stage), on)
    outbox.accept(
        connection,
        row.id,
        row.step_id,
        at=receipt.at,
        on=on,
        ref=receipt.ref,
        cost=minor_cost(receipt.cost),
        note=receipt.note,
        proof_until=proof_until,
    )
    if proof_until is not None:
        sending.look_again(connection, [row.step_id], proof_until + timedelta(days=1))


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


UNSENT: Final = "certainly not sent: it leaves again"
CUT_OFF: Final = "the program ended while it was being sent"
