"""What may be claimed beside the capital: interest for each item, and costs of recovery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.domain.law.commercial_rates import commercial_rates
from incasso.domain.law.interest import Interest, interest
from incasso.domain.law.legal_rates import legal_rates
from incasso.domain.law.terms import Rule, Terms

RECOVERY_COSTS: Final = Decimal(40)
"""Euro for each invoice, without notice (D.Lgs. 231/2002, art. 6; EU Court, C-585/20)."""


@dataclass(frozen=True)
class Item:
    """One amount that is owed; a credit is negative. `document` names its invoice."""

    document: str
    due: date
    amount: Decimal
    document_date: date | None = None


@dataclass(frozen=True)
class Claim:
    """What is owed beside the capital on one day."""

    rule: Rule
    items: tuple[Interest | None, ...]
    """The interest of each item in the order given; None where there is no figure."""
    billed: tuple[bool, ...]
    """Of each item, whether the fixed sum stands beside it: the first one late of its invoice."""

    @property
    def invoices(self) -> int:
        """How many invoices the fixed sum is due for."""
        return sum(self.billed)

    @property
    def known(self) -> bool:
        """Whether there is a figure for every item."""
        return None not in self.items

    @property
    def interest(self) -> Decimal:
        """The interest that is known."""
        return sum((each.amount for each in self.items if each is not None), Decimal("0.00"))

    @property
    def until(self) -> date | None:
        """The day up to which interest is counted for every item."""
        return min((each.until for each in self.items if each is not None), default=None)

    @property
    def costs(self) -> Decimal:
        """The fixed sum for costs of recovery, in euro."""
        return RECOVERY_COSTS * self.invoices


def claim(items: Sequence[Item], on: date, rule: Rule) -> Claim:
    """Interest of each item up to and including `on`, and the costs of recovery.

    Credits pay the oldest items first, and interest runs on what they leave: it is rather too
    little than too much. What is not past due bears neither interest nor costs.
    """
    bare = less_credits(items)
    late = [left if each.due < on else Decimal(0) for each, left in zip(items, bare, strict=True)]
    found = tuple(
        interest(left, each.due, on, Terms(rule).rates(each.document_date or each.due))
        if left > 0
        else Interest((), on)
        for each, left in zip(items, late, strict=True)
    )
    return Claim(rule, found, _billed(items, late, rule))


def last_known_day() -> date:
    """The last day for which every rate is known."""
    return min(commercial_rates(date.max).last, legal_rates().last)


def less_credits(items: Sequence[Item]) -> list[Decimal]:
    """What is left of each item once the credits are spent on the oldest."""
    credit = -sum((each.amount for each in items if each.amount < 0), Decimal(0))
    left = [max(each.amount, Decimal(0)) for each in items]
    for place in sorted(range(len(items)), key=lambda each: items[each].due):
        paid = min(credit, left[place])
        left[place] -= paid
        credit -= paid
    return left


def _billed(items: Sequence[Item], late: Sequence[Decimal], rule: Rule) -> tuple[bool, ...]:
    """An item without a document is an invoice of its own."""
    seen: set[str] = set()
    found = []
    for place, (each, left) in enumerate(zip(items, late, strict=True)):
        document = each.document or str(place)
        found.append(rule.between_businesses and left > 0 and document not in seen)
        if left > 0:
            seen.add(document)
    return tuple(found)
