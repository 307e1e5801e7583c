"""Dated rates: which one holds on a day, and how far the figures are known."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True)
class Rate:
    """A yearly rate in percent that holds from `first` up to and including `last`."""

    first: date
    last: date
    percent: Decimal
    source: str
    """Where the figure was published."""
    provisional: bool = False
    """The last known rate, kept because the one of these days is not published, or not entered."""


class RateTable:
    """Rates of one kind, oldest first, without a gap. A day outside has no figure."""

    def __init__(self, rates: Sequence[Rate], *, months: int = 12) -> None:
        """`months`: how often a new rate is published.

        Raises ValueError for rates that overlap or leave a day out.
        """
        for earlier, later in pairwise(rates):
            if later.first != earlier.last + timedelta(days=1):
                raise ValueError(f"{later.first} does not follow {earlier.last}")
        self.rates = tuple(rates)
        self._months = months
        self._firsts = [each.first for each in rates]

    @property
    def first(self) -> date:
        """The first day with a figure."""
        return self.rates[0].first

    @property
    def last(self) -> date:
        """The last day with a figure; the next rate is not published, or not entered yet."""
        return self.rates[-1].last

    def on(self, day: date) -> Rate | None:
        """The rate of a day; None if the table has no figure for it."""
        place = bisect_right(self._firsts, day) - 1
        found = self.rates[place] if place >= 0 else None
        return found if found is not None and day <= found.last else None

    def between(self, first: date, last: date) -> tuple[Rate, ...]:
        """The rates of these days, cut to them; both days count."""
        return tuple(
            replace(each, first=max(first, each.first), last=min(last, each.last))
            for each in self.rates
            if each.first <= last and each.last >= first
        )

    def kept_until(self, until: date) -> RateTable:
        """The same table with its last rate kept, provisionally, for the periods up to a day.

        Who claims interest today cannot wait for a notice that comes weeks late.
        """
        if until <= self.last:
            return self
        rates = list(self.rates)
        while rates[-1].last < until:
            first = rates[-1].last + timedelta(days=1)
            last = months_after(first, self._months) - timedelta(days=1)
            rates.append(replace(rates[-1], first=first, last=last, provisional=True))
        return RateTable(rates, months=self._months)


def months_after(day: date, months: int) -> date:
    """The day of the same number, or the last one of a shorter month (art. 2963 c.c.)."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
