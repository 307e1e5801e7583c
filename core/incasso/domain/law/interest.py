"""Simple interest on one amount, day by day, by a table of rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from incasso.domain.law.rates import Rate, RateTable

_YEAR: Final = Decimal(36500)
"""Percent and days: 365 in leap years too (Tax Agency, resolution 296/E of 2008)."""

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Period:
    """Interest of days with one rate; `first` and `last` both count."""

    first: date
    last: date
    percent: Decimal
    amount: Decimal

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Interest:
    """What one amount came to, as far as the rates are known."""

    periods: tuple[Period, ...]
    until: date
    """The last day that is counted: the day asked for, or the last one with a figure."""

    @property
    def amount(self) -> Decimal:
        """The sum of its periods, each rounded to a cent."""
        return sum((each.amount for each in self.periods), Decimal("0.00"))

    @property
    def days(self) -> int:
        """How many days are counted."""
        return sum(each.days for each in self.periods)


def interest(capital: Decimal, due: date, until: date, rates: RateTable) -> Interest | None:
    """Interest from the day after `due` up to and including `until`.

    Nothing is guessed: None if the table begins later than that; if it ends before `until`, the
    days after its end are left out, and `Interest.until` says so.
    """
    first = due + timedelta(days=1)
    if first > until:
        return Interest((), until)
    if first < rates.first:
        return None
    periods = tuple(_period(capital, each) for each in rates.between(first, until))
    return Interest(periods, min(until, rates.last))


def _period(capital: Decimal, rate: Rate) -> Period:
    days = (rate.last - rate.first).days + 1
    amount = (capital * rate.percent * days / _YEAR).quantize(_CENT, ROUND_HALF_UP)
    return Period(rate.first, rate.last, rate.percent, amount)
