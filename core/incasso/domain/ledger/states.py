"""The codes of installments, sync runs and the quarantine, as the database and JSON spell them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class InstallmentStatus(StrEnum):
    """Whether an installment is still open, and what ended it."""

    OPEN = "open"
    PAID = "paid"
    VANISHED = "vanished"
    """Absent from two complete reads of its source."""
    GONE = "gone"
    """The ERP says that it was deleted."""


class RunStatus(StrEnum):
    """How a sync of one source ended."""

    RUNNING = "running"
    GOOD = "good"
    STOPPED = "stopped"
    """The drop guard refused the read; the ledger is unchanged."""
    FAILED = "failed"


class RecordKind(StrEnum):
    """What a refused row should have been."""

    CLIENT = "client"
    INSTALLMENT = "installment"
    DOCUMENT = "document"
    PAYMENT = "payment"
    PERSON = "person"


OF_HISTORY: Final = (RecordKind.DOCUMENT, RecordKind.PAYMENT)
"""Read beside the ledger, and settled by themselves."""
