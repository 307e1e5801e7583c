"""SQL Server as its three drivers tell it: their own exceptions, and what is sent to the server."""

from __future__ import annotations

import builtins
import re
import sys
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mssql_python.exceptions
import psycopg
import pymssql
import pytest
import sqlalchemy as sa

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    TemporaryError,
)
from incasso.plugins.sql.answers import answer
from tests.sql.conftest import Left, Open

URL = sa.make_url("mssql+pymssql://lettore@erp:1433/ACME")


class OdbcError(Exception):
    """pyodbc's classes take the same two arguments; its module needs libraries of the system."""


OdbcError.__module__ = "pyodbc"


def tds(number: int, text: str) -> pymssql.OperationalError:
    """As pymssql gives a message of the server: number and bytes, with the library's own words."""
    tail = (
        "DB-Lib error message 20018, severity 14:\nGeneral SQL Server error: "
        "Check messages from the SQL Server\n"
    )
    return pymssql.OperationalError((number, (text + tail).encode()))


def net(number: int, text: str) -> pymssql.OperationalError:
    told = f"DB-Lib error message {number}, severity 9:\n{text} (erp)\n"
    return pymssql.OperationalError((number, (told * 2).encode()))


def odbc(state: str, text: str, number: int, function: str = "SQLExecDirectW") -> OdbcError:
    driver = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"
    return OdbcError(state, f"[{state}] {driver}{text} ({number}) ({function})")


def ms(driver_error: str, text: str) -> Exception:
    with warnings.catch_warnings():
        # It logs about texts that do not look like its own driver's.
        warnings.simplefilter("ignore")
        error: Exception = mssql_python.exceptions.OperationalError(
            driver_error, f"[Microsoft][SQL Server]{text}"
        )
    return error


