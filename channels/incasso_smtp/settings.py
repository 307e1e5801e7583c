"""What a `plugin = "smtp"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from pathlib import Path

from incasso.api import (
    ConfigurationError,
    LineSecurity,
    MailLogin,
    Problem,
    Secret,
    SignIn,
    SmtpLogin,
    mail,
    setting,
    text,
)


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """One mailbox: where its mail leaves, who signs it, and where its bounces are read."""

    host: str = setting(help="SMTP server of your mail provider, e.g. smtp.example.it")
    port: int = setting(help="465 for tls, 587 for starttls, 25 for none", default=587)
    security: LineSecurity = setting(
        help="tls, starttls or none; it never falls back to less", default=LineSecurity.STARTTLS
    )
    user: str = setting(help="Login; often the whole address. Empty: no login", default="")
    password: Secret = setting(
        help="Password, or the app password your provider makes", default=Secret("")
    )
    password_expires: date | None = setting(
        help="Last day of the password; check and the daily run warn from 14 days before",
        default=None,
    )
    sign_in: SignIn | None = setting(
        help="Modern sign-in instead of a password: [channels.NAME.sign_in], with = microsoft or "
        "google, and its keys",
        default=None,
    )
    sender: str = setting(help="From: Ufficio crediti <crediti@example.it>")
    reply_to: str = setting(help="Where answers go, if not to the sender", default="")
    max_message_bytes: int = setting(
        help="Larger messages are refused before they leave", unit="bytes", default=20_000_000
    )
    timeout_s: int = setting(help="Longest wait for one answer", unit="seconds", default=20)
    idle_close_s: int = setting(
        help="An unused line is closed after this long", unit="seconds", default=30
    )
    verify: bool = setting(help="Check the servers' certificates", default=True)
    ca_file: Path | None = setting(
        help="Certificates to trust instead of the system's (PEM)", default=None
    )
    imap_host: str = setting(help="IMAP server with the bounces. Empty: none read", default="")
    imap_port: int = setting(help="993 for tls, 143 otherwise", default=993)
    imap_security: LineSecurity = setting(help="tls, starttls or none", default=LineSecurity.TLS)
    imap_user: str = setting(help="IMAP login, if not the same as user", default="")
    imap_password: Secret = setting(
        help="IMAP password, if not the same as password", default=Secret("")
    )
    imap_folder: str = setting(help="Folder where bounces arrive", default="INBOX")
    imap_sent: str = setting(
        help="Folder where the provider itself files what was sent, e.g. Sent", default=""
    )
    imap_authserv: str = setting(
        help="Name under which your own mail server writes Authentication-Results, "
        "e.g. mx.google.com. Empty: it does not",
        default="",
    )
    bounces_from: tuple[str, ...] = setting(
        help="More domains whose servers may report about your mail, e.g. googlemail.com",
        default=(),
    )
    imap_days: int = setting(
        help="How far back the first reading looks for bounces", unit="days", default=30
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def sender_name(self) -> str:
        """The name beside the sender's address."""
        return parseaddr(self.sender)[0]

    @property
    def sender_address(self) -> str:
        """The sender's bare address, as the relay sees it."""
        return mail.mailable(parseaddr(self.sender)[1])

    @property
    def sender_domain(self) -> str:
        """The right-hand side of every Message-ID: the domain that really sends."""
        return self.sender_address.rpartition("@")[2]

    @property
    def reporting_domains(self) -> tuple[str, ...]:
        """Domains of servers that may report about our mail: ours, the relay's, and those named."""
        relay = self.host.partition(".")[2] if self.host.count(".") > 1 else self.host
        own = self.host if self.host.replace(".", "").isdigit() else relay
        return (self.sender_domain, own, *self.bounces_from)

    @property
    def account(self) -> str:
        """A stable name of the account behind the settings."""
        return f"{self.user or self.sender_address}@{self.host}:{self.port}"

    @property
    def login(self) -> str:
        """The user name; modern sign-in always names a mailbox."""
        return self.user or (self.sender_address if self.sign_in else "")

    def warnings(self, on: date) -> Iterator[Problem]:
        """What will stop the account soon."""
        yield from mail.password_ends(self.sender_address, self.password_expires, on)

    @property
    def relay(self) -> SmtpLogin:
        """The server that takes our mail."""
        return SmtpLogin(
            host=self.host,
            port=self.port,
            security=self.security,
            user=self.login,
            password=self.password,
            sign_in=self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
            greeting=self.sender_domain,
            idle_close_s=self.idle_close_s,
        )

    @property
    def mailbox(self) -> MailLogin | None:
        """The server with the bounces, if there is one; without a login of its own: SMTP's."""
        if not self.imap_host:
            return None
        return MailLogin(
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.imap_user or self.login,
            password=self.imap_password if self.imap_password.reveal() else self.password,
            sign_in=None if self.imap_password.reveal() else self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
        )


def _problems(settings: SmtpSettings) -> Iterator[Problem]:
    if not settings.host.strip():
        cure = text("ask your mail provider for its SMTP server")
        yield mail.wrong("host", text("must not be empty"), cure)
    yield from mail.wrong_numbers(
        settings,
        ports=("port", "imap_port"),
        counts=("max_message_bytes", "timeout_s", "idle_close_s", "imap_days"),
    )
    yield from mail.wrong_addresses(settings, "sender", optional=("reply_to",))
    if settings.user or settings.sign_in:
        missing = text("missing although there is a user")
        cure = text('write {{ env = "SMTP_PASSWORD" }}')
        yield from mail.wrong_password(settings.password, settings.sign_in, missing, cure)
    yield from mail.wrong_files(settings, "ca_file")
    if settings.imap_sent and not settings.imap_host:
        yield mail.wrong("imap_host", text("missing although there is imap_sent"))
