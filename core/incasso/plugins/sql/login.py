"""From a login to an engine: URL, driver, password, and how each driver gives up in time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from incasso.contract.doors import SqlLogin
from incasso.contract.errors import ConfigurationError, TemporaryError
from incasso.contract.text import text
from incasso.plugins.deadline import Deadline

CONNECT_S: Final = 10
PROGRAM: Final = "incasso"

DRIVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "mssql": ("pymssql", "pyodbc", "mssqlpython"),
    "mysql": ("pymysql",),
    "mariadb": ("pymysql",),
    "postgresql": ("psycopg",),
    "sqlite": ("pysqlite",),
    "oracle": ("oracledb",),
}
"""The tested drivers; the first one is used where the URL names none."""

_PACKAGES: Final = {
    "pymssql": "pymssql",
    "pyodbc": "pyodbc",
    "mssqlpython": "mssql-python",
    "pymysql": "pymysql[rsa]",
    "psycopg": "psycopg[binary]",
    "oracledb": "oracledb",
}

_SECRET_KEYS: Final = frozenset({"password", "passwd", "pwd", "passfile", "sslpassword"})


class Patience:
    """How long the other side may take: a statement's own limit inside the call's deadline."""

    def __init__(self, deadline: Deadline, longest: float) -> None:
        self._deadline = deadline
        self._longest = longest

    def over(self) -> bool:
        """Whether the call's deadline has passed."""
        return time.monotonic() >= self._deadline.deadline

    def seconds(self) -> float:
        """Seconds for the next statement. Raises TemporaryError if no time is left.

        A little less than the call has, so that the server's answer comes before the guard's.
        """
        left = self._deadline.deadline - time.monotonic()
        if left <= 0:
            raise TemporaryError(text("no time left for another query"))
        return min(self._longest, max(0.9 * left, 0.1))


patience: Final[ContextVar[Patience]] = ContextVar("patience")
"""The call that is connecting now: an engine outlives its calls and cannot be passed one."""


def place(url: URL) -> str:
    """Host, port and database, for sentences: never the name, the password or an option."""
    if url.get_backend_name() == "sqlite":
        return url.database or "sqlite"
    query = url.query.get("host")
    host = url.host or (query if isinstance(query, str) else "") or "this computer"
    port = f":{url.port}" if url.port else ""
    return f"{host}{port}/{url.database}" if url.database else f"{host}{port}"


