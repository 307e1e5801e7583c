"""What the hub hands to a hook beside its own arguments: the context of the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from logging import Logger
from typing import Generic, TypeVar

from incasso.contract.doors import HttpClient, SqlClient, SqlLogin
from incasso.contract.folder_login import FolderLogin
from incasso.contract.folders import ExchangeFolder
from incasso.contract.ftp import Ftp, FtpLogin, FtpSession
from incasso.contract.mail import MailboxClient, MailClient, MailLogin, SmtpClient, SmtpLogin
from incasso.contract.sign_in import SignIn
from incasso.contract.state import Kept, StateClient
from incasso.contract.values import Secret, Value

T = TypeVar("T")


def _no_sql(_login: SqlLogin) -> SqlClient:
    raise NotImplementedError("this context was made without a door to databases")


def _no_folder(_login: FolderLogin) -> ExchangeFolder:
    raise NotImplementedError("this context was made without a door to exchange folders")


def _no_ftp(_login: FtpLogin) -> AbstractContextManager[FtpSession]:
    raise NotImplementedError("this context was made without a door to FTP servers")


def _nobody_watches(_step: str) -> None:
    return


class _NoMail:
    """A door that refuses every use, for contexts made by hand."""

    def smtp(self, login: SmtpLogin) -> SmtpClient:
        raise NotImplementedError("this context was made without a door to mail servers")

    def mailbox(self, login: MailLogin) -> MailboxClient:
        raise NotImplementedError("this context was made without a door to mail servers")

    def token(
        self, sign_in: SignIn, scope: str, mailbox: str, *, instead_of: Secret | None = None
    ) -> Secret:
        raise NotImplementedError("this context was made without a door to mail servers")


class _NoState:
    """Remembers nothing, for contexts made by hand."""

    def get(self, key: str) -> Kept | None:
        raise NotImplementedError("this context was made without a place to remember")

    def swap(self, key: str, value: str | None, *, seen: Kept | None) -> bool:
        raise NotImplementedError("this context was made without a place to remember")

    def keys(self) -> tuple[str, ...]:
        raise NotImplementedError("this context was made without a place to remember")


class CallContext(Value, frozen=True, kw_only=True):
    """Everything a hook may need from the hub; the last argument of every instance hook."""

    instance_id: str
    idempotency_key: str
    """ASCII, at most 64 characters, equal on every retry of one effect."""
    attempt: int
    deadline: datetime
    dry_run: bool
    http: HttpClient
    log: Logger
    now: Callable[[], datetime]
    """The present instant, UTC and aware. Never ask the system clock."""
    on: date
    """The business date, in the office's country."""
    sql: Callable[[SqlLogin], SqlClient] = _no_sql
    """Opens or reuses the database of a login; connections live as long as the instance."""
    mail: MailClient = _NoMail()
    folder: Callable[[FolderLogin], ExchangeFolder] = _no_folder
    """Opens an exchange folder: local, SFTP, S3 or mail attachments."""
    ftp: Ftp = _no_ftp
    """A connection to a server of FTP, or of a protocol built on it."""
    state: StateClient = _NoState()
    """What the instance remembers between calls and processes."""
    step: Callable[[str], None] = _nobody_watches
    """In a check: names the part that begins now, so that whoever waits sees what is slow."""


class CallbackRequest(Value, frozen=True, kw_only=True):
    """A web request from the other side; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


class CallbackAnswer(Value, Generic[T], frozen=True, kw_only=True):
    """News with the web answer that the other side wants; without one it gets 204 and no body.

    Some repeat a request until they get a certain status and body, or prove an address by a
    challenge: then `updates` is empty and `body` repeats it. The answer is sent after the updates
    are committed. `status` is 200 to 299, or 400 to 499 to refuse; `body` at most 64 KiB.
    """

    updates: tuple[T, ...] = ()
    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
