"""Makes a new connection harmless: read only, its own snapshot, never waiting long for a lock."""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from incasso.contract.text import text

LOCK_S: Final = 5
"""How long to wait for a lock of the ERP; then it is busy, and the hub comes back later."""

_SNAPSHOT_STATE = (
    "SELECT snapshot_isolation_state, is_read_committed_snapshot_on "
    "FROM sys.databases WHERE database_id = DB_ID()"
)
_ISOLATION: Final[WeakKeyDictionary[sa.Engine, str]] = WeakKeyDictionary()
_IDLE_S: Final = 600  # a slow sync may pause between two pages


def prepare(connection: sa.Connection, isolation: str, seconds: float) -> None:
    """Before the first statement that reads. `isolation` as in SqlLogin."""
    wanted = isolation.strip().upper()
    match connection.dialect.name:
        case "mssql":
            _bound_mssql(connection)
            _isolate(connection, wanted or mssql_isolation(connection))
        case "postgresql":
            connection.execution_options(postgresql_readonly=True)
            _isolate(connection, wanted or "REPEATABLE READ")
            _bound_postgresql(connection, seconds)
        case "mysql" | "mariadb":
            _isolate(connection, wanted or "REPEATABLE READ")
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            _bound_mysql(connection, seconds)
        case "oracle":
            _only_read_oracle(connection, wanted)
        case _:
            connection.exec_driver_sql("PRAGMA query_only = ON")


def _only_read_oracle(connection: sa.Connection, wanted: str) -> None:
    """Its read-only transaction sees one moment, and no query waits for a lock of the ERP."""
    if wanted not in ("", "SNAPSHOT"):
        _isolate(connection, wanted)
        return
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def bound(connection: sa.Connection, seconds: float) -> None:
    """The same limits for a connection that writes."""
    match connection.dialect.name:
        case "mssql":
            _bound_mssql(connection)
        case "postgresql":
            _bound_postgresql(connection, seconds)
        case "mysql" | "mariadb":
            _bound_mysql(connection, seconds)


def mssql_isolation(connection: sa.Connection) -> str:
    """SNAPSHOT where the database has it on: a long read then neither waits nor blocks writers.

    Asked once per engine: on a slow line each further question counts.
    """
    if (known := _ISOLATION.get(connection.engine)) is None:
        known = _ISOLATION[connection.engine] = _asked(connection)
    return known


def _asked(connection: sa.Connection) -> str:
    row = connection.exec_driver_sql(_SNAPSHOT_STATE).first()
    # The level may only change between transactions, and this query began one.
    connection.rollback()
    return "SNAPSHOT" if row is not None and row[0] == 1 else "READ COMMITTED"


def _isolate(connection: sa.Connection, level: str) -> None:
    if level == "SNAPSHOT" and connection.dialect.name != "mssql":
        level = "REPEATABLE READ"  # what the others call a snapshot
    known = {"SNAPSHOT", *connection.dialect.get_isolation_level_values(_raw(connection))}
    if level in known - {"AUTOCOMMIT"}:
        connection.execution_options(isolation_level=level)
        return
    raise sa.exc.ArgumentError(text("isolation {level}", level=level))


def _raw(connection: sa.Connection) -> sa.engine.interfaces.DBAPIConnection:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    return raw


def _bound_mssql(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"SET LOCK_TIMEOUT {LOCK_S * 1000}")
    connection.rollback()


def _bound_postgresql(connection: sa.Connection, seconds: float) -> None:
    # SET LOCAL ends with the transaction, so nothing of it stays behind a connection pooler.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_S * 1000}")
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _bound_mysql(connection: sa.Connection, seconds: float) -> None:
    """Limits lock waits (default: a day) and allows pauses over the default of a minute.

    The server's own limit counts the time in which rows are fetched too, so it only ends abandoned
    queries; the driver's time-out is the effective one.
    """
    connection.exec_driver_sql(
        f"SET SESSION lock_wait_timeout = {LOCK_S}, innodb_lock_wait_timeout = {LOCK_S}, "
        f"net_write_timeout = {_IDLE_S}"
    )
    version = connection.dialect.server_version_info or ()
    longest = int(seconds) + _IDLE_S
    if connection.dialect.is_mariadb:  # type: ignore[attr-defined]
        if version >= (10, 1, 1):
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {longest}")
    elif version >= (5, 7, 8):
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {longest * 1000}")
