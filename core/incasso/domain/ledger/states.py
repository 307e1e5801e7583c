"""Whether an installment is still open, as the database and JSON spell it."""

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