def parsed(login: SqlLogin) -> URL:
    """The URL with driver, password and options. Raises ConfigurationError."""
    try:
        url = sa.make_url(login.url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigurationError(
            text(
                "`url` is no database address; write it like "
                "mssql+pymssql://user@server:1433/database, without the password"
            )
        ) from None
    if url.password or _SECRET_KEYS & {key.lower() for key in (*url.query, *login.options)}:
        raise ConfigurationError(
            text(
                "`url` or `options` holds a password; take it out and give it as "
                "`password = {{ env = … }}`"
            )
        )
    if "odbc_connect" in url.query:
        raise ConfigurationError(
            text(
                "`url` holds an ODBC string, which may hide a password; write "
                "mssql+pyodbc://user@server:1433/database, and the rest of it as `options`"
            )
        )
    url = _with_driver(url)
    if login.password is not None:
        url = url.set(password=login.password.reveal())
    return url.update_query_dict(dict(login.options))


def _with_driver(url: URL) -> URL:
    backend, _, driver = url.drivername.partition("+")
    known = DRIVERS.get(backend)
    if known is None:
        raise ConfigurationError(
            text(
                "`url` names the database {name!r}; known: {names}",
                name=backend,
                names=sorted(DRIVERS),
            )
        )
    if driver and driver not in known:
        raise ConfigurationError(
            text(
                "`url` names the driver {driver!r}; for {database} use one of {names}",
                driver=driver,
                database=backend,
                names=list(known),
            )
        )
    return url.set(drivername=f"{backend}+{driver or known[0]}")


def engine_of(url: URL) -> sa.Engine:
    """An engine that keeps no connection: reads are nightly, and an idle one holds a licence.

    Raises ConfigurationError where the driver is not installed.
    """
    driver = url.drivername.partition("+")[2]
    if driver == "pyodbc":
        url = _with_odbc_driver(url)
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if driver == "pysqlite":
        options["creator"] = lambda: _open_sqlite(url.database or "", patience.get())
    try:
        engine = sa.create_engine(url, **options)
    except ImportError as error:
        raise _not_installed(driver, error) from None
    if arguments := _ARGUMENTS.get(driver):

        @sa.event.listens_for(engine, "do_connect")
        def give_up_in_time(_dialect: Any, _record: Any, _given: Any, named: Any) -> None:
            # A user's own option, for example a longer login_timeout, is left as it is.
            for name, value in arguments(patience.get().seconds()).items():
                named.setdefault(name, value)

    if driver == "oracledb":

        @sa.event.listens_for(engine, "connect")
        def end_calls_in_time(connection: Any, _record: Any) -> None:
            connection.call_timeout = _whole(patience.get().seconds()) * 1000

    if driver in ("pyodbc", "mssqlpython"):

        @sa.event.listens_for(engine, "connect")
        def end_queries_in_time(connection: Any, _record: Any) -> None:
            connection.timeout = _whole(patience.get().seconds())

    return engine


def _not_installed(driver: str, error: ImportError) -> ConfigurationError:
    package = _PACKAGES.get(driver, driver)
    if "libodbc" in str(error):
        return ConfigurationError(
            text(
                "the driver pyodbc needs the ODBC libraries of the system: install unixodbc and "
                "Microsoft's msodbcsql18, or use mssql+pymssql in `url`"
            )
        )
    if "libltdl" in str(error):
        return ConfigurationError(
            text(
                "the driver mssql-python needs a library of the system: install libltdl7 (Debian "
                "and Ubuntu) or libtool-ltdl (Red Hat), or use mssql+pymssql in `url`"
            )
        )
    return ConfigurationError(
        text(
            "the driver {driver!r} of `url` is not installed; run: pip install '{package}'",
            driver=driver,
            package=package,
        )
    )


def _with_odbc_driver(url: URL) -> URL:
    """Adds the newest of Microsoft's ODBC drivers, where the URL names none."""
    if "driver" in url.query:
        return url
    try:
        import pyodbc
    except ImportError as error:
        raise _not_installed("pyodbc", error) from None
    found = [name for name in pyodbc.drivers() if "SQL Server" in name]
    numbered = sorted(name for name in found if name.startswith("ODBC Driver "))
    if not found:
        raise ConfigurationError(
            text(
                "no ODBC driver for SQL Server is installed on this computer; install Microsoft's "
                "msodbcsql18, or use mssql+pymssql in `url`"
            )
        )
    return url.update_query_dict({"driver": (numbered or found)[-1]})


def _open_sqlite(path: str, allowed: Patience) -> sqlite3.Connection:
    """Checks that the file exists: a misspelt path must not create an empty database."""
    if not path:
        raise sqlite3.OperationalError("unable to open database file")
    uri = f"file:{quote(path)}?mode=rw"
    wait = min(allowed.seconds(), 5)
    connection = sqlite3.connect(uri, uri=True, timeout=wait, check_same_thread=False)
    connection.set_progress_handler(allowed.over, 50_000)
    return connection


def _whole(seconds: float) -> int:
    return max(1, int(seconds))


def _connect(seconds: float) -> int:
    return min(CONNECT_S, _whole(seconds))


_ARGUMENTS: Final[Mapping[str, Callable[[float], dict[str, Any]]]] = {
    "pymssql": lambda s: {
        "login_timeout": _connect(s),
        "timeout": _whole(s),
        "appname": PROGRAM,
    },
    "pyodbc": lambda s: {"timeout": _connect(s)},
    "mssqlpython": lambda s: {"timeout": _connect(s)},
    "pymysql": lambda s: {
        "connect_timeout": _connect(s),
        "read_timeout": _whole(s),
        "write_timeout": _whole(s),
        "charset": "utf8mb4",
        "program_name": PROGRAM,
    },
    "oracledb": lambda s: {"tcp_connect_timeout": float(_connect(s)), "program": PROGRAM},
    "psycopg": lambda s: {"connect_timeout": _connect(s), "application_name": PROGRAM},
}
"""What each driver calls the time to connect and the time to answer."""
