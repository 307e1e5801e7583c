"""The contact policy for all iters: when and how often a debtor may be called, visited or texted.

The numbers are those of the conduct code that collectors and consumer associations agreed on
(2017/18): Monday to Friday 8:30-21:00, Saturday 8:30-15:00, never on public holidays, one
conversation a day and three a week. An office may change every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated

import msgspec

from incasso.contract.media import Medium
from incasso.contract.settings import Between
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.actions import CONVERSATIONS

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INTERRUPTING = tuple(medium.value for medium in Medium if medium.traits.interrupts)
"""Media that have hours of their own and whose messages are counted."""
A_LONG_WAIT = 60  # days searched before a policy counts as allowing nothing


class Window(msgspec.Struct, frozen=True):
    """Hours in which contact is allowed, local time; the end is not included."""

    opens: time
    closes: time

    def holds(self, at: time) -> bool:
        """Whether that time of day is inside."""
        return self.opens <= at < self.closes


Hours = tuple[tuple[Window, ...], ...]
"""Windows of each weekday, Monday first."""

_WEEK = ((Window(time(8, 30), time(21, 0)),),) * 5
DEFAULT_HOURS: Hours = (*_WEEK, (Window(time(8, 30), time(15, 0)),), ())


class Contacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Contacts a client already had from us, whatever the iter, operator or provider."""

    today: int = 0
    week: int = 0
    """Conversations on the day and in its week, Monday to Sunday."""
    messages_today: int = 0
    messages_week: int = 0


NONE_YET = Contacts()


Count = Annotated[int, Between(1, 10**6)]


class ContactPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Allowed hours per medium and weekday, and caps per client; a missing medium is free."""

    enabled: bool = True
    hours: Mapping[str, Hours] = msgspec.field(
        default_factory=lambda: dict.fromkeys((*CONVERSATIONS, *INTERRUPTING), DEFAULT_HOURS)
    )
    holidays: bool = False
    """Whether bound media may be used on public holidays."""
    conversations_per_day: Count = 1
    conversations_per_week: Count = 3
    messages_per_day: Count | None = None
    messages_per_week: Count | None = None
    """Caps on bound messages (SMS); null: none."""

    def binds(self, medium: str) -> bool:
        """Whether the policy limits a medium."""
        return self.enabled and medium in self.hours

    def allows(self, medium: str, day: date, at: time, calendar: Calendar) -> bool:
        """Whether contact is allowed at that local time; ignores caps."""
        if not self.binds(medium):
            return True
        return self._open(medium, day, calendar) and any(
            window.holds(at) for window in self.hours[medium][day.weekday()]
        )

    def postponed_to(
        self, medium: str, on: date, contacts: Contacts, calendar: Calendar
    ) -> date | None:
        """The first day from `on` that the policy allows; `on` itself when it does not object.

        None when no day within two months is allowed.
        """
        if not self.binds(medium):
            return on
        day = self._after_caps(medium, on, contacts)
        for _ in range(A_LONG_WAIT):
            if self._open(medium, day, calendar):
                return day
            day += timedelta(days=1)
        return None

    def _open(self, medium: str, day: date, calendar: Calendar) -> bool:
        if not self.holidays and calendar.is_holiday(day):
            return False
        return bool(self.hours[medium][day.weekday()])

    def _after_caps(self, medium: str, on: date, contacts: Contacts) -> date:
        if medium in CONVERSATIONS:
            day, week = contacts.today, contacts.week
            day_cap, week_cap = self.conversations_per_day, self.conversations_per_week
        else:
            day, week = contacts.messages_today, contacts.messages_week
            day_cap, week_cap = self.messages_per_day, self.messages_per_week  # type: ignore[assignment]
        if week_cap is not None and week >= week_cap:
            return on + timedelta(days=7 - on.weekday())
        if day_cap is not None and day >= day_cap:
            return on + timedelta(days=1)
        return on


DEFAULT_POLICY = ContactPolicy()
