"""A channel that was asked to slow down rests and goes on, if it may.

A certified mailbox takes six messages a minute. A dispatch whose only work is to wait for it ends
and says until when the channel rests; as long as other channels have something to do, the rest
costs nobody anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from incasso.services.sending.run import Run

LONGEST: Final = timedelta(minutes=2)
"""The limit of a minute is over by then; that of a day is another dispatch's."""

_SLACK: Final = timedelta(milliseconds=50)
_LOOK: Final = 0.25
"""Seconds after which a channel that rests looks whether the others still work."""


class AtWork:
    """How many channels of a dispatch have something to do now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """A channel works."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    @contextmanager
    def one_rests(self) -> Iterator[None]:
        """A channel that works rests."""
        self._add(-1)
        try:
            yield
        finally:
            self._add(1)

    def any(self) -> bool:
        """Whether some work."""
        with self._lock:
            return self._count > 0

    def _add(self, more: int) -> None:
        with self._lock:
            self._count += more


def rested(run: Run, *, worked: bool) -> bool:
    """Wait as long as the channel of this run asked for; whether it may go on.

    It does not where nobody may wait and no other channel works meanwhile, and where it refused at
    once what it was given after a rest: `worked` says whether it answered anything since.
    """
    until = run.channels.resting.get(run.channel or "")
    if until is None or not worked or run.ending.is_set():
        return False
    rest = until - run.hub.now()
    with run.at_work.one_rests():
        still = _always if rest <= run.longest_rest else run.at_work.any
        if not pause(run.ending, rest + _SLACK, still):
            return False
    run.channels.go_on(run.channel or "")
    return True


def pause(ending: Event, rest: timedelta, still: Callable[[], bool]) -> bool:
    """Wait so long; False where the dispatch is to end before, or `still` no longer holds."""
    left = max(0.0, rest.total_seconds())
    while left > 0:
        if not still() or ending.wait(min(left, _LOOK)):
            return False
        left -= _LOOK
    return not ending.is_set()


def _always() -> bool:
    return True
