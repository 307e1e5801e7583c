"""Keep connections to the relay open between messages, and close idle ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Timer

from incasso.plugins.mail.session import Session


class Lines:
    """Idle connections, the last used first; there are as many as there were parallel calls.

    A greeting with TLS and login costs ten times a message; connections that are never closed end
    in the relay's "421 too many connections".
    """

    def __init__(self, idle_s: float) -> None:
        self._idle_s = idle_s
        self._idle: list[tuple[Session, float]] = []
        self._lock = Lock()
        self._timer: Timer | None = None
        self._closed = False

    def take(self, seconds: float, connect: Callable[[], Session]) -> Session:
        """An idle connection, or a new one. `seconds`: the longest wait for each of its answers."""
        with self._lock:
            while self._idle:
                session, since = self._idle.pop()
                if time.monotonic() - since < self._idle_s:
                    session.wait_at_most(seconds)
                    return session
                session.close()
        return connect()

    def give_back(self, session: Session) -> None:
        """Keeps the connection for the next call, if it is still open."""
        if not session.alive:
            return
        with self._lock:
            if self._closed:
                session.close()
                return
            self._idle.append((session, time.monotonic()))
            self._watch()

    def close(self) -> None:
        """Closes all idle connections; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            while self._idle:
                self._idle.pop()[0].close()

    def _watch(self) -> None:
        """Starts a timer for when the oldest idle connection is due; one timer at a time."""
        if self._timer is None:
            self._timer = Timer(self._idle_s, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
            oldest = time.monotonic() - self._idle_s
            for session, since in self._idle:
                if since <= oldest:
                    session.close()
            self._idle = [each for each in self._idle if each[0].alive]
            if self._idle and not self._closed:
                self._watch()
