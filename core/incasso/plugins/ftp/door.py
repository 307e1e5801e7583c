"""The hub's one door to servers that speak FTP: waits within the deadline, LAN closed, a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import Logger
from typing import TYPE_CHECKING, Final

from incasso.contract.ftp import FtpLogin
from incasso.plugins.deadline import Deadline

# ftplib is loaded only where a call needs it.
if TYPE_CHECKING:
    from incasso.plugins.ftp.session import Session

MARGIN_S: Final = 1.0
"""Give up this long before the guard does: our own error says more than its time-out."""


@dataclass(frozen=True, kw_only=True)
class FtpDoor:
    """The servers of one instance. Each use makes a connection of its own and ends it."""

    log: Logger
    allow_private: bool = False

    def until(self, deadline: Deadline) -> CallFtp:
        """What a plugin sees as `ctx.ftp` during one call."""
        return CallFtp(self, deadline)


class CallFtp:
    """The contract's Ftp: waits that end before the call's deadline."""

    __slots__ = ("_deadline", "_door")

    def __init__(self, door: FtpDoor, deadline: Deadline) -> None:
        self._door = door
        self._deadline = deadline

    @contextmanager
    def __call__(self, login: FtpLogin) -> Iterator[Session]:
        """A connection that is logged in."""
        from incasso.plugins.ftp.session import Session

        session = Session(login, self._seconds(login), allow_private=self._door.allow_private)
        try:
            session.log_in()
            self._door.log.debug("ftp %s:%s as %s", login.host, login.port, login.user)
            yield session
        finally:
            session.close()

    def _seconds(self, login: FtpLogin) -> float:
        """The longest wait for one answer."""
        left = self._deadline.deadline - time.monotonic() - MARGIN_S
        return max(0.1, min(float(login.timeout_s), left))
