"""What the hub hands to a hook beside its own arguments: the context of the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from logging import Logger

from incasso.contract.doors import HttpClient, SqlClient, SqlLogin
from incasso.contract.mail import MailboxClient, MailClient, MailLogin, SmtpClient, SmtpLogin
from incasso.contract.values import Value


def _no_sql(_login: SqlLogin) -> SqlClient:
    raise NotImplementedError("this context was made without a door to databases")


class _NoMail:
    """A door that refuses every use, for contexts made by hand."""

    def smtp(self, login: SmtpLogin) -> SmtpClient:
        raise NotImplementedError("this context was made without a door to mail servers")

    def mailbox(self, login: MailLogin) -> MailboxClient:
        raise NotImplementedError("this context was made without a door to mail servers")


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


class CallbackRequest(Value, frozen=True, kw_only=True):
    """A web request from the other side; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime
