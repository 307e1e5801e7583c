"""How an installment stands on a day for the office: what the ERP says, and what was agreed."""

from __future__ import annotations

from enum import StrEnum


class Situation(StrEnum):
    """By precedence: the first that applies counts.

    `store.ledger.situation` has the rule in SQL.
    """

    GONE = "gone"
    """The ERP says that it was deleted."""
    VANISHED = "vanished"
    """It is no longer in the ERP, and nobody says why."""
    PAID = "paid"
    CREDIT = "credit"
    """A credit note, an advance or an overpaid invoice."""
    DISPUTED = "disputed"
    HELD = "held"
    """By the ERP (lawyer, factoring, …) or by the office."""
    AT_BANK = "at_bank"
    """The bank may still collect the bill."""
    PROMISED = "promised"
    """A promise or a plan of payments covers it."""
    UNPAID = "unpaid"
    """The bill came back from the bank."""
    OVERDUE = "overdue"
    NOT_DUE = "not_due"
