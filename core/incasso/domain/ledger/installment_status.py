"""How an installment stands on a day, in the one word an accountant would use."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

BANK_GRACE_DAYS = 10
"""A presented bill comes back days after its due date, or not at all: DESIGN §3.2 rule 1."""


class Standing(StrEnum):
    """The first that fits counts, from the top."""

    GONE = "gone"
    PAID = "paid"
    CREDIT = "credit"
    HELD = "held"
    UNPAID = "unpaid"
    AT_BANK = "at_bank"
    OVERDUE = "overdue"
    NOT_DUE = "not_due"


def standing(
    *,
    residual: Decimal,
    due_date: date,
    on: date,
    presented_on: date | None = None,
    unpaid_on: date | None = None,
    erp_hold: str = "",
    gone: bool = False,
    bank_grace_days: int = BANK_GRACE_DAYS,
) -> Standing:
    """How it stands; a bill at the bank is not overdue up to and including its grace days."""
    if gone:
        return Standing.GONE
    if not residual:
        return Standing.PAID
    if residual < 0:
        return Standing.CREDIT
    if erp_hold == Standing.AT_BANK:
        return Standing.AT_BANK
    if erp_hold:
        return Standing.HELD
    if unpaid_on is not None:
        return Standing.UNPAID
    if presented_on is not None and on <= due_date + timedelta(days=bank_grace_days):
        return Standing.AT_BANK
    return Standing.OVERDUE if due_date < on else Standing.NOT_DUE
