"""Real mail servers for tests: SMTP that misbehaves at any stage as told, and IMAP."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Literal, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imapclient import IMAPClient

from tests.channels import imap_process

Stage = Literal["connect", "auth", "mail", "rcpt", "data", "body", "end"]
"""body: the client may send, the line is cut under way. end: the whole message has arrived."""

CUT: Final = "cut"
"""Instead of a reply: close the line at once."""

SILENCE: Final = "silence"
"""Instead of a reply: say nothing for as long as the client waits."""

# It logs a deprecation of its own at every login.
logging.getLogger("mail.log").setLevel(logging.ERROR)

_REPORTS: Final = re.compile(r"(RET|ENVID|NOTIFY|ORCPT)=", re.IGNORECASE)
_DELIVERY: Final = re.compile(rb"^X-Incasso-Delivery: *(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Received:
    """One message the server took, or would have taken had it been let answer."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    answered: bool

    @property
    def delivery(self) -> str:
        """The hub's delivery id in the headers; empty if there is none."""
        found = _DELIVERY.search(self.content)
        return found.group(1).decode() if found else ""

    def parsed(self) -> EmailMessage:
        """The message as any mail program would read it."""
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class _Rule:
    stage: Stage
    reply: str
    to: str
    times: int | None


class SmtpServer:
    """A loopback SMTP server on a thread of its own.

    >>> with SmtpServer() as server:
    ...     server.script("rcpt", "550 5.1.1 unknown user", to="ada@example.it")
    ...     server.script("end", CUT, times=1)

    `messages` holds what arrived whole, in order, even where the answer was withheld. Reading
    and scripting are safe from any thread.
    """

    def __init__(
        self,
        *,
        users: dict[str, str] | None = None,
        tls: Literal["none", "starttls", "tls"] = "none",
        context: ssl.SSLContext | None = None,
        max_bytes: int = 33_554_432,
        smtputf8: bool = True,
        reports: bool = False,
        hidden: Collection[str] = (),
    ) -> None:
        """`reports`: it offers DSN (RFC 3461); what it is asked for is in `asked`. `hidden`: the
        ways to log in that it does not offer."""
        self.host = "127.0.0.1"
        self.port = 0
        self.connections = 0
        self.commands: list[str] = []
        self._users = users
        self._tls, self._context = tls, context
        self._max_bytes, self._smtputf8 = max_bytes, smtputf8
        self.reports = reports
        self.hidden = tuple(hidden)
        self.asked: list[str] = []
        self._messages: list[Received] = []
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._open: set[asyncio.Transport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def messages(self) -> tuple[Received, ...]:
        """What has arrived whole so far, oldest first."""
        with self._lock:
            return tuple(self._messages)

    @property
    def open_lines(self) -> int:
        """How many clients are connected now."""
        return len(self._open)

    def clear(self) -> None:
        """Forget messages, rules and counts."""
        with self._lock:
            self._messages.clear()
            self._rules.clear()
            self.commands.clear()
            self.connections = 0

    def script(self, stage: Stage, reply: str, *, to: str = "", times: int | None = None) -> None:
        """Answer so at this stage: a reply line, CUT or SILENCE; for one recipient or for all.

        Recipients are known from `rcpt` on. The last rule that fits wins, `times` at most.
        """
        with self._lock:
            self._rules.append(_Rule(stage, reply, to, times))

    def hang_up(self) -> None:
        """Close every open line, as a server does with idle clients."""
        self._run(self._abort_all())

    # What follows runs on the server's own thread.

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: _Session(self),
            self.host,
            0,
            ssl=self._context if self._tls == "tls" else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _abort_all(self) -> None:
        for transport in tuple(self._open):
            transport.abort()
        await asyncio.sleep(0)

    async def _shut(self) -> None:
        self._server.close()
        await self._abort_all()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _rule(self, stage: Stage, to: tuple[str, ...] = ()) -> str | None:
        with self._lock:
            for rule in reversed(self._rules):
                fits = rule.stage == stage and (not rule.to or rule.to in to)
                if fits and rule.times != 0:
                    if rule.times is not None:
                        rule.times -= 1
                    return rule.reply
        return None

    def _keep(self, envelope: Envelope, *, answered: bool) -> None:
        received = Received(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=bytes(cast(bytes, envelope.content)),
            answered=answered,
        )
        with self._lock:
            self._messages.append(received)

    def _login(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, given: object
    ) -> AuthResult:
        self.commands.append("AUTH")
        known = self._users or {}
        if (reply := self._rule("auth")) is not None:
            return AuthResult(success=False, handled=False, message=reply)
        if isinstance(given, LoginPassword):
            right = known.get(given.login.decode()) == given.password.decode()
            return AuthResult(success=right, handled=right)
        return AuthResult(success=False, handled=False)


class _Session(SMTP):
    """One line to the server; asks the rules at every stage."""

    def __init__(self, owner: SmtpServer) -> None:
        starttls = owner._tls == "starttls"
        super().__init__(
            self,
            data_size_limit=owner._max_bytes,
            enable_SMTPUTF8=owner._smtputf8,
            hostname="relay.example.it",
            ident="test relay",
            tls_context=owner._context if starttls else None,
            require_starttls=starttls,
            auth_require_tls=False,
            auth_exclude_mechanism=owner.hidden,
            authenticator=owner._login if owner._users is not None else None,
            loop=owner._loop,
        )
        # Given to the constructor it would warn that passwords travel in clear: here they may.
        self._auth_required = owner._users is not None
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        line = cast(asyncio.Transport, transport)
        if line not in self._owner._open:
            self._owner._open.add(line)
            if line.get_extra_info("ssl_object") is None or self._owner._tls == "tls":
                self._owner.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner._open = {line for line in self._owner._open if not line.is_closing()}
        super().connection_lost(error)

    async def _obey(self, reply: str) -> str:
        if reply == SILENCE:
            await asyncio.sleep(60)
        if reply in (CUT, SILENCE):
            if self.transport is not None:
                cast(asyncio.Transport, self.transport).abort()
            raise ConnectionResetError
        return reply

    async def _handle_client(self) -> None:
        try:
            if (reply := self._owner._rule("connect")) is not None:
                await self.push(await self._obey(reply))
                self._writer.close()
                return
            await super()._handle_client()
        except ConnectionResetError:
            self._writer.close()

    async def handle_EHLO(  # noqa: N802
        self, _s: SMTP, session: Session, _e: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]] if self._owner.reports else responses

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        await super().smtp_MAIL(self._without_reports(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await super().smtp_RCPT(self._without_reports(arg))

    def _without_reports(self, arg: str | None) -> str | None:
        """What aiosmtpd does not know, if it was offered."""
        if arg is None or not self._owner.reports:
            return arg
        kept = [word for word in arg.split(" ") if not _REPORTS.match(word)]
        self._owner.asked += [word for word in arg.split(" ") if _REPORTS.match(word)]
        return " ".join(kept)

    async def handle_MAIL(  # noqa: N802
        self, _s: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._owner.commands.append("MAIL")
        if (reply := self._owner._rule("mail")) is not None:
            return await self._obey(reply)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _s: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self._owner.commands.append("RCPT")
        if (reply := self._owner._rule("rcpt", (address,))) is not None:
            return await self._obey(reply)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self._owner.commands.append("DATA")
        to = tuple(self.envelope.rcpt_tos) if self.envelope else ()
        if (reply := self._owner._rule("data", to)) is not None:
            await self.push(await self._obey(reply))
            return
        if (reply := self._owner._rule("body", to)) is not None:
            await self.push("354 go on")
            await self._obey(reply)
            return
        await cast(Callable[[str], Coroutine[Any, Any, None]], super().smtp_DATA)(arg)

    async def handle_DATA(  # noqa: N802
        self, _s: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        reply = self._owner._rule("end", tuple(envelope.rcpt_tos))
        if reply in (CUT, SILENCE):
            self._owner._keep(envelope, answered=False)
        if reply is not None:
            return await self._obey(reply)
        self._owner._keep(envelope, answered=True)
        return f"250 2.0.0 Ok: queued as Q{len(self._owner.messages):06d}"


class ImapServer:
    """A real IMAP server (pymap, in memory) in a process of its own, with one mailbox.

    >>> with ImapServer() as server:
    ...     server.deliver(b"Subject: hello\\r\\n\\r\\n")

    Its first UID is 101: code that mixes up UIDs and positions is found out. Each start numbers
    the folders anew.
    """

    user = "crediti"

    def __init__(self, password: str = "segreta") -> None:
        self.password = password
        self.host = "127.0.0.1"
        with socket.socket() as free:
            free.bind((self.host, 0))
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> ImapServer:
        self._process = imap_process.start(
            [
                *("--host", self.host, "--port", str(self.port), "--no-tls"),
                *("--no-service", "managesieve", "--no-service", "admin"),
                *("dict", "--demo-user", self.user, "--demo-password", self.password),
            ]
        )
        for _ in range(400):
            with suppress(OSError), self.client() as client:
                client.noop()
                return self
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the IMAP server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()

    def client(self) -> IMAPClient:
        """A logged-in client; a context manager."""
        client = IMAPClient(self.host, self.port, ssl=False, timeout=10)
        client.plain_login(self.user, self.password)
        return client

    def empty(self, folder: str = "INBOX") -> None:
        """Delete every mail of a folder."""
        with self.client() as client:
            client.select_folder(folder)
            client.delete_messages(client.search())
            client.expunge()

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        """Put a mail into a folder, making the folder if need be."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, mail)
