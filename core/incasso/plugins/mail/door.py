"""The hub's one door to mail servers: keeps connections per relay, waits within the deadline."""

from __future__ import annotations

import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from incasso.contract.mail import MailLogin, SmtpLogin
from incasso.plugins.deadline import Deadline

# smtplib and imapclient are slow to load; most calls of a hub need neither.
if TYPE_CHECKING:
    from incasso.plugins.mail.lines import Lines
    from incasso.plugins.mail.mailbox import Mailbox
    from incasso.plugins.mail.relay import Relay

MARGIN_S: Final = 2.0
"""Give up this long before the guard does: our own error says more than its time-out."""


class MailDoor:
    """The mail servers of one instance: connections to each relay until the instance closes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[SmtpLogin, Lines] = {}

    def until(self, deadline: Deadline) -> CallMail:
        """What a plugin sees as `ctx.mail` during one call."""
        return CallMail(self, deadline)

    def lines_of(self, login: SmtpLogin) -> Lines:
        """The connections to the relay of a login."""
        from incasso.plugins.mail.connecting import connect
        from incasso.plugins.mail.lines import Lines

        with self._lock:
            if login not in self._lines:
                self._lines[login] = Lines(partial(connect, login), login.idle_close_s)
            return self._lines[login]

    def close(self) -> None:
        """Closes every connection; those in use are closed when they are given back."""
        with self._lock:
            for lines in self._lines.values():
                lines.close()


class CallMail:
    """The contract's MailClient: waits that end before the call's deadline."""

    __slots__ = ("_deadline", "_door")

    def __init__(self, door: MailDoor, deadline: Deadline) -> None:
        self._door = door
        self._deadline = deadline

    def smtp(self, login: SmtpLogin) -> Relay:
        """The relay of a login."""
        from incasso.plugins.mail.relay import Relay

        return Relay(login, self._door.lines_of(login), partial(self._seconds, login))

    def mailbox(self, login: MailLogin) -> Mailbox:
        """The mailbox of a login."""
        from incasso.plugins.mail.mailbox import Mailbox

        return Mailbox(login, partial(self._seconds, login))

    def _seconds(self, login: MailLogin) -> float:
        """The longest wait for one answer."""
        left = self._deadline.deadline - time.monotonic() - MARGIN_S
        return max(1.0, min(float(login.timeout_s), left))
