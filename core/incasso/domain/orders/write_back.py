"""The states of the write-back outbox, for changes the hub makes in an ERP.

The contract promises that the same key twice has one effect; so an effect with an unknown outcome
is retried under its own key, unlike a message, and waits for a person only if it stays in doubt
after several tries.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from incasso.domain.sending.retry import CRASHES, retry_delay


class WriteBackStatus(StrEnum):
    """The states of a write-back."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    MANUAL = "manual"
    """The connector cannot do it: a person does it in the ERP."""
    CANCELLED = "cancelled"


UNFINISHED: Final = (
    WriteBackStatus.QUEUED,
    WriteBackStatus.SENDING,
    WriteBackStatus.UNCERTAIN,
    WriteBackStatus.MANUAL,
)
FOR_PEOPLE: Final = (WriteBackStatus.MANUAL, WriteBackStatus.FAILED, WriteBackStatus.UNCERTAIN)
NEVER_LEFT: Final = (WriteBackStatus.QUEUED, WriteBackStatus.MANUAL)
"""States certainly without effect: cancelling is enough."""


def key_of(write_back: str) -> str:
    """The idempotency key: always the same for one write-back."""
    return f"writeback-{write_back}"


def write_back_delay(
    write_back: str, attempts: int, asked: timedelta | None = None, *, in_doubt: bool
) -> timedelta | None:
    """How long to wait after that many attempts; None: no automatic retry.

    An effect in doubt is retried few times: an ERP that cannot answer now rarely can the next day.
    """
    if in_doubt and attempts >= CRASHES:
        return None
    return retry_delay(write_back, attempts, asked)
