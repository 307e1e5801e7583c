"""Interest on one debt that was paid in parts: each payment ends a row and begins the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from incasso.domain.law.interest import DayCount, interest
from incasso.domain.law.rates import RateTable

_NOTHING: Final = Decimal("0.00")


class Allocation(StrEnum):
    """What a payment pays first."""

    CAPITAL = "capital"
    """As the ledger books it; the creditor must agree, and does by booking so."""
    INTEREST = "interest"
    """Interest and costs before capital (art. 1194 c.c.)."""


@dataclass(frozen=True)
class PartPayment:
    """What came in, above zero; a reversal is below."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Row:
    """Interest of days with one rate on one capital; `first` and `last` both count."""

    first: date
    last: date
    capital: Decimal
    percent: Decimal
    amount: Decimal
    provisional: bool = False

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Running:
    """What a debt came to on one day."""

    rows: tuple[Row, ...]
    capital: Decimal
    """What is left of it."""
    unpaid_interest: Decimal
    """What is left of the interest of all rows."""

    @property
    def interest(self) -> Decimal:
        """The interest of all rows, also what was paid of it."""
        return sum((each.amount for each in self.rows), _NOTHING)

    @property
    def provisional(self) -> bool:
        """Whether a part is counted by a rate that was kept."""
        return any(each.provisional for each in self.rows)


@dataclass
class _Debt:
    """A debt while its payments are gone through."""

    capital: Decimal
    rates: RateTable
    days: DayCount
    rows: list[Row] = field(default_factory=list)
    owed: Decimal = _NOTHING

    def run(self, after: date, until: date) -> bool:
        """Count the days after one up to and including another; False without a rate."""
        if self.capital <= 0:
            return True
        found = interest(self.capital, after, until, self.rates, self.days)
        if found is None:
            return False
        for each in found.periods:
            self.rows.append(
                Row(
                    first=each.first,
                    last=each.last,
                    capital=self.capital,
                    percent=each.percent,
                    amount=each.amount,
                    provisional=each.provisional,
                )
            )
            self.owed += each.amount
        return True

    def pay(self, amount: Decimal, allocation: Allocation) -> None:
        """What a payment leaves; one too many leaves nothing below zero."""
        first = min(self.owed, amount) if allocation is Allocation.INTEREST else _NOTHING
        first = max(first, _NOTHING)
        self.owed -= first
        rest = amount - first
        over = max(rest - self.capital, _NOTHING)
        self.capital -= rest - over
        self.owed -= min(over, self.owed)


def running(
    capital: Decimal,
    due: date,
    payments: Sequence[PartPayment],
    until: date,
    rates: RateTable,
    allocation: Allocation = Allocation.CAPITAL,
    days: DayCount = DayCount.ALWAYS_365,
) -> Running | None:
    """Interest from the day after `due` up to and including `until`, row by row.

    The day of a payment still counts on the old capital. The last known rate is kept where the
    table ends. None if the table begins too late.
    """
    debt, after = _Debt(capital, rates.kept_until(until), days), due
    for payment in sorted(payments, key=lambda each: each.on):
        if payment.on > until:
            break
        if payment.on > after:
            if not debt.run(after, payment.on):
                return None
            after = payment.on
        debt.pay(payment.amount, allocation)
    if not debt.run(after, until):
        return None
    return Running(tuple(debt.rows), debt.capital, debt.owed)
