"""An even pace of calls: so many a second in the long run, a few at once after a quiet time.

The whole state is one instant, the time at which the calls so far would be over at an even pace
(the generic cell rate algorithm, ITU-T I.371): it is small enough to be shared between processes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Final, Protocol

from incasso.contract.errors import RateLimitedError
from incasso.contract.text import text

LONGEST_WAIT: Final = timedelta(seconds=10)
"""A call waits so long for its turn; who would wait longer is told when to come again."""


class SharedInstant(Protocol):
    """An instant that several processes read and change."""

    def change(self, how: Callable[[datetime | None], datetime]) -> None:
        """Replace it by what `how` makes of it, as one step. Raises what `how` raises."""
        ...


class OwnInstant:
    """An instant of this process alone."""

    def __init__(self) -> None:
        self._value: datetime | None = None
        self._lock = Lock()

    def change(self, how: Callable[[datetime | None], datetime]) -> None:
        """Replace it by what `how` makes of it."""
        with self._lock:
            self._value = how(self._value)


class Pace:
    """The pace of one instance, shared by its threads and, as far as possible, its processes."""

    def __init__(
        self,
        per_second: Decimal,
        burst: int,
        kept: SharedInstant | None = None,
        longest: timedelta = LONGEST_WAIT,
    ) -> None:
        self._longest = longest
        self._per_second = per_second
        self._interval = timedelta(microseconds=int(1_000_000 / per_second))
        self._slack = self._interval * (burst - 1)
        self._kept = kept or OwnInstant()

    def claim(self, at: datetime) -> timedelta:
        """How long this call must wait for its turn, which is then its own; zero: it may go now.

        Raises RateLimitedError, and takes no turn, if the wait would be too long.
        """
        wait = timedelta(0)

        def taken(over: datetime | None) -> datetime:
            nonlocal wait
            over = max(over or at, at)
            wait = max(timedelta(0), over - at - self._slack)
            if wait > self._longest:
                raise self._refused(wait)
            return over + self._interval

        self._kept.change(taken)
        return wait

    def _refused(self, wait: timedelta) -> RateLimitedError:
        return RateLimitedError(
            text(
                "its limit is {most} calls a second; again in {seconds} s",
                most=self._per_second,
                seconds=round(wait.total_seconds()),
            ),
            retry_after=wait,
        )
