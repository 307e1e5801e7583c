"""Simple interest on one amount, day by day, by a table of rates."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from incasso.domain.law.rates import Rate, RateTable


class DayCount(StrEnum):
    """How many days a year has; the law does not say."""

    ALWAYS_365 = "365"
    """In leap years too (Tax Agency, resolution 296/E of 2008); what most calculators do."""
    ACTUAL = "actual"
    """366 in leap years, as the institute of statistics of Bolzano counts."""


_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Period:
    """Interest of days with one rate; `first` and `last` both count."""

    first: date
    last: date
    percent: Decimal
    amount: Decimal
    provisional: bool = False
    """By the last known rate, because the one of these days is not published yet."""

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
    capital: Decimal = Decimal(0)
    """What it runs on."""

    @property
    def amount(self) -> Decimal:
        """The sum of its periods, each rounded to a cent."""
        return sum((each.amount for each in self.periods), Decimal("0.00"))

    @property
    def days(self) -> int:
        """How many days are counted."""
        return sum(each.days for each in self.periods)


def interest(
    capital: Decimal,
    due: date,
    until: date,
    rates: RateTable,
    days: DayCount = DayCount.ALWAYS_365,
) -> Interest | None:
    """Interest from the day after `due` up to and including `until`.

    Nothing is guessed: None if the table begins later than that; if it ends before `until`, the
    days after its end are left out, and `Interest.until` says so.
    """
    first = due + timedelta(days=1)
    if first > until:
        return Interest((), until, capital)
    if first < rates.first:
        return None
    found = rates.between(first, until)
    if days is DayCount.ACTUAL:
        found = tuple(part for each in found for part in _by_year(each))
    periods = tuple(_period(capital, each, days) for each in found)
    return Interest(periods, min(until, rates.last), capital)


def _by_year(rate: Rate) -> Iterator[Rate]:
    for year in range(rate.first.year, rate.last.year + 1):
        first, last = max(rate.first, date(year, 1, 1)), min(rate.last, date(year, 12, 31))
        yield replace(rate, first=first, last=last)


def _period(capital: Decimal, rate: Rate, count: DayCount) -> Period:
    days = (rate.last - rate.first).days + 1
    leap = count is DayCount.ACTUAL and isleap(rate.first.year)
    amount = capital * rate.percent * days / (36600 if leap else 36500)
    cents = amount.quantize(_CENT, ROUND_HALF_UP)
    return Period(rate.first, rate.last, rate.percent, cents, rate.provisional)
