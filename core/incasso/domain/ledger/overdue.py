"""When an installment is overdue, and when the bank still has its bill: the rule, once.

`store.ledger.overdue` says the same in SQL, for lists and reports; a property test holds both
equal.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from incasso.contract.ledger import PaymentMethod

BILLS: Final = (PaymentMethod.RIBA, PaymentMethod.SDD, PaymentMethod.BILL)
"""What the bank collects: once presented, the client is not late before the bank says so."""

BANK_GRACE_DAYS: Final = 10
"""A presented bill comes back days after its due date, or not at all; where nobody says how many,
it is this many."""

LONGEST_BANK_GRACE: Final = 365
"""No iter and no company may say more."""

AT_BANK: Final = "at_bank"
"""What an ERP whose bank takes longer says of a bill it still waits for (`erp_hold`)."""


def is_with_bank(payment_method: str, presented_on: date | None, unpaid_on: date | None) -> bool:
    """Whether this is a bill that was presented and has not come back."""
    return payment_method in BILLS and presented_on is not None and unpaid_on is None


def last_day_at_bank(due_date: date, grace_days: int) -> date:
    """Until when the bank may still collect a bill; an extension does not lengthen it."""
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
