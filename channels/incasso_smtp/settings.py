"""What a `plugin = "smtp"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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
    wrong_key,
)
from incasso_smtp.account import BounceSettings


@dataclass(frozen=True, kw_only=True)
class SmtpSettings(BounceSettings):
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
    max_message_bytes: int = setting(
        help="Larger messages are refused before they leave", unit="bytes", default=20_000_000
    )
    idle_close_s: int = setting(
        help="An unused line is closed after this long", unit="seconds", default=30
    )
    imap_sent: str = setting(
        help="Folder where the provider itself files what was sent, e.g. Sent", default=""
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

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
        return self.inbox(self.login, self.password, self.sign_in)


def _problems(settings: SmtpSettings) -> Iterator[Problem]:
    if not settings.host.strip():
        cure = text("ask your mail provider for its SMTP server")
        yield wrong_key("host", text("must not be empty"), cure)
    counts = ("max_message_bytes", "idle_close_s")
    yield from mail.wrong_numbers(settings, ports=("port",), counts=counts)
    yield from settings.wrong_keys()
    if settings.user or settings.sign_in:
        missing = text("missing although there is a user")
        cure = text('write {{ env = "SMTP_PASSWORD" }}')
        yield from mail.wrong_password(settings.password, settings.sign_in, missing, cure)
    if settings.imap_sent and not settings.imap_host:
        yield wrong_key("imap_host", text("missing although there is imap_sent"))
