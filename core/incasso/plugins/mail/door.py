"""The hub's one door to mail servers: lines kept per relay, every wait within the call's time."""

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
"""Give up this long before the hub does: our own words say more than its deadline."""


class MailDoor:
    """The mail servers of one instance: open lines to each relay, until the instance closes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[SmtpLogin, Lines] = {}

    def until(self, deadline: Deadline) -> CallMail:
        """What a plugin sees as `ctx.mail` during one call."""
        return CallMail(self, deadline)

    def lines_of(self, login: SmtpLogin) -> Lines:
        """The lines to the relay behind a login."""
        from incasso.plugins.mail.connecting import connect
        from incasso.plugins.mail.lines import Lines

        with self._lock:
            if login not in self._lines:
                self._lines[login] = Lines(partial(connect, login), login.idle_close_s)
            return self._lines[login]

    def close(self) -> None:
        """Close every line; those in use are closed when they are given back."""
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
        """The relay behind a login."""
        from incasso.plugins.mail.relay import Relay

        return Relay(login, self._door.lines_of(login), partial(self._seconds, login))

    def mailbox(self, login: MailLogin) -> Mailbox:
        """The mailbox behind a login."""
        from incasso.plugins.mail.mailbox import Mailbox

        return Mailbox(login, partial(self._seconds, login))

    def _seconds(self, login: MailLogin) -> float:
        """The longest wait for one answer."""
        left = self._deadline.deadline - time.monotonic() - MARGIN_S
        return max(1.0, min(float(login.timeout_s), left))
