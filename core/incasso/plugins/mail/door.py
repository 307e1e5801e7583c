"""The hub's one door to mail servers: keeps connections per relay, waits within the deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from incasso.contract.doors import HttpClient
from incasso.contract.mail import MailLogin, SmtpLogin, WatchedFolder
from incasso.contract.sign_in import SignIn
from incasso.contract.values import Secret
from incasso.plugins.deadline import Deadline
from incasso.plugins.sign_in.asking import Wanted
from incasso.plugins.sign_in.tokens import Access, Tokens

# smtplib and imapclient are slow to load; most calls of a hub need neither.
if TYPE_CHECKING:
    from incasso.plugins.mail.lines import Lines
    from incasso.plugins.mail.mailbox import Mailbox
    from incasso.plugins.mail.relay import Relay
    from incasso.plugins.mail.watching import Watch

MARGIN_S: Final = 2.0
"""Give up this long before the guard does: our own error says more than its time-out."""


class MailDoor:
    """The mail servers of one instance: connections to each relay until the instance closes."""

    def __init__(self, learn: Callable[[str], None] = lambda _: None) -> None:
        """`learn` is told every token, so that it is masked wherever it appears."""
        self._lock = Lock()
        self._lines: dict[SmtpLogin, Lines] = {}
        self._tokens = Tokens(learn)

    def until(self, deadline: Deadline, http: HttpClient | None = None) -> CallMail:
        """What a plugin sees as `ctx.mail` during one call; tokens are asked for over `http`."""
        return CallMail(self, deadline, Access(self._tokens, http))

    def watch(self, watched: WatchedFolder, http: Callable[[], HttpClient]) -> Watch:
        """Waits for mail in a folder; `http` gives a door for each connection's token."""
        from incasso.plugins.mail.watching import Watch

        return Watch(watched, lambda: Access(self._tokens, http()))

    def lines_of(self, login: SmtpLogin) -> Lines:
        """The connections to the relay of a login."""
        from incasso.plugins.mail.lines import Lines

        with self._lock:
            if login not in self._lines:
                self._lines[login] = Lines(login.idle_close_s)
            return self._lines[login]

    def close(self) -> None:
        """Closes every connection; those in use are closed when they are given back."""
        with self._lock:
            for lines in self._lines.values():
                lines.close()


class CallMail:
    """The contract's MailClient: waits that end before the call's deadline."""

    __slots__ = ("_access", "_deadline", "_door")

    def __init__(self, door: MailDoor, deadline: Deadline, access: Access) -> None:
        self._door = door
        self._deadline = deadline
        self._access = access

    def smtp(self, login: SmtpLogin) -> Relay:
        """The relay of a login."""
        from incasso.plugins.mail.relay import Relay

        lines = self._door.lines_of(login)
        return Relay(login, lines, partial(self._seconds, login), self._access)

    def mailbox(self, login: MailLogin) -> Mailbox:
        """The mailbox of a login."""
        from incasso.plugins.mail.mailbox import Mailbox

        return Mailbox(login, partial(self._seconds, login), self._access)

    def token(
        self, sign_in: SignIn, scope: str, mailbox: str, *, instead_of: Secret | None = None
    ) -> Secret:
        """A token for an interface of the web beside SMTP and IMAP."""
        wanted = Wanted(sign_in=sign_in, scope=scope, mailbox=mailbox)
        refused = instead_of.reveal() if instead_of else ""
        return Secret(self._access.token(wanted, instead_of=refused).value)

    def _seconds(self, login: MailLogin) -> float:
        """The longest wait for one answer."""
        left = self._deadline.deadline - time.monotonic() - MARGIN_S
        return max(1.0, min(float(login.timeout_s), left))
