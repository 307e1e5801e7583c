"""Dated rates: which one holds on a day, and how far the figures are known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
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


class RateTable:
    """Rates of one kind, oldest first, without a gap. A day outside has no figure."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        """Raises ValueError for rates that overlap or leave a day out."""
        for earlier, later in pairwise(rates):
            if later.first != earlier.last + timedelta(days=1):
                raise ValueError(f"{later.first} does not follow {earlier.last}")
        self.rates = tuple(rates)
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
            Rate(max(first, each.first), min(last, each.last), each.percent, each.source)
            for each in self.rates
            if each.first <= last and each.last >= first
        )