LOGIN = "Login failed for user 'lettore'."
OPEN = 'Cannot open database "ACME" requested by the login. The login failed.'
TABLE = "Invalid object name 'MA_PyblsRcvbls'."
COLUMN = "Invalid column name 'TBModified'."
RIGHT = "The SELECT permission was denied on the object 'MA_Bills', database 'ACME', schema 'dbo'."
DEADLOCK = "Transaction (Process ID 52) was deadlocked on lock resources with another process."
LOCK = "Lock request time out period exceeded."
SNAPSHOT = (
    "Snapshot isolation transaction failed accessing database 'ACME' because snapshot isolation "
    "is not allowed in this database."
)
CHAIN = (
    "SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate]"
)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (tds(18456, LOGIN), AuthenticationError, "refuses user 'lettore' or its password"),
        (odbc("28000", LOGIN, 18456), AuthenticationError, "refuses user 'lettore'"),
        (ms("Invalid authorization specification", LOGIN), AuthenticationError, "refuses user"),
        (tds(18456, "Accesso non riuscito per l'utente."), AuthenticationError, "refuses user"),
        # A missing database is told with the number of a failed login.
        (tds(18456, OPEN + LOGIN), ConfigurationError, "no such database"),
        (tds(4060, OPEN), ConfigurationError, "no such database"),
        (odbc("42000", OPEN, 4060), ConfigurationError, "no such database"),
        (ms("Syntax error or access violation", OPEN), ConfigurationError, "no such database"),
        (
            ms("", "SSL Provider: certificate verify failed: certificate has expired"),
            TemporaryError,
            "the server's certificate has expired",
        ),
        (
            ms("", "Encryption not supported on the client."),
            ConfigurationError,
            "find no common way to encrypt the line",
        ),
        (tds(208, TABLE), ConfigurationError, r"table or view is missing \(Invalid object name"),
        (odbc("42S02", TABLE, 208), ConfigurationError, "table or view is missing"),
        (ms("Base table or view not found", TABLE), ConfigurationError, "table or view is missing"),
        (tds(208, "Il nome di oggetto 'X' non è valido."), ConfigurationError, "table or view"),
        (tds(208, "Invalid object name 'certificates'."), ConfigurationError, "table or view"),
        (tds(207, COLUMN), ConfigurationError, "column is missing"),
        (odbc("42S22", COLUMN, 207), ConfigurationError, "column is missing"),
        (ms("Column not found", COLUMN), ConfigurationError, "column is missing"),
        (tds(229, RIGHT), AuthenticationError, "lacks a right"),
        (odbc("42000", RIGHT, 229), AuthenticationError, "lacks a right"),
        (ms("Syntax error or access violation", RIGHT), AuthenticationError, "lacks a right"),
        (tds(916, "The server principal is not able to access"), AuthenticationError, "right"),
        (tds(1205, DEADLOCK), TemporaryError, "holds a lock"),
        (odbc("40001", DEADLOCK, 1205), TemporaryError, "holds a lock"),
        (ms("Serialization failure", DEADLOCK), TemporaryError, "holds a lock"),
        (tds(1222, LOCK), TemporaryError, "holds a lock"),
        (odbc("42000", LOCK, 1222), TemporaryError, "holds a lock"),
        (tds(3952, SNAPSHOT), ConfigurationError, "snapshot isolation is not switched on"),
        (odbc("42000", SNAPSHOT, 3952), ConfigurationError, "snapshot isolation is not"),
        (net(20003, "Adaptive Server connection timed out"), TemporaryError, "longer than allowed"),
        (odbc("HYT00", "Query timeout expired", 0), TemporaryError, "longer than allowed"),
        (ms("Timeout expired", "Query timeout expired"), TemporaryError, "longer than allowed"),
        (net(20009, "Unable to connect: TDS server is unavailable"), TemporaryError, "nothing ans"),
        (odbc("08001", "TCP Provider: Error code 0x2749", 10057), TemporaryError, "nothing answ"),
        (odbc("HYT00", "Login timeout expired", 0), TemporaryError, "nothing answers"),
        (
            ms("Client unable to establish connection", "TCP Provider: Error code 0x2749"),
            TemporaryError,
            "nothing answers there",
        ),
        (net(20002, "Adaptive Server connection failed"), TemporaryError, "ask for encryption"),
        (net(20047, "DBPROCESS is dead or not enabled"), TemporaryError, "connection broke"),
        (odbc("08S01", "Communication link failure", 0), TemporaryError, "connection broke"),
        (odbc("08001", CHAIN, -1), ConfigurationError, "TrustServerCertificate=yes"),
        (ms("Client unable to establish connection", CHAIN), ConfigurationError, "no secure"),
        (
            OdbcError(
                "01000",
                "[01000] [unixODBC][Driver Manager]Can't open lib 'ODBC Driver 18 for SQL Server' "
                ": file not found (0) (SQLDriverConnect)",
            ),
            ConfigurationError,
            "not complete on this computer",
        ),
        (
            OdbcError("IM002", "[IM002] Data source name not found (0) (SQLDriverConnect)"),
            ConfigurationError,
            "not complete on this computer",
        ),
        (tds(102, "Incorrect syntax near 'FORM'."), ConfigurationError, "does not understand"),
        (tds(245, "Conversion failed when converting"), ConfigurationError, "does not fit"),
        (
            odbc("22001", "String or binary data would be truncated.", 2628),
            ConfigurationError,
            "fit",
        ),
        (tds(9002, "The transaction log is full."), TemporaryError, "log is full"),
    ],
)
def test_what_sql_server_says_becomes_one_sentence(
    error: Exception, kind: type[PluginError], told: str
) -> None:
    found = answer(sa.exc.DBAPIError("SELECT 1", None, error), URL)
    assert type(found) is kind
    text = str(found)
    assert re.search(told, text), text
    assert text.startswith("erp:1433/ACME: ") and "\n" not in text and "DB-Lib" not in text
    assert "SELECT 1" not in text and "[Microsoft]" not in text


def test_a_mistake_in_a_query_is_told_as_one_even_if_its_number_is_unknown() -> None:
    error = pymssql.ProgrammingError((8632, b"Internal error: An expression services limit"))
    found = answer(sa.exc.ProgrammingError("SELECT 1", None, error), URL)
    assert isinstance(found, ConfigurationError) and "does not understand" in str(found)


