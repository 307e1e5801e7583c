"""Waits in a mailbox until mail comes in: IDLE (RFC 2177), the folder open read-only."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from imapclient import IMAPClient

from incasso.contract.errors import UnsupportedError
from incasso.contract.mail import WatchedFolder
from incasso.contract.text import text
from incasso.plugins.mail.mailbox import Mailbox
from incasso.plugins.mail.waiting import GoOn
from incasso.plugins.sign_in.tokens import Access

LOOK_S: Final = 1.0
"""Between two questions whether to wait on."""

RENEWED_S: Final = 14 * 60.0
"""Servers may end what is silent for 29 minutes (RFC 2177); a line that a router has forgotten is
noticed only when something is said on it."""


class Watch:
    """One folder over many connections: it knows what the folder held when the last one ended."""

    def __init__(
        self, watched: WatchedFolder, access: Callable[[], Access], *, renewed_s: float = RENEWED_S
    ) -> None:
        self._login, self._folder = watched.login, watched.folder
        self._access = access
        self._renewed_s = renewed_s
        self._held: tuple[object, ...] = ()

    def follow(self, go_on: GoOn) -> None:
        """Wait on one connection; see `Waits`. Mail that came before it is told at once."""
        mailbox = Mailbox(self._login, lambda: float(self._login.timeout_s), self._access())
        with mailbox.opened() as client:
            if not client.has_capability("IDLE"):
                raise UnsupportedError(
                    text("{host} cannot tell of new mail (IDLE)", host=self._login.host)
                )
            _keep_alive(client)
            while go_on(self._looked(client)):
                self._turn(client, go_on)

    def _looked(self, client: IMAPClient) -> bool:
        """Opens the folder anew; whether mail came into it since the last look."""
        held = _held(client.select_folder(self._folder, readonly=True))
        before, self._held = self._held, held
        return held != before

    def _turn(self, client: IMAPClient, go_on: GoOn) -> None:
        """One IDLE: until the server says something, or it is to be renewed."""
        client.idle()
        ends = time.monotonic() + self._renewed_s
        with selectors.DefaultSelector() as line:
            line.register(client.socket(), selectors.EVENT_READ)
            # What came together with the answer to IDLE lies in a buffer already. Later the line
            # itself is watched: `idle_check` gives up a connection whose server writes by halves.
            said = bool(client.idle_check(timeout=0))
            while not said and time.monotonic() < ends and go_on(False):
                said = bool(line.select(LOOK_S))
        client.idle_done()


def _held(opened: Mapping[bytes, object]) -> tuple[object, ...]:
    """What changes with every mail that comes into a folder, and not when one is deleted."""
    return opened.get(b"UIDVALIDITY"), opened.get(b"UIDNEXT", opened.get(b"EXISTS"))


def _keep_alive(client: IMAPClient) -> None:
    """A server that vanished without a word is noticed by the system."""
    with suppress(OSError):
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
