"""What a `plugin = "pec"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Final

from incasso.api import (
    ConfigurationError,
    Limits,
    LineSecurity,
    MailLogin,
    Problem,
    Secret,
    SmtpLogin,
    Text,
    mail,
    nearest,
    setting,
    text,
)
from incasso_pec.providers import PROVIDERS, Provider

SOON: Final = timedelta(days=14)
"""So long before a password ends the office is told, every day."""


class Part(StrEnum):
    """What of the message its delivery receipt repeats."""

    COMPLETE = "completa"
    BRIEF = "breve"
    SYNTHETIC = "sintetica"


@dataclass(frozen=True, kw_only=True)
class PecSettings:
    """One certified mailbox: from it messages leave, into it the receipts come."""

    mailbox: str = setting(help="The certified mailbox: Ufficio crediti <crediti@pec.example.it>")
    provider: str = setting(
        help="aruba, legalmail, poste, postel, register or namirial: fills in servers, folder of "
        "sent mail and limits. Empty: give host and imap_host",
        default="",
    )
    user: str = setting(help="Login, if it is not the address (Legalmail: M…)", default="")
    password: Secret = setting(
        help="Password, or the one for mail programs that your provider makes"
    )
    password_expires: date | None = setting(
        help="Last day of the password; check and the daily run warn from 14 days before",
        default=None,
    )
    host: str = setting(help="SMTP server, if not the provider's", default="")
    port: int = setting(help="465 for tls, 587 for starttls", default=465)
    security: LineSecurity = setting(
        help="tls, starttls or none; it never falls back to less", default=LineSecurity.TLS
    )
    imap_host: str = setting(help="IMAP server, if not the provider's", default="")
    imap_port: int = setting(help="993 for tls, 143 otherwise", default=993)
    imap_security: LineSecurity = setting(help="tls, starttls or none", default=LineSecurity.TLS)
    imap_folder: str = setting(help="Folder where receipts arrive", default="INBOX")
    imap_sent: str | None = setting(
        help="Folder for copies of sent messages, if not the provider's. Empty: no copies",
        default=None,
    )
    imap_days: int = setting(
        help="How far back the first reading looks for receipts", unit="days", default=30
    )
    receipt: Part = setting(
        help="What the delivery receipt repeats of the message: completa (all of it, the best "
        "proof), breve (hashes of the attachments), sintetica (nothing)",
        default=Part.COMPLETE,
    )
    reply_to: str = setting(help="Where answers go, if not to the mailbox", default="")
    trust_file: Path | None = setting(
        help="List of trusted authorities instead of the shipped one (TOML)", default=None
    )
    max_message_bytes: int = setting(
        help="Larger messages are refused before they leave", unit="bytes", default=30_000_000
    )
    timeout_s: int = setting(help="Longest wait for one answer", unit="seconds", default=20)
    idle_close_s: int = setting(
        help="An unused line is closed after this long", unit="seconds", default=30
    )
    verify: bool = setting(help="Check the servers' certificates", default=True)
    ca_file: Path | None = setting(
        help="Certificates of servers to trust instead of the system's (PEM)", default=None
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def preset(self) -> Provider | None:
        """What is known of the provider."""
        return PROVIDERS.get(self.provider)

    @property
    def address(self) -> str:
        """The bare address: sender on the envelope and in the mail, as PEC demands."""
        return mail.mailable(parseaddr(self.mailbox)[1])

    @property
    def sender_name(self) -> str:
        """The name beside it."""
        return parseaddr(self.mailbox)[0]

    @property
    def domain(self) -> str:
        """The right-hand side of every Message-ID."""
        return self.address.rpartition("@")[2]

    @property
    def smtp_host(self) -> str:
        """The server that takes our messages."""
        return self.host or (self.preset.smtp if self.preset else "")

    @property
    def receipts_host(self) -> str:
        """The server with the mailbox."""
        return self.imap_host or (self.preset.imap if self.preset else "")

    @property
    def sent_folder(self) -> str:
        """Where copies are filed; empty: nowhere."""
        if self.imap_sent is not None:
            return self.imap_sent
        return self.preset.sent if self.preset else ""

    @property
    def login(self) -> str:
        """The user name at both servers."""
        return self.user or self.address

    @property
    def account(self) -> str:
        """A stable name of the account behind the settings."""
        return f"{self.address}@{self.smtp_host}:{self.port}"

    @property
    def relay(self) -> SmtpLogin:
        """The way out."""
        return SmtpLogin(
            host=self.smtp_host,
            port=self.port,
            security=self.security,
            user=self.login,
            password=self.password,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
            greeting=self.domain,
            idle_close_s=self.idle_close_s,
        )

    def inbox(self, timeout_s: int | None = None) -> MailLogin:
        """The way in."""
        return MailLogin(
            host=self.receipts_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.login,
            password=self.password,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=min(self.timeout_s, timeout_s or self.timeout_s),
        )

    def warnings(self, on: date) -> Iterator[Problem]:
        """What will stop the mailbox soon."""
        ends = self.password_expires
        if ends is None or ends - on > SOON:
            return
        yield Problem(
            code="password_expires",
            field="password_expires",
            message=text("the password of {mailbox} ended on {day}", mailbox=self.address, day=ends)
            if ends < on
            else text("the password of {mailbox} ends on {day}", mailbox=self.address, day=ends),
            hint=text("make a new one at your provider, then write its last day here"),
        )


def limits_of(settings: PecSettings) -> Limits:
    """The provider's limits; an office with a better contract writes its own in the table."""
    return Limits(
        calls_per_minute=settings.preset.calls_per_minute if settings.preset else None,
        max_message_bytes=settings.max_message_bytes,
    )


