"""Rate limit of one instance: short waits for a turn, longer ones are refused with the time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

from incasso.contract.errors import RateLimitedError
from incasso.contract.text import Text, template, text
from incasso.plugins.pace import Pace


class Rate:
    """Sliding windows of a minute and a day, and the pause the other side asked for."""

    def __init__(
        self, per_minute: int | None, per_day: int | None, pace: Pace | None = None
    ) -> None:
        self._pace = pace
        self._windows = tuple(
            (timedelta(seconds=seconds), deque[datetime](maxlen=most), Text(words, {"most": most}))
            for most, seconds, words in (
                (per_minute, 60, template("its limit is {most} calls a minute")),
                (per_day, 86_400, template("its limit is {most} calls a day")),
            )
            if most
        )
        self._not_before: datetime | None = None
        self._lock = Lock()

    def remember(self, calls: Iterable[datetime]) -> None:
        """Count calls of an earlier process, oldest first: a day's limit outlives a restart."""
        for at in calls:
            for _, window, _ in self._windows:
                window.append(at)

    def slow_down(self, until: datetime) -> None:
        """Allows no call before that instant, because the other side said "too fast"."""
        self._not_before = max(until, self._not_before or until)

    def claim(self, at: datetime) -> timedelta:
        """Counts one call and says how long it must wait for its turn, mostly not at all.

        If it is over a limit, raises RateLimitedError with the wait instead.
        """
        if self._not_before is not None:
            if at < self._not_before:
                raise _limited(text("the other side asked to slow down"), self._not_before - at)
            self._not_before = None
        with self._lock:
            for length, window, words in self._windows:
                if len(window) == window.maxlen and at - window[0] < length:
                    raise _limited(words, length - (at - window[0]))
            wait = timedelta(0) if self._pace is None else self._pace.claim(at)
            for _, window, _ in self._windows:
                window.append(at)
        return wait


def _limited(why: Text, wait: timedelta) -> RateLimitedError:
    seconds = max(1, round(wait.total_seconds()))
    return RateLimitedError(
        text("{why}; again in {seconds} s", why=why, seconds=seconds), retry_after=wait
    )
