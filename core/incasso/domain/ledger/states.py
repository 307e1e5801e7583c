"""The states of installments and sync runs, as the database and JSON spell them."""

from __future__ import annotations

from enum import StrEnum


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
