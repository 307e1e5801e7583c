"""How late a client pays: the average of days beyond the due date, weighted by amount."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

MONTHS_COMPARED: Final = 6
"""The trend compares what fell due in the last half year with the half year before."""


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; the last one of that month where it is shorter."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def average_days(weighted: int | None, weight: int | None) -> float | None:
    """Days times amount over amount, to a tenth of a day; None without any amount."""
    return None if not weight else round(int(weighted or 0) / int(weight), 1)


def trend(recent: float | None, before: float | None) -> float | None:
    """By how many days it pays later than half a year ago; negative: sooner. None: not known."""
    return None if recent is None or before is None else round(recent - before, 1)
