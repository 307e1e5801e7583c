"""What a `plugin = "pec"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path

from incasso.api import (
    ConfigurationError,
    Limits,
    LineSecurity,
    MailLogin,
    Problem,
    Secret,
    SignIn,
    SmtpLogin,
    mail,
    nearest,
    setting,
    text,
    wrong_key,
)
from incasso_pec.providers import PROVIDERS, Provider


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
        help="Password, or the one for mail programs that your provider makes", default=Secret("")
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
    replies: mail.Replies = setting(
        help="Other messages in the folder: all (kept and shown by incasso inbox), known (only "
        "answers and messages of known clients), none",
        default=mail.Replies.ALL,
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
            sign_in=self.sign_in,
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
            sign_in=self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=min(self.timeout_s, timeout_s or self.timeout_s),
        )

    def warnings(self, on: date) -> Iterator[Problem]:
        """What will stop the mailbox soon."""
        yield from mail.password_ends(self.address, self.password_expires, on)


def limits_of(settings: PecSettings) -> Limits:
    """The provider's limits; an office with a better contract writes its own in the table."""
    return Limits(
        calls_per_minute=settings.preset.calls_per_minute if settings.preset else None,
        max_message_bytes=settings.max_message_bytes,
    )


def _problems(settings: PecSettings) -> Iterator[Problem]:
    if settings.provider and settings.preset is None:
        words = text("{value!r} is not known", value=settings.provider)
        yield wrong_key("provider", words, nearest(settings.provider, PROVIDERS))
    elif not settings.smtp_host:
        yield wrong_key("host", text("missing, and no provider is named"))
    elif not settings.receipts_host:
        words = text("missing: without receipts nothing is proven, and no provider is named")
        yield wrong_key("imap_host", words)
    if settings.preset and settings.preset.login and not settings.user:
        yield wrong_key("user", text("missing"), settings.preset.login)
    yield from mail.wrong_numbers(
        settings,
        ports=("port", "imap_port"),
        counts=("max_message_bytes", "timeout_s", "idle_close_s", "imap_days"),
    )
    cure = text('write {{ env = "PEC_PASSWORD" }}')
    yield from mail.wrong_password(settings.password, settings.sign_in, text("is empty"), cure)
    if not settings.imap_folder.strip():
        yield wrong_key("imap_folder", text("must not be empty"))
    yield from mail.wrong_files(settings, "ca_file", "trust_file")
    yield from mail.wrong_addresses(settings, "mailbox", optional=("reply_to",))
