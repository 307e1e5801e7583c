"""What MagicLink and the cloud have in common: sessions, and how long each request may take."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final, Protocol

from incasso.api import CallContext, TemporaryError, text
from incasso_mago4.link.xml import Answer

_RESERVE_S: Final = 2.0
_LAST_S: Final = 10.0


class Session(Protocol):
    """An open session, on whatever transport."""

    def get(self, question: str) -> Answer:
        """The documents a question finds. Raises classes of the contract only."""
        ...

    def set(self, data: str) -> Answer:
        """Save a document; what Mago made of it. RejectedError: it did not save it."""
        ...


class Transport(Protocol):
    """A way to sessions: MagicLink or the cloud."""

    def session(
        self, ctx: CallContext, *, streams: bool = False
    ) -> AbstractContextManager[Session]:
        """A session for one call of the hub, ended whatever happens."""
        ...

    def close(self) -> None:
        """End what is still open."""
        ...

    def identity(self) -> str:
        """Stable name of the company behind the settings."""
        ...


class Patience:
    """How long the next request of one call may take: the last two seconds are for logging off.

    In a pull every page has its own time, more than one answer may take.
    """

    def __init__(self, ctx: CallContext, most: int, *, streams: bool) -> None:
        self._ctx = ctx
        self._most = float(most)
        self._streams = streams

    def seconds(self, *, last: bool = False) -> float:
        """Raises TemporaryError if there is no time for a question any more."""
        if self._streams:
            return min(self._most, _LAST_S) if last else self._most
        left = (self._ctx.deadline - self._ctx.now()).total_seconds()
        if last:
            return max(left, 1.0)
        if left <= _RESERVE_S:
            raise TemporaryError(text("Mago is too slow: no time is left for another question"))
        return min(self._most, left - _RESERVE_S)
