"""Bank charges of a bill that came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from incasso.domain.acts.act import Act, Mistake, MistakeKind
from incasso.domain.ledger.charges import MOST_CHARGES


class Charges(Act, frozen=True, kw_only=True, tag="charges"):
    """Sets what is asked beside one returned bill for the bank's charges; 0 waives them."""

    amount: Decimal
    currency: str | None = None
    """Left out: the installment's."""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """They are an amount, and one that a bank takes."""
        if not (self.amount.is_finite() and 0 <= self.amount <= MOST_CHARGES):
            values = {"amount": str(self.amount), "most": MOST_CHARGES}
            yield Mistake(kind=MistakeKind.NO_CHARGES, values=values)
