"""Bills that come back from the bank, where the ERP does not say so itself."""

from __future__ import annotations

from datetime import date

import msgspec


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """An installment as the ledger held it."""

    due_date: date
    presented_on: date | None
    unpaid_on: date | None


def bank_dates(
    was: Bill, *, residual: int, presented_on: date | None, on: date
) -> tuple[date | None, date | None]:
    """The days it was presented and came back, for an ERP that does not report returns.

    A bill that was at the bank and is open again is unpaid as of the day that was noticed, and
    stays so until it is paid or presented again. A paid bill keeps both days: a reversed payment
    makes it unpaid again. A bill that is open again before its due date was withdrawn, because a
    bank returns nothing before that date.
    """
    if residual == 0:
        return presented_on or was.presented_on, was.unpaid_on
    if presented_on is not None:
        return presented_on, None
    if was.unpaid_on is not None:
        return None, was.unpaid_on
    returned = was.presented_on is not None and on >= was.due_date
    return None, on if returned else None
