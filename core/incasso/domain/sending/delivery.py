"""The states of a message, their partial order, and their recovery after a crash.

News arrives more than once and out of order, so a final state never goes back, with one exception.
The states and why: `docs/explanation/sending.md`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.domain.sending.trust import Weight


class DeliveryStatus(StrEnum):
    """The states of a delivery in the outbox."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    QUESTIONED = "questioned"
    """Something came back that nobody can read: its stage does not count until a person looks."""
    BOUNCED = "bounced"
    OPTED_OUT = "opted_out"
    """It did not reach anybody, because the recipient wants no messages by this medium."""
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


OVER: Final = (
    DeliveryStatus.FAILED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.OPTED_OUT,
    DeliveryStatus.CANCELLED,
)
"""The message does not reach anybody: the step may try another medium."""

LEFT_US: Final = (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED)
"""The other side has, or had, the message."""

ON_ITS_WAY: Final = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENDING,
    DeliveryStatus.UNCERTAIN,
    DeliveryStatus.QUESTIONED,
)
"""It may reach somebody yet, or has already."""

FINAL: Final = (
    DeliveryStatus.DELIVERED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.OPTED_OUT,
    DeliveryStatus.FAILED,
)
"""Only a proof of delivery changes them again."""


def after_news(
    status: DeliveryStatus, final_at: datetime | None, news: DeliveryUpdate, weight: Weight
) -> DeliveryStatus:
    """The status after this news; the same news twice changes nothing more.

    `final_at` is when the current final status was reached, None before that. `weight`: what the
    news is worth by who says so.
    """
    if status is DeliveryStatus.CANCELLED:
        return status
    match weight:
        case Weight.PROOF:
            return _arrived(status, final_at, news)
        case Weight.NOTE | Weight.PERSON:
            return status
    if status in FINAL:
        return status
    match weight:
        case Weight.FAILURE:
            refused = news.state is DeliveryState.OPTED_OUT
            return DeliveryStatus.OPTED_OUT if refused else DeliveryStatus.BOUNCED
        case Weight.QUESTION:
            return DeliveryStatus.QUESTIONED
        case _ if status is DeliveryStatus.QUESTIONED:
            return status
        case _:
            # Even bad news that is not final proves that the message left.
            return DeliveryStatus.ACCEPTED


def _arrived(
    status: DeliveryStatus, final_at: datetime | None, news: DeliveryUpdate
) -> DeliveryStatus:
    """A proof of delivery overrules a failure only if it is newer and brings evidence."""
    if status not in OVER:
        return DeliveryStatus.DELIVERED
    newer = final_at is None or news.at > final_at
    return DeliveryStatus.DELIVERED if newer and news.evidence is not None else status


class Trace(StrEnum):
    """What a channel can report about a message that a dead process was sending."""

    FOUND = "found"
    CERTAINLY_NOT = "certainly_not"
    UNKNOWN = "unknown"


def after_crash(trace: Trace, *, idempotent: bool) -> DeliveryStatus:
    """The new status of a delivery in `sending` whose sender is dead.

    `idempotent`: the other side itself recognises a repeated key, so repeating is harmless.
    Everything else that is not known for certain waits for a person and is never sent again.
    """
    if trace is Trace.FOUND:
        return DeliveryStatus.ACCEPTED
    if trace is Trace.CERTAINLY_NOT or idempotent:
        return DeliveryStatus.QUEUED
    return DeliveryStatus.UNCERTAIN
