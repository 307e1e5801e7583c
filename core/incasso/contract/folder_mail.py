"""An exchange by mail attachments, for agencies without a server: which mailboxes, and whose mail
is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated

from incasso.contract.errors import ConfigurationError
from incasso.contract.mail import LineSecurity, MailLogin, SmtpLogin
from incasso.contract.settings import Between, Filled, setting, wrong_key
from incasso.contract.sign_in import SignIn
from incasso.contract.text import text
from incasso.contract.values import Problem, Secret


@dataclass(frozen=True, kw_only=True)
class FolderMail:
    """Two mailboxes of ours: one sends to the agency, one gets what the agency sends."""

    to: str = setting(help="The agency's address, where our files go")
    sender: str = setting(help="From: Ufficio crediti <crediti@example.it>")
    senders: Annotated[tuple[str, ...], Filled()] = setting(
        help="Whose files are read: addresses, or @alfa.example for everybody there"
    )
    authserv: Annotated[str, Filled()] = setting(
        help="Name under which our mail server writes Authentication-Results, e.g. mx.google.com: "
        "without it anybody could write as the agency"
    )
    host: Annotated[str, Filled()] = setting(help="SMTP server")
    port: Annotated[int, Between(1, 65_535)] = setting(
        help="465 for tls, 587 for starttls", default=587
    )
    security: LineSecurity = setting(
        help="tls, starttls or none; it never falls back to less", default=LineSecurity.STARTTLS
    )
    user: str = setting(help="Login at both servers; empty: none", default="")
    password: Secret = setting(help="Its password", default=Secret(""))
    sign_in: SignIn | None = setting(
        help="Modern sign-in instead of a password: with = microsoft or google, and its keys",
        default=None,
    )
    imap_host: Annotated[str, Filled()] = setting(help="IMAP server with what the agency sends")
    imap_port: Annotated[int, Between(1, 65_535)] = setting(
        help="993 for tls, 143 otherwise", default=993
    )
    imap_security: LineSecurity = setting(help="tls, starttls or none", default=LineSecurity.TLS)
    imap_folder: Annotated[str, Filled()] = setting(
        help="Folder where their mails arrive", default="INBOX"
    )
    sent_folder: str = setting(
        help="Folder for our copy of what was sent, e.g. Sent. Empty: no copy", default=""
    )
    days: Annotated[int, Between(1, 3650)] = setting(
        help="How far back the first reading looks", unit="days", default=30
    )
    most_bytes: Annotated[int, Between(1, 100_000_000)] = setting(
        help="Larger files are refused before they leave", unit="bytes", default=10_000_000
    )
    verify: bool = setting(help="Check the servers' certificates", default=True)
    ca_file: Path | None = setting(
        help="Certificates to trust instead of the system's (PEM)", default=None
    )
    timeout_s: Annotated[int, Between(1, 600)] = setting(
        help="Longest wait for one answer", unit="seconds", default=20
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def sender_address(self) -> str:
        """The bare address that sends."""
        return parseaddr(self.sender)[1]

    @property
    def to_address(self) -> str:
        """The bare address that gets our files."""
        return parseaddr(self.to)[1]

    @property
    def relay(self) -> SmtpLogin:
        """The server that takes our files."""
        return SmtpLogin(
            host=self.host,
            port=self.port,
            security=self.security,
            greeting=self.sender_address.rpartition("@")[2],
            user=self._login,
            password=self.password,
            sign_in=self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
        )

    @property
    def mailbox(self) -> MailLogin:
        """The server with what the agency sends."""
        return MailLogin(
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self._login,
            password=self.password,
            sign_in=self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
        )

    @property
    def _login(self) -> str:
        return self.user or (self.sender_address if self.sign_in else "")

    def believes(self, address: str) -> bool:
        """Whether files of this sender are read."""
        given = address.strip().lower()
        name, _, domain = given.rpartition("@")
        known = {each.strip().lower() for each in self.senders}
        return bool(name) and not known.isdisjoint((given, f"@{domain}"))


def _problems(given: FolderMail) -> Iterator[Problem]:
    for key in ("to", "sender"):
        if not _is_address(parseaddr(getattr(given, key))[1]):
            yield wrong_key(key, text("is no mail address"), text("write Name <name@example.it>"))
    for each in given.senders:
        if not _is_address(each if not each.startswith("@") else f"x{each}"):
            words = text("{address!r} is no mail address", address=each)
            yield wrong_key("senders", words, text("write an address, or @ and the domain"))
    if given.password.reveal() and given.sign_in is not None:
        words = text("there is `sign_in` too: one of them says how the account logs in")
        yield wrong_key("password", words, text("delete the password"))
    if given.user and not given.password.reveal() and given.sign_in is None:
        cure = text('write {{ env = "SMTP_PASSWORD" }}')
        yield wrong_key("password", text("missing although there is a user"), cure)


def _is_address(given: str) -> bool:
    name, _, domain = given.strip().rpartition("@")
    return bool(name) and "." in domain and not set(given) & set(" <>,;\"'")
