"""HTTP on one connection, with an end to patience: Uvicorn itself waits for headers for ever.

A client that sends a byte now and then would keep a connection, and many would keep all of them.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from incasso.web.lingering import Lingering
from incasso.web.problems import problem_answer
from incasso.web.seldom import SELDOM

NO_HTTP: Final = (
    "This is no HTTP/1.1 request: look for control characters in its first line, a NUL in a "
    "header, headers of more than 64 KiB, and a wrong length of its body."
)


class PatientProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which closes connections that do not get on."""

    header_s: ClassVar[float] = 10
    """From the connection, or the end of the answer before, to the end of a request's headers."""
    answer_s: ClassVar[float] = 120
    """From there until the client has taken the whole answer."""
    linger_s: ClassVar[float] = 30
    """A client that has its answer and is still sending is heard out so long,"""
    linger_bytes: ClassVar[int] = 64 * 1024 * 1024
    """and so much."""

    _end: asyncio.TimerHandle | None = None
    _waiting: bool = True
    _line: Lingering

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The headers of the first request must come in time."""
        self.logger.addFilter(SELDOM)  # the same filter twice counts once
        self._line = Lingering(transport, self._heard, self._lingers)
        super().connection_made(cast(asyncio.Transport, self._line))
        self._patience(waiting=True)

    def data_received(self, data: bytes) -> None:
        """Read a request, unless it was answered and the connection ends."""
        if self._line.ending:
            self._line.throw_away(len(data), self.linger_bytes)
        else:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Where Uvicorn sees that headers are complete, the answer's time begins."""
        super().handle_events()
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy and self._waiting and not self._line.ending:
            self._patience(waiting=False)

    def on_response_complete(self) -> None:
        """The next request's headers must come in time. Whoever was answered before it had sent
        its whole request is heard out and must connect anew."""
        if not self._heard():
            self.transport.close()
        super().on_response_complete()
        if not self.transport.is_closing() and self.cycle.response_complete:
            self._patience(waiting=True)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem document, and end the connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = problem_answer(400, NO_HTTP, {"Connection": "close"})
            head = h11.Response(status_code=400, headers=answer.raw_headers, reason=b"Bad Request")
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:  # it waits for the rest of a body that cannot be read
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _heard(self) -> bool:
        return self.conn.their_state not in (h11.SEND_BODY, h11.ERROR)

    def _lingers(self) -> None:
        self._end_after(self.linger_s)

    def _patience(self, *, waiting: bool) -> None:
        self._waiting = waiting
        self._end_after(self.header_s if waiting else self.answer_s)

    def _end_after(self, seconds: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(seconds, self._enough)

    def _enough(self) -> None:
        """Drop the connection; what it still holds in buffers goes with it."""
        self.transport.abort()
