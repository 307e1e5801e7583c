"""What every mailbox that sends has in its table: who signs, and where its bounces are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from incasso.api import LineSecurity, MailLogin, Problem, Secret, SignIn, mail, setting, text


@dataclass(frozen=True, kw_only=True)
class BounceSettings:
    """The mailbox behind a sender, as far as it does not matter how its mail leaves."""

    sender: str = setting(help="From: Ufficio crediti <crediti@example.it>")
    reply_to: str = setting(help="Where answers go, if not to the sender", default="")
    timeout_s: int = setting(help="Longest wait for one answer", unit="seconds", default=20)
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
    replies: mail.Replies = setting(
        help="Other mails in the folder: all (kept and shown by incasso inbox), known (only "
        "answers and mails of known clients), none",
        default=mail.Replies.ALL,
    )

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

    def reporting_domains(self, *relays: str) -> tuple[str, ...]:
        """Domains of servers that may report about our mail: ours, the relay's, and those named."""
        return (self.sender_domain, *map(_domain_of, relays), *self.bounces_from)

    def inbox(self, user: str, password: Secret, sign_in: SignIn | None) -> MailLogin | None:
        """The server with the bounces, if there is one; without a login of its own: this one."""
        if not self.imap_host:
            return None
        own = bool(self.imap_password.reveal())
        return MailLogin(
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.imap_user or user,
            password=self.imap_password if own else password,
            sign_in=None if own else sign_in,
            verify=self.verify,
            ca_file=self.ca_file,
            timeout_s=self.timeout_s,
        )

    def wrong_keys(self) -> Iterator[Problem]:
        """What does not fit in these keys."""
        yield from mail.wrong_numbers(self, ports=("imap_port",), counts=("timeout_s", "imap_days"))
        yield from mail.wrong_addresses(self, "sender", optional=("reply_to",))
        yield from mail.wrong_files(self, "ca_file")

    def unproven_bounces(self, *, reports: bool) -> Iterator[Problem]:
        """Bounces are read, and nothing shows who wrote them."""
        if self.imap_host and not (reports or self.imap_authserv):
            yield Problem(
                code="unproven_bounces",
                field="imap_authserv",
                message=text("nothing shows who a bounce comes from: each waits for a person"),
                hint=text("name the server that writes Authentication-Results into this mailbox"),
            )


def _domain_of(host: str) -> str:
    """The domain of a server; a bare address stays as it is."""
    if host.replace(".", "").isdigit() or host.count(".") < 2:
        return host
    return host.partition(".")[2]
