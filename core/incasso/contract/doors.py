"""The hub's doors to the outside, as plugins see them: `ctx.http` and `ctx.sql`.

`ctx.mail` is described in `incasso.contract.mail`, `ctx.folder` in `incasso.contract.folders`,
`ctx.ftp` in `incasso.contract.ftp`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from incasso.contract.values import Secret, Value


class HttpClient(Protocol):
    """The hub's one door for outgoing HTTP: time-outs, log without secrets, private-address rule.

    `effect=True` declares that the request changes something on the other side: no answer after
    sending then raises OutcomeUnknownError instead of TemporaryError. A status in `returns` is
    handed back instead of raised, for services that explain a refusal in the body. `verify` is
    True, False, the path of a CA or server certificate in PEM, or `sha256:` and the fingerprint of
    the only certificate that is accepted, whatever its name and issuer.
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
    """The hub's one door to databases of the other side: reads without locks, shows no password.

    Errors come out as the classes of `incasso.contract.errors`, in one sentence with the cure: a
    wrong password or a missing right is an AuthenticationError, a database, table, column or driver
    that does not exist a ConfigurationError, no answer or a deadlock a TemporaryError.
    """

    @property
    def dialect(self) -> str:
        """`mssql`, `mysql`, `postgresql`, `oracle` or `sqlite`."""
        ...

    def version(self) -> str:
        """Name and version of the server, as it reports them."""
        ...

    def columns(self, *, like: str = "%") -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Tables and views this login may read: name to (column, type), as the server spells
        them, from its information schema. `like` is a pattern of table names, or several with `|`
        between."""
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
