"""What a `plugin = "fax_mail"` table may say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Final

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

_ARRIVED: Final = (
    *("successfully", "successful", "was delivered", "transmission ok", "status: ok"),
    *("inviato correttamente", "inviato con successo", "consegnato", "esito: ok"),
)
_FAILED: Final = (
    *("failed", "failure", "not delivered", "unsuccessful", "busy", "no answer", "rejected"),
    *("non riuscito", "non inviato", "non consegnato", "fallito", "occupato", "nessuna risposta"),
)


@dataclass(frozen=True, kw_only=True)
class FaxMailSettings:
    """A gateway, the mailbox it knows us by, and where its results come in."""

    address: str = setting(
        help="The gateway's address with {number} (+390211111111) or {digits} (390211111111) in "
        "it, e.g. {digits}@fax.tc"
    )
    sender: str = setting(help="The mailbox that the gateway lets send: crediti@example.it")
    host: str = setting(help="SMTP server of that mailbox")
    port: int = setting(help="465 for tls, 587 for starttls, 25 for none", default=587)
    security: LineSecurity = setting(
        help="tls, starttls or none; it never falls back to less", default=LineSecurity.STARTTLS
    )
    user: str = setting(help="Login; often the whole address. Empty: no login", default="")
    password: Secret = setting(help="Its password", default=Secret(""))
    sign_in: SignIn | None = setting(
        help="Modern sign-in instead of a password: [channels.NAME.sign_in], with = microsoft or "
        "google, and its keys",
        default=None,
    )
    body: str = setting(
        help="Words in the mail; most gateways print them as a page, so mostly empty", default=""
    )
    most_pages: int = setting(help="Longer faxes are refused", default=30)
    imap_host: str = setting(help="IMAP server with the results. Empty: none are read", default="")
    imap_port: int = setting(help="993 for tls, 143 otherwise", default=993)
    imap_security: LineSecurity = setting(help="tls, starttls or none", default=LineSecurity.TLS)
    imap_folder: str = setting(help="Folder where results arrive", default="INBOX")
    imap_days: int = setting(help="How far back the first reading looks", unit="days", default=30)
    imap_authserv: str = setting(
        help="Name under which your own mail server writes Authentication-Results. Empty: it does "
        "not, and each result waits for a person",
        default="",
    )
    results_from: tuple[str, ...] = setting(
        help="Domains that the results come from, if not the gateway's", default=()
    )
    arrived_words: tuple[str, ...] = setting(
        help="Words by which a result says that the fax arrived", default=_ARRIVED
    )
    failed_words: tuple[str, ...] = setting(
        help="Words by which a result says that it did not", default=_FAILED
    )
    timeout_s: int = setting(help="Longest wait for one answer", unit="seconds", default=20)
    verify: bool = setting(help="Check the servers' certificates", default=True)
    ca_file: Path | None = setting(
        help="Certificates to trust instead of the system's (PEM)", default=None
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def mailbox(self) -> str:
        """The bare address that sends."""
        return mail.mailable(parseaddr(self.sender)[1])

    @property
    def login(self) -> str:
        """The user name; modern sign-in always names a mailbox."""
        return self.user or (self.mailbox if self.sign_in else "")

    @property
    def domain(self) -> str:
        """The right-hand side of every Message-ID."""
        return self.mailbox.rpartition("@")[2]

    @property
    def reporting(self) -> tuple[str, ...]:
        """Domains whose mails are results."""
        return self.results_from or (self.address.rpartition("@")[2].lower(),)

    def gateway(self, number: str) -> str:
        """The address for a number."""
        return self.address.replace("{number}", number).replace("{digits}", number.lstrip("+"))

    @property
    def relay(self) -> SmtpLogin:
        """The way out."""
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
            greeting=self.domain,
        )

    @property
    def results(self) -> MailLogin | None:
        """The way back, with the login of the way out."""
        if not self.imap_host:
            return None
        return MailLogin(
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.login,
            password=self.password,
            sign_in=self.sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
        )


def _problems(settings: FaxMailSettings) -> Iterator[Problem]:
    if not settings.host.strip():
        yield wrong_key("host", text("must not be empty"))
    yield from mail.wrong_addresses(settings, "sender")
    yield from _wrong_gateway(settings)
    counts = ("most_pages", "imap_days", "timeout_s")
    yield from mail.wrong_numbers(settings, ports=("port", "imap_port"), counts=counts)
    if settings.user or settings.sign_in:
        missing = text("missing although there is a user")
        cure = text('write {{ env = "SMTP_PASSWORD" }}')
        yield from mail.wrong_password(settings.password, settings.sign_in, missing, cure)
    yield from mail.wrong_files(settings, "ca_file")


def _wrong_gateway(settings: FaxMailSettings) -> Iterator[Problem]:
    """The address is tried with a number in it."""
    if "{number}" not in settings.address and "{digits}" not in settings.address:
        cure = text("write {{digits}}@ and the gateway's domain")
        yield wrong_key("address", text("has no place for the number"), cure)
    try:
        mail.mailable(given := settings.gateway("+390211111111"))
    except mail.BadAddressError as error:
        words = text("{address!r} is no mail address: {reason}", address=given, reason=str(error))
        yield wrong_key("address", words)
