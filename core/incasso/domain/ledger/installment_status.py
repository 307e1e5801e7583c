"""The status of an installment on a day, as the word an accountant would use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from incasso.domain.ledger import overdue


class Standing(StrEnum):
    """Statuses by precedence: the first that applies counts."""

    GONE = "gone"
    PAID = "paid"
    CREDIT = "credit"
    HELD = "held"
    UNPAID = "unpaid"
    AT_BANK = overdue.AT_BANK
    OVERDUE = "overdue"
    NOT_DUE = "not_due"


def standing(
    *,
    residual: Decimal,
    due_date: date,
    on: date,
    at_bank: bool = False,
    unpaid_on: date | None = None,
    erp_hold: str = "",
    gone: bool = False,
) -> Standing:
    """The status; `at_bank` is the result of `overdue.is_at_bank`."""
    if gone:
        return Standing.GONE
    if not residual:
        return Standing.PAID
    if residual < 0:
        return Standing.CREDIT
    if erp_hold not in ("", Standing.AT_BANK):
        return Standing.HELD
    if at_bank:
        return Standing.AT_BANK
    if unpaid_on is not None:
        return Standing.UNPAID
    return Standing.OVERDUE if due_date < on else Standing.NOT_DUE
