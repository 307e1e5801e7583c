"""The hub's one door to databases of the other side: reads that never lock, errors in one sentence.

Every read has its own connection and transaction, which is rolled back; so two streams of one
plugin never share a connection, and nothing stays open between two nightly runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from logging import Logger
from threading import Lock
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from incasso.contract.doors import SqlLogin
from incasso.contract.errors import OutcomeUnknownError
from incasso.contract.text import text
from incasso.plugins.deadline import Deadline
from incasso.plugins.sql.answers import answer, backend
from incasso.plugins.sql.login import Patience, engine_of, parsed, patience, place
from incasso.plugins.sql.read_only import bound, prepare
from incasso.plugins.sql.schema import columns_of, version_of
from incasso.plugins.sql.trouble import Trouble, driver_failed, trouble_of

_UNSURE: Final = (Trouble.LOST, Trouble.TOO_SLOW, Trouble.UNKNOWN)


class SqlDoor:
    """The databases of one instance: an engine per login, made when first asked for."""

    def __init__(self, *, log: Logger) -> None:
        self.log = log
        self._lock = Lock()
        self._found: dict[tuple[Any, ...], tuple[URL, sa.Engine]] = {}

    def until(self, deadline: Deadline) -> Callable[[SqlLogin], Database]:
        """What a plugin sees as `ctx.sql` during one call."""
        return lambda login: Database(login, *self._engine(login), deadline, self.log)

    def close(self) -> None:
        """Drops every engine; connections are closed by the calls that opened them."""
        with self._lock:
            for _, engine in self._found.values():
                engine.dispose()
            self._found.clear()

    def _engine(self, login: SqlLogin) -> tuple[URL, sa.Engine]:
        key = _key(login)
        with self._lock:
            if key not in self._found:
                url = parsed(login)
                self._found[key] = url, engine_of(url)
            return self._found[key]


class Database:
    """One database during one call; the contract's SqlClient."""

    def __init__(
        self, login: SqlLogin, url: URL, engine: sa.Engine, deadline: Deadline, log: Logger
    ) -> None:
        self._login = login
        self._url = url
        self._engine = engine
        self._patience = Patience(deadline, float(login.statement_timeout_s))
        self._log = log

    @property
    def dialect(self) -> str:
        """`mssql`, `mysql`, `postgresql`, `oracle` or `sqlite`."""
        return backend(self._url)

    def version(self) -> str:
        """Name and version of the server, as it reports them."""
        with self._told(), self._reading() as connection:
            return version_of(connection, self.dialect)

    def columns(self, *, like: str = "%") -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Tables and views this login may read: name to (column, type)."""
        with self._told(), self._reading() as connection:
            return columns_of(connection, self.dialect, like)

    def read(
        self, statement: Any, params: Mapping[str, Any] | None = None, *, at_once: int = 5000
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of a query, streamed in lists of at most `at_once`, in constant memory."""
        rows, began = 0, time.perf_counter()
        with self._told(), self._reading() as connection:
            streaming = connection.execution_options(stream_results=True, max_row_buffer=at_once)
            result = streaming.execute(_statement(statement), dict(params or {}))
            try:
                for part in result.partitions(at_once):
                    rows += len(part)
                    yield part
            finally:
                if self.dialect != "mysql":  # it would fetch all rows that are left: see _drop
                    with suppress(Exception):
                        result.close()
        took = time.perf_counter() - began
        self._log.debug("%s: %d rows in %.1f s", place(self._url), rows, took)

    def names(self, statement: Any, params: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """The columns a query returns; give a query that finds no row (WHERE 1 = 0)."""
        with self._told(), self._reading() as connection:
            result = connection.execute(_statement(statement), dict(params or {}))
            try:
                return tuple(result.keys())
            finally:
                result.close()

    def change(self, statement: Any, params: Mapping[str, Any] | None = None) -> int:
        """One statement that writes, committed at once; how many rows it changed.

        Raises OutcomeUnknownError if it is unknown whether it was committed.
        """
        with self._told(), self._connected() as connection:
            bound(connection, self._patience.seconds())
            try:
                changed = connection.execute(_statement(statement), dict(params or {})).rowcount
            except Exception as error:
                # Without transactions (MyISAM) a change stays although it was not committed.
                if self.dialect == "mysql":
                    self._unsure(error)
                raise
            try:
                connection.commit()
            except Exception as error:
                self._unsure(error)
                raise
        self._log.debug("%s: %d rows changed", place(self._url), changed)
        return changed

    def _unsure(self, error: Exception) -> None:
        if driver_failed(error) and trouble_of(self.dialect, error)[0] in _UNSURE:
            raise OutcomeUnknownError(
                text(
                    "{place}: the change was sent and not confirmed ({words})",
                    place=place(self._url),
                    words=trouble_of(self.dialect, error)[1],
                )
            ) from None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """A connection that cannot write; what it began is rolled back."""
        with self._connected() as connection:
            prepare(connection, self._login.isolation, self._patience.seconds())
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        self._patience.seconds()
        token = patience.set(self._patience)
        try:
            connection = self._engine.connect()
        except (
            TypeError,
            RuntimeError,
        ) as error:  # what drivers raise for odd options and missing parts
            raise answer(error, self._url) from None
        finally:
            patience.reset(token)
        raw = connection.connection.dbapi_connection
        clean = False
        try:
            yield connection
            clean = True
        finally:
            if clean:
                connection.close()
            else:
                _drop(connection, raw)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Translates exceptions of the driver into classes of the contract."""
        try:
            yield
        except Exception as error:
            if driver_failed(error) or isinstance(error, UnicodeDecodeError):
                raise answer(error, self._url) from None
            raise


def _statement(statement: Any) -> Any:
    return sa.text(statement) if isinstance(statement, str) else statement


def _key(login: SqlLogin) -> tuple[Any, ...]:
    """The key by which two logins share an engine; a struct that holds a dict has no hash."""
    return login.url, login.password, tuple(sorted(login.options.items()))


def _drop(connection: sa.Connection, raw: Any) -> None:
    """Drops the connection at once: a regular close would first fetch every row that is left."""
    result: Any = getattr(raw, "_result", None)
    if getattr(result, "unbuffered_active", False):
        result.unbuffered_active = False
        result.connection = None
    with suppress(Exception):
        connection.invalidate()
    with suppress(Exception):
        connection.close()