def _problems(settings: PecSettings) -> Iterator[Problem]:
    if settings.provider and settings.preset is None:
        words = text("{value!r} is not known", value=settings.provider)
        yield _wrong("provider", words, nearest(settings.provider, PROVIDERS))
    elif not settings.smtp_host:
        yield _wrong("host", text("missing, and no provider is named"))
    elif not settings.receipts_host:
        words = text("missing: without receipts nothing is proven, and no provider is named")
        yield _wrong("imap_host", words)
    if settings.preset and settings.preset.login and not settings.user:
        yield _wrong("user", text("missing"), settings.preset.login)
    for key in ("port", "imap_port"):
        if not 0 < getattr(settings, key) < 65_536:
            yield _wrong(key, text("is no port"), text("465, 587, 993 are usual"))
    for key in ("max_message_bytes", "timeout_s", "idle_close_s", "imap_days"):
        if getattr(settings, key) < 1:
            yield _wrong(key, text("must be at least 1"))
    if not settings.password.reveal():
        yield _wrong("password", text("is empty"), text('write {{ env = "PEC_PASSWORD" }}'))
    if not settings.imap_folder.strip():
        yield _wrong("imap_folder", text("must not be empty"))
    for key in ("ca_file", "trust_file"):
        if (file := getattr(settings, key)) is not None and not file.is_file():
            yield _wrong(key, text("{file} is no file", file=str(file)))
    yield from _wrong_addresses(settings)


def _wrong_addresses(settings: PecSettings) -> Iterator[Problem]:
    for key, required in (("mailbox", True), ("reply_to", False)):
        given = getattr(settings, key)
        if not given and not required:
            continue
        try:
            mail.mailable(parseaddr(given)[1])
        except mail.BadAddressError as error:
            words = text(
                "{address!r} is no mail address: {reason}", address=given, reason=str(error)
            )
            yield _wrong(key, words, text("write Name <name@example.it>"))


def _wrong(key: str, message: Text, hint: Text | str = "") -> Problem:
    return Problem(code="configuration", field=key, message=message, hint=hint)
