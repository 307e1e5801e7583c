"""The hub's door to mail servers, as plugins see it: `ctx.mail`.

Sending goes stage by stage, because only the stage distinguishes "not sent" from "unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from incasso.contract.sign_in import SignIn
from incasso.contract.values import Cursor, Secret, Value


class LineSecurity(StrEnum):
    """How a connection is protected: TLS from the first byte, after STARTTLS, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class MailLogin(Value, frozen=True, kw_only=True):
    """How to reach a mailbox by IMAP: with a password, or with modern sign-in."""

    host: str
    port: int
    security: LineSecurity
    user: str = ""
    """Empty: no login."""
    password: Secret = Secret("")
    sign_in: SignIn | None = None
    """Instead of the password; `user` is then the mailbox's address."""
    verify: bool = True
    """Whether the server's certificate is checked."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's (PEM)."""
    timeout_s: int = 20
    """The longest wait for one answer; the call's deadline may shorten it."""


class WatchedFolder(Value, frozen=True, kw_only=True):
    """A folder whose new mail is news. The hub waits for it there and opens it read-only."""

    login: MailLogin
    folder: str


class SmtpLogin(MailLogin, frozen=True, kw_only=True):
    """How to reach a relay by SMTP. Its connections stay open between messages."""

    greeting: str
    """The name we greet with: the domain that sends."""
    idle_close_s: int = 30
    """An unused connection is closed after this time."""


class SmtpFacts(Value, frozen=True, kw_only=True):
    """What a relay announces about itself."""

    tls: str
    """E.g. `TLSv1.3`; empty without TLS."""
    size_limit: int
    """The most bytes it takes; 0 if it does not say."""
    reports: bool = False
    """Whether it takes an envelope id and gives it back in its reports (DSN, RFC 3461)."""


class OfferedMail(Protocol):
    """A message whose sender and debtor the relay has accepted; nothing is handed over yet."""

    @property
    def refused_copies(self) -> tuple[str, ...]:
        """Copies that the relay refuses, each with its reply."""
        ...

    def hand_over(self, content: bytes, ref: str) -> str:
        """The message itself. Returns the relay's final reply, which holds its queue id.

        Raises OutcomeUnknownError with `ref` if that reply never came. After every other error the
        relay does not have the message.
        """
        ...


class SmtpClient(Protocol):
    """One relay. Errors come out as the classes of `incasso.contract.errors`."""

    def check(self) -> SmtpFacts:
        """Greet, protect, log in, over a separate connection."""
        ...

    def offer(
        self, sender: str, recipients: Sequence[str], size: int, envelope_id: str = ""
    ) -> AbstractContextManager[OfferedMail]:
        """Ask the relay about sender and recipients; only the first recipient must pass.

        A relay that offers reports (DSN) is given the envelope id and each recipient's own address,
        so that what comes back names them.
        Leaving the block without `hand_over` drops the message: a dry run.
        """
        ...


class ArrivedMail(Value, frozen=True, kw_only=True):
    """One mail in a folder."""

    uid: int
    content: bytes
    at: datetime
    """When it arrived, UTC; where the server does not say, as the mail itself does, or 1980."""
    is_cut: bool = False
    """It is larger than the hub fetches: `content` is its beginning."""


class MailPage(Value, frozen=True, kw_only=True):
    """Some mails, oldest first, and the cursor to continue from."""

    mails: tuple[ArrivedMail, ...]
    cursor: Cursor


class MailboxClient(Protocol):
    """One mailbox. Folders are opened read-only and mail is fetched without marking it as read:
    people read the same mailbox, and it is evidence."""

    def check(self, folders: Sequence[str]) -> None:
        """Log in and open the folders."""
        ...

    def arrived_at(self, folder: str, message_id: str) -> datetime | None:
        """When the mail with this Message-ID came into the folder; None if it is not there."""
        ...

    def read(
        self,
        folder: str,
        since: Cursor | None,
        *,
        first_day: date,
        headers: Collection[str],
        wanted: Callable[[bytes], bool],
    ) -> Iterator[MailPage]:
        """Mail that came after the cursor; without one, since the first day.

        `wanted` sees the named headers of each mail and decides whether it is fetched whole. The
        last page may be empty: its cursor counts. Raises CursorExpiredError if the server has
        renumbered the folder or another folder is read now.
        """
        ...

    def with_header(
        self, folder: str, header: str, value: str, *, most: int = 20
    ) -> tuple[ArrivedMail, ...]:
        """The mails whose header holds the value, whole, the newest so many, oldest first.

        Servers compare without case and find parts of words: compare what comes.
        """
        ...

    def put(self, folder: str, content: bytes, at: datetime) -> None:
        """File a mail of our own, marked as read: the copy of a message among those sent.

        Every other mail stays as it is. Raises TemporaryError also where the folder is missing.
        """
        ...

    def mark_read(self, folder: str, uids: Collection[int]) -> None:
        """The one change of mail that came in: mark it as read, e.g. receipts that are archived."""
        ...


class MailClient(Protocol):
    """The hub's one door to mail servers; connections live as long as the instance."""

    def smtp(self, login: SmtpLogin) -> SmtpClient:
        """The relay of a login."""
        ...

    def mailbox(self, login: MailLogin) -> MailboxClient:
        """The mailbox of a login; each use opens its own connection."""
        ...

    def token(
        self, sign_in: SignIn, scope: str, mailbox: str, *, instead_of: Secret | None = None
    ) -> Secret:
        """A token for an interface of the web beside SMTP and IMAP, kept and renewed as theirs are.

        `instead_of`: one that was refused. Raises AuthenticationError, TemporaryError.
        """
        ...
