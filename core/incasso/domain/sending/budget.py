"""A budget for the messages of a month: warned of from four fifths on, and never overrun."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

WARNED_FROM: Final = 80
"""Percent."""


class Budget(msgspec.Struct, frozen=True):
    """How a channel stands in a month; amounts in minor units of one currency."""

    limit: int
    spent: int
    """What left, and what may have."""

    @property
    def percent(self) -> int:
        """How much of it is spent; rounded down, so that 100 means all."""
        return 100 * self.spent // self.limit if self.limit else 100

    @property
    def is_reached(self) -> bool:
        """Whether nothing more may leave."""
        return self.spent >= self.limit

    @property
    def is_warned_of(self) -> bool:
        """Whether the office should know."""
        return self.percent >= WARNED_FROM

    def bears(self, cost: int) -> bool:
        """Whether one more message may leave that costs so much; 0: nobody knows how much."""
        return not self.is_reached and self.spent + cost <= self.limit

    def after(self, cost: int) -> Budget:
        """How it stands then."""
        return Budget(self.limit, self.spent + cost)


def month_of(on: date) -> tuple[date, date]:
    """The first and the last day of its calendar month."""
    first = on.replace(day=1)
    return first, next_month(on) - timedelta(days=1)


def next_month(on: date) -> date:
    """The first day of the month after."""
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1)
