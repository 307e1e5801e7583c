"""Rate limit of one instance: short waits for a turn, longer ones are refused with the time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from incasso.contract.capabilities import Limits
from incasso.contract.text import Text, template, text
from incasso.plugins.pace import Pace
from incasso.plugins.state import KeptInstant, KeptText, StateRows
from incasso.plugins.windows import Window, limited

_A_MINUTE: Final = template("its limit is {most} calls a minute")
_A_DAY: Final = template("its limit is {most} calls a day")


class Rate:
    """Sliding windows of a minute and a day, and the pause the other side asked for."""

    def __init__(self, windows: Sequence[Window], pace: Pace | None = None) -> None:
        self._pace = pace
        self._windows = windows
        self._not_before: datetime | None = None
        self._lock = Lock()

    def remember(self, calls: Iterable[datetime]) -> None:
        """Calls of earlier processes, oldest first, for windows that were not counted before."""
        earlier = tuple(calls)
        for window in self._windows:
            window.remember(earlier)

    def slow_down(self, until: datetime) -> None:
        """Allows no call before that instant, because the other side said "too fast"."""
        self._not_before = max(until, self._not_before or until)

    def claim(self, at: datetime) -> timedelta:
        """Counts one call and says how long it must wait for its turn, mostly not at all.

        If it is over a limit, raises RateLimitedError with the wait instead.
        """
        if self._not_before is not None:
            if at < self._not_before:
                raise limited(text("the other side asked to slow down"), self._not_before - at)
            self._not_before = None
        with self._lock:
            for window in self._windows:
                window.ready(at)
            wait = timedelta(0) if self._pace is None else self._pace.claim(at)
            for window in self._windows:
                window.take(at)
        return wait

    def close(self) -> None:
        """Leaves to other processes what this one may still have called. Harmless twice."""
        with self._lock:
            for window in self._windows:
                window.give_back()


def rate_of(limits: Limits, instance: str, state: StateRows) -> Rate:
    """The limits of an instance; all its processes share them by what is kept of it."""
    windows = [
        Window(most, length, Text(words, {"most": most}), KeptText(state, instance, key))
        for most, length, words, key in (
            (limits.calls_per_minute, timedelta(minutes=1), _A_MINUTE, ":minute"),
            (limits.calls_per_day, timedelta(days=1), _A_DAY, ":day"),
        )
        if most
    ]
    if limits.calls_per_second is None:
        return Rate(windows)
    kept = KeptInstant(KeptText(state, instance, ":pace"))
    return Rate(windows, Pace(limits.calls_per_second, limits.burst, kept))
