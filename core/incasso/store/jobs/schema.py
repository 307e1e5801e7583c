"""Procrastinate's own tables, in a schema of their own beside the hub's on PostgreSQL.

They hold wake-ups only, and those can be made again from the table of jobs. So another version of
its schema is not migrated: it is dropped and made anew, and `revive` wakes everybody again. For the
same reason nothing of it goes into a backup.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from incasso.contract.errors import IncassoError
from incasso.contract.text import text

NAME: Final = "incasso_jobs"
_ALONE: Final = 0x1CA554  # any number that no other use of advisory locks takes


class NoSchemaError(IncassoError):
    """The hub's role may not make a schema in its database."""


def prepare(connection: Connection) -> None:
    """Make the tables of the installed version, unless they are there. Raises NoSchemaError."""
    wanted = (files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")
    mark = sha256(wanted.encode()).hexdigest()
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))
    if _mark(connection) == mark:
        return
    try:
        with connection.begin_nested():
            _make(connection, wanted, mark)
    except ProgrammingError as error:
        raise NoSchemaError(
            text(
                "The database lets nobody make the schema {name} that background jobs need: "
                "`GRANT CREATE ON DATABASE {database} TO {role}`, then start again.",
                name=NAME,
                database=connection.engine.url.database or "",
                role=connection.engine.url.username or "",
            )
        ) from error


def drop(connection: Connection) -> None:
    """Take everything out: the hub's own tables are replaced by those of a copy."""
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {NAME} CASCADE")


def is_there(connection: Connection) -> bool:
    """Whether anybody has made the tables."""
    return _mark(connection) is not None


def use(connection: Connection) -> None:
    """Find Procrastinate's functions by their bare names until the transaction ends."""
    path = sa.func.current_setting("search_path")
    wider = sa.func.set_config("search_path", sa.literal(f"{NAME}, ") + path, True)
    connection.execute(sa.select(wider))


def _mark(connection: Connection) -> str | None:
    query = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
    return connection.exec_driver_sql(query, (NAME,)).scalar()


def _make(connection: Connection, content: str, mark: str) -> None:
    drop(connection)
    connection.exec_driver_sql(f"CREATE SCHEMA {NAME}")
    connection.exec_driver_sql(f"SET LOCAL search_path TO {NAME}")
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(content)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {NAME} IS '{mark}'")
