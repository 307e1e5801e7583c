"""HTTP on one connection, with an end to patience: Uvicorn itself waits for headers for ever.

A client that sends a byte now and then would keep a connection, and many would keep all of them.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which closes connections that do not get on."""

    header_s: ClassVar[float] = 10
    """From the connection, or the end of the answer before, to the end of a request's headers."""
    answer_s: ClassVar[float] = 120
    """From there until the client has taken the whole answer."""

    _end: asyncio.TimerHandle | None = None
    _waiting: bool = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The headers of the first request must come in time."""
        super().connection_made(transport)
        self._patience(waiting=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Where Uvicorn sees that headers are complete, the answer's time begins."""
        super().handle_events()
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy and self._waiting:
            self._patience(waiting=False)

    def on_response_complete(self) -> None:
        """The next request's headers must come in time."""
        super().on_response_complete()
        if not self.transport.is_closing() and self.cycle.response_complete:
            self._patience(waiting=True)

    def _patience(self, *, waiting: bool) -> None:
        if self._end is not None:
            self._end.cancel()
        self._waiting = waiting
        seconds = self.header_s if waiting else self.answer_s
        self._end = self.loop.call_later(seconds, self._enough)

    def _enough(self) -> None:
        """Drop the connection; what it still holds in buffers goes with it."""
        self.transport.abort()
