"""Values that every family of plugins shares: money, cursors, pages, problems, the call context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from logging import Logger
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")

API: Final = 1
"""Major version of the plugin contract; the hub accepts this one and the one before."""

ExternalId: TypeAlias = str
"""The other side's identifier: 1-128 characters, opaque, unique per instance and record type."""

Cursor: TypeAlias = str
"""Where a pull stopped; made and understood only by the plugin, at most 2,048 characters."""

CurrencyCode: TypeAlias = str
"""ISO 4217."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every border type: frozen, keyword-only, so that fields can be added later."""


class Medium(StrEnum):
    """How a message travels; a stage names media, a channel instance carries some of them."""

    EMAIL = "email"
    PEC = "pec"
    SMS = "sms"
    FAX = "fax"
    LETTER = "letter"
    REGISTERED = "registered"
    TELEGRAM = "telegram"


class Money(Value, frozen=True, kw_only=True, order=False):
    """An amount in one currency; adding two currencies is a mistake and raises ValueError."""

    amount: Decimal
    currency: CurrencyCode = "EUR"

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(amount=self.amount + other.amount, currency=self.currency)


class Problem(Value, frozen=True, kw_only=True):
    """Something wrong, told to an operator: what, where, and the cure."""

    code: str
    message: str
    field: str = ""
    hint: str = ""


class Secret:
    """A password or token: prints as stars, `reveal()` gives the text, never plain in a file."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; keep it out of logs, messages and exceptions."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Attachment(Value, frozen=True, kw_only=True):
    """A file that travels with a message or proves something; at most 10 MiB."""

    filename: str
    media_type: str
    content: bytes


class Page(Value, Generic[T], frozen=True, kw_only=True):
    """One page of a stream. Store `cursor` only after the items are committed.

    `unchanged` holds the keys of rows whose fingerprint the hub already knows: the cheapest
    way to say "still there, still the same". `complete` on the last page says that this pull
    returned everything that exists, so that absences mean something. `file` and `rows` say where
    the items were read (`rows[n]` is the row of `items[n]`, heading included, as in Excel): what
    the hub refuses is then shown to the office with its place. Both may be left out.
    """

    items: tuple[T, ...] = ()
    unchanged: tuple[ExternalId, ...] = ()
    cursor: Cursor | None = None
    complete: bool = False
    file: str = ""
    rows: tuple[int, ...] = ()


class CheckReport(Value, frozen=True, kw_only=True):
    """What a successful check found; a failed check raises instead."""

    remote_identity: str
    """Stable name of the account, company or folder behind the settings."""
    remote_version: str = ""
    facts: Mapping[str, str] = {}
    warnings: tuple[Problem, ...] = ()


class ReceiptStatus(StrEnum):
    """ACCEPTED: the other side has it. DONE: nothing more will be heard, it is finished."""

    ACCEPTED = "accepted"
    DONE = "done"


class Receipt(Value, frozen=True, kw_only=True):
    """The other side took over one effect."""

    ref: ExternalId
    at: datetime
    status: ReceiptStatus = ReceiptStatus.ACCEPTED
    cost: Money | None = None
    note: str = ""
    evidence: tuple[Attachment, ...] = ()
    before: Mapping[str, str] = {}
    """What the effect replaced on the other side; the hub hands it back to have it restored."""


class HttpClient(Protocol):
    """The hub's one door for outgoing HTTP: time-outs, log without secrets, private-address rule.

    `effect=True` tells that the request changes something on the other side: silence after
    sending then raises OutcomeUnknownError instead of TemporaryError. A status in `returns` is
    handed back instead of raised, for services that explain their no in the body. `verify` is
    True, False, the path of a CA or server certificate in PEM, or `sha256:` and the fingerprint
    of the one certificate that is accepted, whatever name and authority it carries.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        effect: bool = False,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        auth: tuple[str, Secret] | None = None,
        timeout_s: float | None = None,
        verify: bool | str = True,
        returns: Collection[int] = (),
    ) -> HttpResponse:
        """One request; errors come out as the classes of `incasso.contract.errors`."""
        ...


class HttpResponse(Value, frozen=True, kw_only=True):
    """What came back: status, lower-case headers, body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON. Raises msgspec.DecodeError if it is not."""
        return msgspec.json.decode(self.content)


class SqlLogin(Value, frozen=True, kw_only=True):
    """How to reach a database of the other side."""

    url: str
    """SQLAlchemy URL with the driver and without password, e.g. `mssql+pymssql://user@host/db`."""
    password: Secret | None = None
    isolation: str = ""
    """`snapshot`, `read committed`, …; empty: snapshot where the database has it switched on."""
    statement_timeout_s: int = 60
    options: Mapping[str, str] = {}
    """Further arguments of the driver, e.g. `{"TrustServerCertificate": "yes"}`."""


class SqlClient(Protocol):
    """The hub's one door to databases of the other side: never locks it, never shows a password.

    Errors come out as the classes of `incasso.contract.errors`, in one sentence with the cure:
    a wrong password or a missing right is an AuthenticationError, a database, table, column or
    driver that does not exist a ConfigurationError, silence or a deadlock a TemporaryError.
    """

    @property
    def dialect(self) -> str:
        """`mssql`, `mysql`, `postgresql` or `sqlite`."""
        ...

    def version(self) -> str:
        """Name and version of the server, as it tells them."""
        ...

    def columns(self, *, like: str = "%") -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Tables and views this login may read: name to (column, type), as the server spells
        them, from its information schema. `like` is a pattern of table names."""
        ...

    def read(
        self, statement: Any, params: Mapping[str, Any] | None = None, *, at_once: int = 5000
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of a query, streamed in lists of at most `at_once`, in constant memory.

        The statement is SQL text with `:name` parameters or a SQLAlchemy construct. Leaving the
        iteration early releases the connection.
        """
        ...

    def names(self, statement: Any, params: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """The columns that a query returns, as the server names them; no row is fetched."""
        ...

    def change(self, statement: Any, params: Mapping[str, Any] | None = None) -> int:
        """One statement that writes, committed at once; how many rows it changed.

        The only way to write: `read` runs in transactions that are always rolled back.
        """
        ...


def _no_sql(_login: SqlLogin) -> SqlClient:
    raise NotImplementedError("this context was made without a door to databases")


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
    """Opens, or finds again, the database behind a login; connections last as the instance."""


class CallbackRequest(Value, frozen=True, kw_only=True):
    """A web request from the other side; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime
