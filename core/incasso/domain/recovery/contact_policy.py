"""The contact policy for all iters: when and how often a debtor may be called, visited, written to.

The numbers for conversations are those of the conduct code that collectors and consumer
associations agreed on (2017/18): Monday to Friday 8:30-21:00, Saturday 8:30-15:00, never on public
holidays, one conversation a day and three a week. Two messages a week, by whatever medium, are our
own number. An office may change every one of them.
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
"""Media that have hours unless the office says otherwise."""
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
    """Messages that left or are about to, by whatever medium; the decision on a case does not
    count the one that this case is in."""


NONE_YET = Contacts()


Count = Annotated[int, Between(1, 10**6)]
MessageCap = Annotated[int, Between(0, 10**6)]
"""0: no cap."""


class Bounds(msgspec.Struct, frozen=True):
    """What else limits a contact, or frees it, beside its medium."""

    exempt: bool = False
    """A formal notice: no cap on messages holds it up."""
    working_days: bool = False
    """If it is postponed, then to a working day."""


NO_BOUNDS = Bounds()


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
    messages_per_day: MessageCap = 0
    messages_per_week: MessageCap = 2
    """Caps on messages to a client by whatever medium; 0: none."""
    join_iters: bool = True
    """Messages of several iters that are due on the same day share one."""

    @property
    def caps_messages(self) -> bool:
        """Whether messages have to be counted."""
        return self.enabled and bool(self.messages_per_day or self.messages_per_week)

    @property
    def joins_iters(self) -> bool:
        """Whether messages of several iters share one."""
        return self.enabled and self.join_iters

    @property
    def weighs_messages(self) -> bool:
        """Whether what else a client gets on a day matters for a message."""
        return self.caps_messages or self.joins_iters

    def binds(self, medium: str) -> bool:
        """Whether a medium has hours."""
        return self.enabled and medium in self.hours

    def allows(self, medium: str, day: date, at: time, calendar: Calendar) -> bool:
        """Whether contact is allowed at that local time; ignores caps."""
        if not self.binds(medium):
            return True
        return self._open(medium, day, calendar) and any(
            window.holds(at) for window in self.hours[medium][day.weekday()]
        )

    def opens_again(
        self, medium: str, day: date, at: time, calendar: Calendar
    ) -> tuple[date, time] | None:
        """When contact by a medium that has hours is allowed next, after a local time outside them;
        None: not within two months. Ignores caps."""
        for ahead in range(A_LONG_WAIT):
            later = day + timedelta(days=ahead)
            if not self._open(medium, later, calendar):
                continue
            for opens in sorted(each.opens for each in self.hours[medium][later.weekday()]):
                if ahead or opens > at:
                    return later, opens
        return None

    def postponed_to(
        self,
        medium: str,
        on: date,
        contacts: Contacts,
        calendar: Calendar,
        bounds: Bounds = NO_BOUNDS,
    ) -> date | None:
        """The first day from `on` that the policy allows; `on` itself when it does not object.

        None when no day within two months is allowed.
        """
        if not self.enabled or not medium:
            return on
        day = on if bounds.exempt else self._after_caps(medium, on, contacts)
        for _ in range(A_LONG_WAIT):
            works = day == on or not bounds.working_days or calendar.is_working(day)
            if works and self._open(medium, day, calendar):
                return day
            day += timedelta(days=1)
        return None

    def room_for_messages(self, contacts: Contacts) -> int | None:
        """How many messages may still be sent to the client today; None: as many as are due."""
        caps = (
            (self.messages_per_day, contacts.messages_today),
            (self.messages_per_week, contacts.messages_week),
        )
        rooms = [max(cap - had, 0) for cap, had in caps if cap]
        return min(rooms) if self.enabled and rooms else None

    def cap_reached(self, contacts: Contacts) -> str:
        """The cap on messages that is reached, as "week 2"; empty: none."""
        caps = (
            ("week", self.messages_per_week, contacts.messages_week),
            ("day", self.messages_per_day, contacts.messages_today),
        )
        return next((f"{name} {cap}" for name, cap, had in caps if cap and had >= cap), "")

    def in_bands(self, contacts: Contacts) -> Contacts:
        """The same for every decision: the messages matter only once their cap is reached."""
        day, week = self.messages_per_day, self.messages_per_week
        return msgspec.structs.replace(
            contacts,
            messages_today=day if day and contacts.messages_today >= day else 0,
            messages_week=week if week and contacts.messages_week >= week else 0,
        )

    def _open(self, medium: str, day: date, calendar: Calendar) -> bool:
        if medium not in self.hours:
            return True
        if not self.holidays and calendar.is_holiday(day):
            return False
        return bool(self.hours[medium][day.weekday()])

    def _after_caps(self, medium: str, on: date, contacts: Contacts) -> date:
        if medium in CONVERSATIONS:
            day, week = contacts.today, contacts.week
            day_cap, week_cap = self.conversations_per_day, self.conversations_per_week
        else:
            day, week = contacts.messages_today, contacts.messages_week
            day_cap, week_cap = self.messages_per_day, self.messages_per_week
        if week_cap and week >= week_cap:
            return next_week(on)
        if day_cap and day >= day_cap:
            return on + timedelta(days=1)
        return on


def week_of(day: date) -> date:
    """The Monday of its week: caps count from Monday to Sunday."""
    return day - timedelta(days=day.weekday())


def next_week(day: date) -> date:
    """The Monday of the week after."""
    return week_of(day) + timedelta(days=7)


DEFAULT_POLICY = ContactPolicy()
