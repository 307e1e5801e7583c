"""The provider on the network: SMTP that takes messages, a mailbox by IMAP with the receipts."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imapclient import IMAPClient

from incasso.testing.network import closed_port
from incasso.testing.pec.authority import PecAuthority
from incasso.testing.pec.provider import PecProvider

TOO_FAST: Final = '550 MAIL from: blocked "Class Of Service" - Too much traffic from this sender'
"""What a provider says above six messages a minute: a permanent code for a passing state."""

HOST: Final = "127.0.0.1"
_MOST_BYTES: Final = 100 * 1024 * 1024

# It logs a deprecation of its own at every login.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class MailStore(Protocol):
    """A mailbox that is served by IMAP."""

    host: str
    port: int
    user: str
    password: str

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        """Put a mail into a folder, making the folder if need be."""
        ...


class OwnMailbox:
    """A mailbox in memory, served by pymap in a process of its own. Its first UID is 101."""

    def __init__(self, user: str = "crediti", password: str = "segreta") -> None:  # noqa: S107
        self.host, self.port = HOST, closed_port()
        self.user, self.password = user, password

    def __enter__(self) -> OwnMailbox:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()"),
                *("--host", self.host, "--port", str(self.port), "--no-tls"),
                *("--no-service", "managesieve", "--no-service", "admin"),
                *("dict", "--demo-user", self.user, "--demo-password", self.password),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            with suppress(OSError), self._client() as client:
                client.noop()
                return self
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the IMAP server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        """Put a mail into a folder, making the folder if need be."""
        with self._client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, mail)

    def _client(self) -> Any:
        client = IMAPClient(self.host, self.port, ssl=False, timeout=10)
        client.plain_login(self.user, self.password)
        return client


class PecServer:
    """A provider with one customer. Without a mailbox of yours it starts one.

    `refuse` is what it says to every MAIL, e.g. TOO_FAST; `hang_up` closes the line when a message
    has arrived whole, before the answer: nobody knows then whether it was taken, and it was.
    `slow_s`: so long it thinks about that answer.
    """

    def __init__(
        self,
        mailbox: MailStore | None = None,
        *,
        authority: PecAuthority | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.authority = authority or PecAuthority()
        self.refuse = ""
        self.hang_up = False
        self.slow_s = 0.0
        self.smtp_port = closed_port()
        """Where it takes messages, in clear, on 127.0.0.1."""
        self._own = None if mailbox else OwnMailbox()
        self._mailbox = mailbox or self._own
        self._now = now

    def __enter__(self) -> PecServer:
        if self._own is not None:
            self._own.__enter__()
        assert self._mailbox is not None
        self.provider = PecProvider(self.authority.signer(), self._mailbox.deliver, self._now)
        self._smtp = Controller(
            _Handler(self),
            hostname=HOST,
            port=self.smtp_port,
            data_size_limit=_MOST_BYTES,
            authenticator=self._login,
            auth_require_tls=False,
            enable_SMTPUTF8=True,
        )
        self._smtp.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        if self._own is not None:
            self._own.__exit__()

    @property
    def mailbox(self) -> MailStore:
        """Where the receipts come: host, port, user, password."""
        assert self._mailbox is not None
        return self._mailbox

    def _login(
        self, _server: object, _session: object, _envelope: object, _way: str, given: object
    ) -> AuthResult:
        right = (
            isinstance(given, LoginPassword)
            and given.login.decode() == self.mailbox.user
            and given.password.decode() == self.mailbox.password
        )
        return AuthResult(success=right, handled=right)


class _Handler:
    """What the SMTP server asks at each stage."""

    def __init__(self, owner: PecServer) -> None:
        self._owner = owner

    async def handle_MAIL(  # noqa: N802
        self, _s: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self._owner.refuse:
            return self._owner.refuse
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes) and envelope.mail_from is not None
        recipients = tuple(envelope.rcpt_tos)
        # Its mailbox is reached over the network: not on the thread of this server.
        take = partial(self._owner.provider.take, envelope.mail_from, recipients, content)
        await server.loop.run_in_executor(None, take)
        await asyncio.sleep(self._owner.slow_s)
        if self._owner.hang_up:
            cast(asyncio.Transport, server.transport).abort()
        return "250 2.0.0 Ok: queued"
