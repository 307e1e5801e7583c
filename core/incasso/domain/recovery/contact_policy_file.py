"""The `[contact_policy]` table: read and written with hours as "08:30-21:00"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.domain.recovery.contact_policy import (
    DEFAULT_POLICY,
    WEEKDAYS,
    ContactPolicy,
    Hours,
    Window,
)
from incasso.domain.table_reader import Table, nearest

BOUND_MEDIA = (*CONVERSATIONS, *(medium.value for medium in Medium if not medium.by_post))
"""What hours can be set for; a letter arrives when the post comes."""
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)")


def read_policy(table: Table) -> ContactPolicy:
    """Read the table; what it does not say stays as in the default policy."""
    hours = dict(DEFAULT_POLICY.hours)
    if "hours" in table.values:
        hours = _read_media(table.table("hours"))
    policy = ContactPolicy(
        enabled=table.flag("enabled", DEFAULT_POLICY.enabled),
        hours=hours,
        holidays=table.flag("holidays", DEFAULT_POLICY.holidays),
        conversations_per_day=table.number(
            "conversations_per_day", DEFAULT_POLICY.conversations_per_day, least=1
        ),
        conversations_per_week=table.number(
            "conversations_per_week", DEFAULT_POLICY.conversations_per_week, least=1
        ),
        messages_per_day=table.maybe_number("messages_per_day", least=1),
        messages_per_week=table.maybe_number("messages_per_week", least=1),
    )
    table.asked += ["hours", "messages_per_day", "messages_per_week"]
    table.nothing_else()
    return policy


def _read_media(table: Table) -> dict[str, Hours]:
    found = {}
    for medium in table.values:
        if medium in BOUND_MEDIA:
            found[medium] = _read_week(table.table(medium))
        else:
            table.problem(medium, "is no medium", nearest(medium, BOUND_MEDIA))
    return found


def _read_week(table: Table) -> Hours:
    week = tuple(
        tuple(filter(None, (_read_window(table, day, text) for text in table.texts(day))))
        for day in WEEKDAYS
    )
    table.nothing_else()
    return week


def _read_window(table: Table, day: str, text: str) -> Window | None:
    found = _HOURS.fullmatch(text)
    if found is None:
        table.problem(day, f"{text!r} are no hours", 'e.g. "08:30-21:00"')
        return None
    first, second, third, fourth = found.groups()
    # A day that ends at 24:00 ends with its last microsecond: time has no 24:00.
    closes = time(int(third), int(fourth)) if third else time.max
    opens = time(int(first), int(second))
    if closes <= opens:
        table.problem(day, f"{text!r} end before they begin")
        return None
    return Window(opens, closes)


def policy_lines(policy: ContactPolicy) -> Iterator[str]:
    """The table as TOML, the same bytes for the same policy."""
    yield "[contact_policy]"
    yield f"enabled = {str(policy.enabled).lower()}"
    yield f"holidays = {str(policy.holidays).lower()}"
    yield f"conversations_per_day = {policy.conversations_per_day}"
    yield f"conversations_per_week = {policy.conversations_per_week}"
    if policy.messages_per_day is not None:
        yield f"messages_per_day = {policy.messages_per_day}"
    if policy.messages_per_week is not None:
        yield f"messages_per_week = {policy.messages_per_week}"
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