class TestDrivers:
    @pytest.mark.parametrize(
        ("driver", "module", "install"),
        [
            ("mssql+pymssql", "pymssql", "pip install 'pymssql'"),
            ("mssql+mssqlpython", "mssql_python", "pip install 'mssql-python'"),
            ("mssql+pyodbc", "pyodbc", "pip install 'pyodbc'"),
            ("mysql+pymysql", "pymysql", r"pip install 'pymysql\[rsa\]'"),
        ],
    )
    def test_one_that_is_not_installed_is_named(
        self,
        door: Open,
        monkeypatch: pytest.MonkeyPatch,
        driver: str,
        module: str,
        install: str,
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ConfigurationError, match=f"not installed; run: {install}"):
            door(f"{driver}://u@erp/ACME")

    @pytest.mark.parametrize(
        ("driver", "library", "cure"),
        [
            ("pyodbc", "libodbc.so.2", "install unixodbc"),
            ("mssql_python", "libltdl.so.7", r"install libltdl7 \(Debian"),
        ],
    )
    def test_a_driver_without_the_libraries_of_the_system(
        self, door: Open, monkeypatch: pytest.MonkeyPatch, driver: str, library: str, cure: str
    ) -> None:
        real = builtins.__import__

        def broken(name: str, *rest: Any) -> Any:
            if name == driver:
                raise ImportError(f"{library}: cannot open shared object file")
            return real(name, *rest)

        monkeypatch.setattr(builtins, "__import__", broken)
        with pytest.raises(ConfigurationError, match=cure):
            door(f"mssql+{driver.replace('_', '')}://u@erp/ACME")

    def test_odbc_without_a_driver_for_sql_server(
        self, door: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyodbc", SimpleNamespace(drivers=lambda: ["FreeTDS"]))
        with pytest.raises(ConfigurationError, match="msodbcsql18"):
            door("mssql+pyodbc://u@erp/ACME")

    @pytest.mark.parametrize(
        "url",
        [
            *("mssql+pymssql://u@127.0.0.1:1/d", "mssql+mssqlpython://u@127.0.0.1:1/d"),
            *("mysql://u@127.0.0.1:1/d", "postgresql://u@127.0.0.1:1/d"),
        ],
    )
    def test_an_option_that_a_driver_does_not_know(self, door: Open, url: str) -> None:
        with pytest.raises(ConfigurationError, match="does not know an option"):
            door(url, "hunter22", options={"no_such_option": "yes"}).version()

    def test_mysql_8_and_a_driver_without_its_cryptography(
        self, door: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(**_: object) -> None:
            raise RuntimeError("'cryptography' package is required for caching_sha2_password")

        monkeypatch.setattr("pymysql.connect", refused)
        with pytest.raises(ConfigurationError, match="not complete on this computer"):
            door("mysql://u@erp/d", "hunter22").version()

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ('FATAL:  password authentication failed for user "u"', AuthenticationError),
            ("fe_sendauth: no password supplied", AuthenticationError),
            ('FATAL:  no pg_hba.conf entry for host "10.0.0.9"', AuthenticationError),
            ("server does not support SSL, but SSL was required", ConfigurationError),
            ("FATAL:  sorry, too many clients already", TemporaryError),
        ],
    )
    def test_what_postgresql_says_before_there_is_a_connection(
        self, text: str, kind: type[PluginError]
    ) -> None:
        error = psycopg.OperationalError(f"connection failed: {text}")
        url = sa.make_url("postgresql+psycopg://u@erp/d")
        assert type(answer(sa.exc.OperationalError("", None, error), url)) is kind

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("erp/ACME", "no database address"),
            ("", "no database address"),
            ("db2://u@erp/ACME", "known: mariadb"),
            ("mssql+turbodbc://u@erp/ACME", "pymssql, pyodbc, mssqlpython"),
            ("mssql+pymssql://u:hunter22@erp/ACME", "holds a password"),
            ("mssql+pyodbc://u@erp/ACME?PWD=hunter22", "holds a password"),
            ("mssql+pyodbc:///?odbc_connect=SERVER%3Derp%3BPWD%3Dhunter22", "ODBC string"),
        ],
    )
    def test_an_address_that_cannot_be_meant(self, door: Open, url: str, told: str) -> None:
        with pytest.raises(ConfigurationError, match=told) as raised:
            door(url)
        assert "hunter22" not in str(raised.value)


class Wire:
    """A SQL Server that exists only as a driver: it notes what is sent and answers by pattern."""

    paramstyle, threadsafety, apilevel = "pyformat", 1, "2.0"
    Error = pymssql.Error
    __version__ = "2.4.6"

    def __init__(self, snapshot: int = 1) -> None:
        self.sent: list[str] = []
        self.options: dict[str, Any] = {}
        self.snapshot = snapshot
        self.at_commit: Exception | None = None

    def connect(self, **options: Any) -> Wire:
        self.options = options
        return self

    def cursor(self, *_: Any) -> WireCursor:
        return WireCursor(self)

    def commit(self) -> None:
        self.sent.append("COMMIT")
        if self.at_commit:
            raise self.at_commit

    def rollback(self) -> None:
        self.sent.append("ROLLBACK")

    def autocommit(self, on: bool) -> None:
        assert not on, "a read must not commit by itself"

    def close(self) -> None:
        self.sent.append("CLOSE")


