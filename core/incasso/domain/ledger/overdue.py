"""The only rule for when an installment is overdue, and when the bank still has its bill.

`store.ledger.overdue` has the same rule in SQL, for lists and reports; a property test compares
both.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from incasso.contract.ledger import PaymentMethod

BILLS: Final = (PaymentMethod.RIBA, PaymentMethod.SDD, PaymentMethod.BILL)
"""Payment methods that the bank collects: a presented bill is not overdue until it returns."""

BANK_GRACE_DAYS: Final = 10
"""Default days of grace: a presented bill returns within days after its due date, or not at all."""

LONGEST_BANK_GRACE: Final = 365
"""The most days of grace that an iter or a company may set."""

AT_BANK: Final = "at_bank"
"""The `erp_hold` of a bill that the ERP still waits for, where the bank takes longer."""

COLLECTED: Final = "collected"
"""The `erp_hold` of a bill that counts as collected by days alone; its residual is zero."""


def is_with_bank(payment_method: str, presented_on: date | None, unpaid_on: date | None) -> bool:
    """Whether this is a bill that was presented and has not come back."""
    return payment_method in BILLS and presented_on is not None and unpaid_on is None


def last_day_at_bank(due_date: date, grace_days: int) -> date:
    """The last day on which the bank may still collect a bill; an extension does not change it."""
    return due_date + timedelta(days=grace_days)


def is_at_bank(
    on: date,
    *,
    payment_method: str,
    due_date: date,
    presented_on: date | None,
    unpaid_on: date | None,
    erp_hold: str,
    grace_days: int,
) -> bool:
    """Whether the bank may still collect it on that day: within the days of grace, or as the ERP
    says. Then it is not overdue."""
    if erp_hold == AT_BANK:
        return True
    presented = is_with_bank(payment_method, presented_on, unpaid_on)
    return presented and on <= last_day_at_bank(due_date, grace_days)


def overdue_days(on: date, *, is_owed: bool, effective_due: date, at_bank: bool) -> int:
    """How many days it is late, its extension included; none for what is paid or a credit."""
    return max(0, (on - effective_due).days) if is_owed and not at_bank else 0
