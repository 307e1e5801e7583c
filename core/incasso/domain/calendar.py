"""Working days: Monday to Friday without national holidays and the province's own.

The `holidays` library knows the Italian national days, 4 October from 2026 on included, and the
patron saint's day of every province.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import msgspec

from incasso.domain.one_country import holidays_of

SATURDAY = 5


class Calendar(msgspec.Struct, frozen=True):
    """Where the office works: ISO country and, for local holidays, the province's code."""

    country: str = "IT"
    province: str = ""

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday there, whatever the weekday."""
        return day in _holidays(self.country, self.province, day.year)

    def is_working(self, day: date) -> bool:
        """Whether offices are open."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


@lru_cache(maxsize=512)
def _holidays(country: str, province: str, year: int) -> frozenset[date]:
    """Unknown countries and provinces have no holidays of their own: one working day too many is
    better than a hub that stops at an unknown code."""
    days = holidays_of(country)
    for subdivision in (province or None, None):
        try:
            return frozenset(days(subdiv=subdivision, years=year)) if days else frozenset()
        except NotImplementedError:
            continue
    return frozenset()
