"""Ends a connection so that the client still gets the answer: what it is sending is heard out.

A socket closed with unread bytes is reset, and a client in the middle of a large body loses the
answer that says what is wrong with it. So our side ends after the answer, and what still comes is
thrown away, up to a bound (RFC 9112, 9.6; nginx calls it lingering close).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Lingering:
    """An asyncio transport whose `close` waits for a client that is still sending."""

    def __init__(
        self, transport: asyncio.Transport, heard: Callable[[], bool], lingers: Callable[[], None]
    ) -> None:
        """`heard` tells whether the client has sent all it announced; `lingers` is called when the
        waiting begins, for whoever sets its end."""
        self._transport = transport
        self._heard = heard
        self._lingers = lingers
        self.ending = False
        self._thrown_away = 0

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's."""
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Whether nothing more will be answered."""
        return self.ending or bool(self._transport.is_closing())

    def close(self) -> None:
        """Close now, or as soon as the client has sent everything or closes its side."""
        if self._transport.is_closing() or self.ending:
            return
        if self._heard() or not self._transport.can_write_eof():
            self._transport.close()
            return
        self.ending = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._lingers()

    def throw_away(self, size: int, most: int) -> None:
        """Count bytes that nobody reads; drop the connection when they are too many."""
        self._thrown_away += size
        if self._thrown_away > most:
            self._transport.abort()
