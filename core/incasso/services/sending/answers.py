"""What a channel answered about one message, and how each answer is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.text import text
from incasso.contract.text_store import as_facts
from incasso.contract.values import Receipt
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.cases.progress import fail_steps
from incasso.services.sending.bad_address import mark_bad
from incasso.services.sending.composed import Leaving
from incasso.services.sending.costs import minor_cost
from incasso.store.proof import archive
from incasso.store.proof.archive import Entry
from incasso.store.proof.journal import Event
from incasso.store.sending import delivery_news, outbox, outbox_group, spending

ACTOR: Final = "dispatch"

UNCERTAIN: Final = text("nobody knows whether the message left: look, then say so")


@dataclass(frozen=True)
class Accepted:
    """The other side has it; `evidence` is what it gave as proof, already on disk."""

    message: Leaving
    receipt: Receipt
    evidence: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Later:
    """Certainly not sent. `again_at` None: as soon as its channel works."""

    message: Leaving
    reason: str
    again_at: datetime | None
    burned: bool = True


@dataclass(frozen=True)
class Refused:
    """Refused for good: planning takes the stage's next medium, or a person's task."""

    message: Leaving
    reason: str
    bad_address: bool = False
    opted_out: bool = False
    """The recipient wants no messages by this medium: see `opted_out.refusals_in`."""

    @property
    def status(self) -> DeliveryStatus:
        """What the delivery is now."""
        return DeliveryStatus.OPTED_OUT if self.opted_out else DeliveryStatus.FAILED


@dataclass(frozen=True)
class Doubtful:
    """It is unknown whether it left: only a person may decide what follows."""

    message: Leaving
    reason: str
    ref: str = ""


@dataclass(frozen=True)
class NotBegun:
    """It was marked with its group and its channel was not called: it waits as before."""

    message: Leaving


Answer: TypeAlias = Accepted | Later | Refused | Doubtful | NotBegun


def write(
    connection: Connection, answers: Sequence[Answer], owner: str, on: date, now: datetime
) -> list[Event]:
    """Stores the answers and returns the events for the journal, in the same transaction.

    Accepted messages are journaled later, when they are concluded.
    """
    accepted = [each for each in answers if isinstance(each, Accepted)]
    outbox_group.accept(connection, [_row(each, owner, on) for each in accepted])
    for each in accepted:
        if (cost := _cost(each)) is not None:
            outbox.fill_cost(connection, each.message.delivery, cost)
        if each.evidence:
            keep_receipt(connection, each.message.delivery, each.receipt, each.evidence, now)
    return [event for each in answers for event in _write(connection, each, on, now)]


def _write(connection: Connection, answer: Answer, on: date, now: datetime) -> list[Event]:
    """One that was not accepted."""
    match answer:
        case Accepted():
            return []
        case NotBegun(message):
            _put_back(connection, message, None, "", burned=False)
            return []
        case Later(message, reason, again_at, burned):
            _put_back(connection, message, again_at, reason, burned=burned)
            return []
        case Refused(message, reason):
            if answer.bad_address:
                mark_bad(connection, message.step, message.address, now, reason)
            outbox.finish(connection, message.delivery, answer.status, at=now, reason=reason)
            spending.cost_nothing(connection, message.delivery)
            fail_steps(connection, [message.step.id], on, reason)
            told = as_facts("reason", reason)
            return [event(f"delivery.{answer.status}", message, on, **told)]
        case Doubtful(message, reason, ref):
            outbox.mark_uncertain(connection, message.delivery, ref=ref, reason=reason)
            outbox.set_reasons(connection, {message.step.id: UNCERTAIN})
            return [event("delivery.uncertain", message, on, **as_facts("reason", reason))]


def _put_back(
    connection: Connection,
    message: Leaving,
    again_at: datetime | None,
    reason: str,
    *,
    burned: bool,
) -> None:
    outbox.put_back(
        connection,
        message.delivery,
        message.step.id,
        next_attempt_at=again_at,
        reason=reason,
        burned=burned,
    )


def _row(answer: Accepted, owner: str, on: date) -> dict[str, Any]:
    message, receipt = answer.message, answer.receipt
    return outbox.accepted_row(
        message.delivery,
        owner=owner,
        at=receipt.at,
        on=on,
        ref=receipt.ref,
        cost=_cost(answer),
        note=receipt.note,
    )


def _cost(answer: Accepted) -> tuple[int, str] | None:
    return minor_cost(answer.receipt.cost or answer.message.prepared.cost)


def keep_receipt(
    connection: Connection,
    delivery: str,
    receipt: Receipt,
    evidence: tuple[Entry, ...],
    now: datetime,
) -> None:
    """Stores the proof that the other side accepted it."""
    archive.note(connection, evidence, at=now)
    for number, entry in enumerate(evidence, 1):
        news = DeliveryUpdate(
            ref=receipt.ref,
            update_id=f"receipt-{number}",
            state=DeliveryState.SENT,
            at=receipt.at,
            note=receipt.note,
        )
        delivery_news.record(connection, delivery, news, entry.sha256)


def event(kind: str, message: Leaving, on: date, **facts: str) -> Event:
    """The journal event of one delivery: recipient, address, amount, digest."""
    about = message.message.about
    return Event(
        kind=kind,
        actor=ACTOR,
        on=on,
        source=about.source,
        client=about.client,
        subject=f"delivery {message.delivery}",
        facts={
            "step": about.step,
            "medium": message.message.medium.value,
            "channel": message.channel.id,
            "to": message.address,
            "sha256": message.sha256,
            "total": str(about.total),
            "currency": about.currency,
            **facts,
        },
    )
