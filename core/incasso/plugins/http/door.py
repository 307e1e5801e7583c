"""The hub's one door for outgoing HTTP, as plugins see it; what goes through it is in `exchange`.

Nothing here imports the libraries of HTTP: most calls of plugins ask nothing over it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from logging import Logger
from typing import TYPE_CHECKING, Any

from incasso.contract.doors import HttpResponse
from incasso.contract.values import Secret

if TYPE_CHECKING:
    import requests


class Door:
    """The outgoing HTTP of one instance; connections are kept per thread."""

    def __init__(
        self, *, log: Logger, now: Callable[[], datetime], allow_private: bool = False
    ) -> None:
        self.now = now
        self.log = log
        self._allow_private = allow_private
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def until(self, deadline: float) -> CallDoor:
        """The door for one call; `deadline` is on the monotonic clock, in seconds."""
        return CallDoor(self, deadline)

    def session(self) -> requests.Session:
        """This thread's session."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            from incasso.plugins.http.exchange import new_session

            session = self._local.session = new_session(allow_private=self._allow_private)
            self._sessions.append(session)
        return session

    def close(self) -> None:
        """Close every kept connection."""
        while self._sessions:
            self._sessions.pop().close()


class CallDoor:
    """What a plugin sees as `ctx.http`: requests that end before its deadline."""

    __slots__ = ("_door", "deadline")

    def __init__(self, door: Door, deadline: float) -> None:
        self._door = door
        self.deadline = deadline

    def request(
        self,
        method: str,
        url: str,
        *,
        effect: bool = False,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        auth: tuple[str, Secret] | None = None,
        timeout_s: float | None = None,
        verify: bool | str = True,
        returns: Collection[int] = (),
    ) -> HttpResponse:
        """One request; redirects are followed for reads only.

        Raises TemporaryError, OutcomeUnknownError (effects), AuthenticationError,
        RateLimitedError, RejectedError with code `http_404` and the like, ConfigurationError
        for an address that may not be reached.
        """
        from incasso.plugins.http.exchange import Exchange

        return Exchange(self._door, self.deadline).request(
            method,
            url,
            effect=effect,
            params=params,
            headers=headers,
            json=json,
            content=content,
            auth=auth,
            timeout_s=timeout_s,
            verify=verify,
            returns=returns,
        )
