"""Mail servers that take tokens: SMTP of its own, and a gate before any IMAP server."""

from __future__ import annotations

import socket
import threading
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from incasso.testing.network import closed_port
from incasso.testing.signin.directory import IMAP, Directory
from incasso.testing.signin.directory import SMTP as SMTP_ROLE

HOST: Final = "127.0.0.1"
_EXPLAINED: Final = b64encode(b'{"status":"401","schemes":"bearer"}').decode()
_UNSUCCESSFUL: Final = "535 5.7.3 Authentication unsuccessful"
_OFF: Final = (
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
)


def _credentials(line: str) -> tuple[str, str]:
    """Mailbox and token of an XOAUTH2 line; empty for anything else."""
    try:
        parts = b64decode(line, validate=True).decode().split("\1")
    except ValueError:
        return "", ""
    return parts[0].removeprefix("user="), parts[1].removeprefix("auth=Bearer ") if parts[
        1:
    ] else ""


class SignInSmtp:
    """A relay that logs in by XOAUTH2 alone; what it took is in `messages`, oldest first."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.host, self.port = HOST, closed_port()
        self.messages: list[bytes] = []
        self.logins: list[tuple[str, str]] = []
        """Mailbox and token of every attempt."""
        self.echoes = False
        """It repeats what it was given when it refuses, as some servers do."""

    def __enter__(self) -> SignInSmtp:
        self._server = Controller(
            _Handler(self),
            hostname=self.host,
            port=self.port,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            authenticator=lambda *_: AuthResult(success=False),
        )
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def refusal(self, mailbox: str, token: str, line: str) -> str:
        """What it says to a login; empty: welcome."""
        self.logins.append((mailbox, token))
        if self.directory.smtp_off:
            return f"{_OFF} {self.directory.smtp_off}. Visit https://aka.ms/smtp_auth_disabled"
        if self.directory.admits(token, mailbox, SMTP_ROLE):
            return ""
        return f"{_UNSUCCESSFUL} {line if self.echoes else ''}".strip()


class _Handler:
    """What the SMTP server asks at each stage."""

    def __init__(self, owner: SignInSmtp) -> None:
        self._owner = owner

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        line = args[1] if len(args) > 1 else ""
        mailbox, token = _credentials(line)
        refusal = self._owner.refusal(mailbox, token, line)
        if not refusal:
            return AuthResult(success=True)
        await server.push(f"334 {_EXPLAINED}")
        await server._reader.readline()
        return AuthResult(success=False, handled=False, message=refusal)

    async def handle_MAIL(  # noqa: N802
        self, _s: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.57 Client not authenticated to send mail."
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self._owner.messages.append(envelope.content)
        return "250 2.0.0 Ok: queued"


class ImapGate:
    """Lets whoever brings a token through to an IMAP server behind it, which knows passwords only.

    >>> with ImapGate(directory, port, "crediti", "segreta") as gate:
    ...     IMAPClient(gate.host, gate.port, ssl=False)
    """

    def __init__(self, directory: Directory, port: int, user: str, password: str) -> None:
        """`port`, `user`, `password`: of the server behind it, on this machine in clear."""
        self.directory = directory
        self.logins: list[tuple[str, str]] = []
        self._behind = (port, user, password)
        self._listener = socket.create_server((HOST, 0))
        self.host, self.port = HOST, int(self._listener.getsockname()[1])

    def __enter__(self) -> ImapGate:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._welcome, args=(line,), daemon=True).start()

    def _welcome(self, line: socket.socket) -> None:
        with line, suppress(OSError, ValueError), line.makefile("rwb", buffering=0) as client:
            client.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
            while words := client.readline().split():
                tag, command = words[0], words[1].upper()
                if command == b"AUTHENTICATE" and self._admitted(client):
                    self._through(tag, line)
                    return
                client.write(_REPLIES.get(command, b"").replace(b"TAG", tag) or _no(tag))
                if command == b"LOGOUT":
                    return

    def _admitted(self, client: Any) -> bool:
        client.write(b"+ \r\n")
        mailbox, token = _credentials(client.readline().strip().decode())
        self.logins.append((mailbox, token))
        if self.directory.admits(token, mailbox, IMAP):
            return True
        client.write(b"+ " + _EXPLAINED.encode() + b"\r\n")
        client.readline()
        return False

    def _through(self, tag: bytes, line: socket.socket) -> None:
        """Log in behind, then carry every byte both ways."""
        port, user, password = self._behind
        with socket.create_connection((HOST, port)) as behind:
            answers = behind.makefile("rb", buffering=0)
            answers.readline()
            behind.sendall(b"%s LOGIN %s %s\r\n" % (tag, user.encode(), password.encode()))
            line.sendall(answers.readline())
            back = threading.Thread(target=_carry, args=(behind, line), daemon=True)
            back.start()
            _carry(line, behind)
            back.join()


_REPLIES: Final = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK done\r\n",
    b"NOOP": b"TAG OK done\r\n",
    b"LOGOUT": b"* BYE\r\nTAG OK done\r\n",
    b"AUTHENTICATE": b"TAG NO AUTHENTICATE failed.\r\n",
}


def _no(tag: bytes) -> bytes:
    return tag + b" NO LOGIN failed.\r\n"


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65_536):
            other.sendall(content)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