class WireCursor:
    """Rows enough for SQLAlchemy to find out what server this is."""

    rowcount, arraysize, lastrowid = 1, 1, None

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, _params: Any = None) -> None:
        text = " ".join(statement.split())
        self.wire.sent.append(text)
        self._rows = self._answer(text)
        width = len(self._rows[0]) if self._rows else 0
        self.description = [(f"c{i}", None, None, None, None, None, None) for i in range(width)]
        if not text.upper().startswith("SELECT"):
            self.description = None

    def _answer(self, text: str) -> list[tuple[Any, ...]]:
        if "@@version" in text.lower():
            return [("Microsoft SQL Server 2019 (RTM) - 15.0.2000.5 (X64)",)]
        if "snapshot_isolation_state" in text:
            return [(self.wire.snapshot, 0)]
        if "system_views" in text:
            return [("dm_exec_sessions",)]
        if "transaction_isolation_level" in text:
            return [("READ COMMITTED",)]
        return [("dbo",)] if text.upper().startswith("SELECT") else []

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, _size: int = 1) -> list[tuple[Any, ...]]:
        return self.fetchall()

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(sys.modules, "pymssql", wire)
    return wire


ACME = "mssql+pymssql://lettore@erp:1433/ACME"


class TestWhatIsSent:
    def test_a_read_takes_a_snapshot_and_is_never_committed(self, door: Open, wire: Wire) -> None:
        list(door(ACME, "hunter22").read("SELECT 1"))
        own = wire.sent[wire.sent.index("SET LOCK_TIMEOUT 5000") :]
        level = own.index("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
        assert own.index("SELECT 1") > level
        assert "COMMIT" not in own[own.index("SELECT 1") :]
        assert own[-1] == "CLOSE"

    def test_without_snapshots_it_reads_what_is_committed(self, door: Open, wire: Wire) -> None:
        wire.snapshot = 0
        list(door(ACME).read("SELECT 1"))
        assert "SET TRANSACTION ISOLATION LEVEL READ COMMITTED" in wire.sent
        assert "SET TRANSACTION ISOLATION LEVEL SNAPSHOT" not in wire.sent

    def test_the_administrators_choice_is_kept(self, door: Open, wire: Wire) -> None:
        list(door(ACME, isolation="read uncommitted").read("SELECT 1"))
        assert "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED" in wire.sent
        assert not [sent for sent in wire.sent if "snapshot_isolation_state" in sent]
        for wrong in ("chaos", "autocommit"):
            with pytest.raises(ConfigurationError, match=f"no isolation level '{wrong}'"):
                list(door(ACME, isolation=wrong).read("SELECT 1"))

    def test_the_driver_is_told_when_to_give_up(self, door: Open, wire: Wire, left: Left) -> None:
        list(door(ACME, "hunter22", statement_timeout_s=30).read("SELECT 1"))
        assert wire.options["login_timeout"] == 10 and wire.options["timeout"] == 30
        assert wire.options["host"] == "erp:1433" and wire.options["password"] == "hunter22"
        left.deadline -= 55
        list(door(ACME, "hunter22", statement_timeout_s=30).read("SELECT 1"))
        assert wire.options["login_timeout"] <= 4 and wire.options["timeout"] <= 4

    def test_options_reach_the_driver(self, door: Open, wire: Wire) -> None:
        list(door(ACME, options={"tds_version": "7.4"}).read("SELECT 1"))
        assert wire.options["tds_version"] == "7.4"

    def test_a_change_is_committed_once(self, door: Open, wire: Wire) -> None:
        assert door(ACME).change("UPDATE t SET a = :a", {"a": 1}) == 1
        after = wire.sent[wire.sent.index("UPDATE t SET a = %(a)s") :]
        assert after.count("COMMIT") == 1

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (net(20047, "DBPROCESS is dead or not enabled"), OutcomeUnknownError),
            (net(20003, "Adaptive Server connection timed out"), OutcomeUnknownError),
            (tds(1205, DEADLOCK), TemporaryError),
        ],
    )
    def test_a_commit_without_answer_is_of_unknown_outcome(
        self, door: Open, wire: Wire, error: Exception, kind: Callable[..., PluginError]
    ) -> None:
        wire.at_commit = error
        with pytest.raises(PluginError) as raised:
            door(ACME).change("UPDATE t SET a = 1")
        assert type(raised.value) is kind
