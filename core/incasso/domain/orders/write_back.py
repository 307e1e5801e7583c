"""What becomes of a change the hub makes in an ERP: the states of the write-back outbox.

The contract promises that the same key twice leaves one trace; so an effect of which nobody knows
whether it happened is tried again under its own key, unlike a message, and only what stays in
doubt after several tries waits for a person.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from incasso.domain.sending.retry import CRASHES, retry_delay


class WriteBackStatus(StrEnum):
    """Where a write-back stands."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    MANUAL = "manual"
    """The connector does not do it: a person does, in the ERP."""
    CANCELLED = "cancelled"


UNFINISHED: Final = (
    WriteBackStatus.QUEUED,
    WriteBackStatus.SENDING,
    WriteBackStatus.UNCERTAIN,
    WriteBackStatus.MANUAL,
)
FOR_PEOPLE: Final = (WriteBackStatus.MANUAL, WriteBackStatus.FAILED, WriteBackStatus.UNCERTAIN)
NEVER_LEFT: Final = (WriteBackStatus.QUEUED, WriteBackStatus.MANUAL)
"""Certainly without effect: cancelling is all it takes."""


def key_of(write_back: str) -> str:
    """The idempotency key: always the same for one write-back."""
    return f"writeback-{write_back}"


def write_back_delay(
    write_back: str, attempts: int, asked: timedelta | None = None, *, in_doubt: bool
) -> timedelta | None:
    """How long to wait after that many attempts; None: no more by itself.

    What is in doubt is tried few times: whoever cannot answer now rarely can tomorrow.
    """
    if in_doubt and attempts >= CRASHES:
        return None
    return retry_delay(write_back, attempts, asked)
