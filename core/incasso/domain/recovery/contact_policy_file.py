"""The `[contact_policy]` table: read and written with hours as "08:30-21:00"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from types import MappingProxyType
from typing import Any, Final

import msgspec

from incasso.contract.media import Medium
from incasso.contract.settings import UnfitError
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.domain.recovery.contact_policy import (
    DEFAULT_POLICY,
    WEEKDAYS,
    ContactPolicy,
    Count,
    Hours,
    MessageCap,
    Window,
)
from incasso.domain.recovery.iter_rules import IterFault

BOUND_MEDIA = (*CONVERSATIONS, *(medium.value for medium in Medium if not medium.by_post))
"""Media whose hours can be set; letters have none."""
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)")

_Week = msgspec.defstruct("_Week", [(day, tuple[Window, ...], ()) for day in WEEKDAYS])
_Media = msgspec.defstruct("_Media", [(medium, _Week | None, None) for medium in BOUND_MEDIA])


class PolicyTable(msgspec.Struct, frozen=True, kw_only=True):
    """The table as it is written; missing keys keep the default policy."""

    enabled: bool = DEFAULT_POLICY.enabled
    hours: _Media | None = None  # type: ignore[valid-type]
    holidays: bool = DEFAULT_POLICY.holidays
    conversations_per_day: Count = DEFAULT_POLICY.conversations_per_day
    conversations_per_week: Count = DEFAULT_POLICY.conversations_per_week
    messages_per_day: MessageCap = DEFAULT_POLICY.messages_per_day
    messages_per_week: MessageCap = DEFAULT_POLICY.messages_per_week
    join_iters: bool = DEFAULT_POLICY.join_iters

    def policy(self) -> ContactPolicy:
        """The policy it describes."""
        given = {name: getattr(self, name) for name in self.__struct_fields__ if name != "hours"}
        hours = DEFAULT_POLICY.hours if self.hours is None else _by_medium(self.hours)
        return ContactPolicy(hours=hours, **given)


def _by_medium(media: Any) -> dict[str, Hours]:
    given = ((medium, getattr(media, medium)) for medium in BOUND_MEDIA)
    return {medium: _by_day(week) for medium, week in given if week is not None}


def _by_day(week: Any) -> Hours:
    return tuple(getattr(week, day) for day in WEEKDAYS)


def _window(given: Any) -> Window:
    found = _HOURS.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise UnfitError(code=IterFault.NO_HOURS, given=str(given))
    first, second, third, fourth = found.groups()
    # A day that ends at 24:00 ends with its last microsecond: `time` has no 24:00.
    closes = time(int(third), int(fourth)) if third else time.max
    opens = time(int(first), int(second))
    if closes <= opens:
        raise UnfitError(code=IterFault.HOURS_BACKWARDS, given=given)
    return Window(opens, closes)


HOURS: Final[Mapping[Any, Any]] = MappingProxyType({Window: _window})
"""How a window is read: "08:30-21:00"."""


def policy_lines(policy: ContactPolicy) -> Iterator[str]:
    """The table as TOML, the same bytes for the same policy."""
    yield "[contact_policy]"
    yield f"enabled = {str(policy.enabled).lower()}"
    yield f"holidays = {str(policy.holidays).lower()}"
    yield f"conversations_per_day = {policy.conversations_per_day}"
    yield f"conversations_per_week = {policy.conversations_per_week}"
    yield f"messages_per_day = {policy.messages_per_day}"
    yield f"messages_per_week = {policy.messages_per_week}"
    yield f"join_iters = {str(policy.join_iters).lower()}"
    for medium in sorted(policy.hours):
        yield ""
        yield f"[contact_policy.hours.{medium}]"
        for day, windows in zip(WEEKDAYS, policy.hours[medium], strict=True):
            yield f"{day} = [{', '.join(map(_written, windows))}]"
    if not policy.hours:
        yield ""
        yield "[contact_policy.hours]"


def _written(window: Window) -> str:
    closes = "24:00" if window.closes == time.max else f"{window.closes:%H:%M}"
    return f'"{window.opens:%H:%M}-{closes}"'
