"""Fill an empty database of either kind with the rows of a backup: all of them, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.store.backup.shape import VERSIONS, Kind, Shape
from incasso.store.engine import Store, make_file, open_store
from incasso.store.jobs import schema
from incasso.store.migrate import alembic
from incasso.store.tables import metadata

Rows: TypeAlias = list[list[Any]]
Fill: TypeAlias = Callable[[Connection], None]


class UnfitBackupError(IncassoError):
    """The rows of the backup do not fit together; use another backup."""


_ASIDE: Final = "replaced"


def tables_in(store: Store) -> int:
    """How many tables the database holds; an SQLite file that is not there holds none."""
    path = sqlite_path(store)
    if path is not None and not path.exists():
        return 0
    with store.read() as connection:
        return len(sa.inspect(connection).get_table_names())


def sqlite_path(store: Store) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    return Path(str(store.engine.url.database)) if store.is_sqlite else None


def filled(store: Store, revision: str, fill: Fill, *, aside: str) -> Path | None:
    """Make the tables of that revision and let `fill` load them; the old content is replaced.

    Other processes see the old state or the new one. On SQLite the old file is kept beside the new
    one under a name with `aside` in it, which is returned; on PostgreSQL it is gone.
    """
    path = sqlite_path(store)
    if path is None:
        _on_the_server(store, revision, fill)
        return None
    return _in_a_file(store, path, revision, fill, aside)


def load(connection: Connection, shape: Shape, pages: Iterable[Rows]) -> None:
    """Insert the rows of one table. Call inside `fill`."""
    names = ", ".join(f'"{column.name}"' for column in shape.columns)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(shape.columns))
        statement = f'INSERT INTO "{shape.name}" ({names}) VALUES ({marks})'
        for page in pages:
            driver.executemany(statement, page)
        return
    instants = [at for at, column in enumerate(shape.columns) if column.kind is Kind.INSTANT]
    copying = f'COPY "{shape.name}" ({names}) FROM STDIN'
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        for page in pages:
            for row in page:
                for at in instants:
                    row[at] = None if row[at] is None else f"{row[at]}+00"
                copy.write_row(row)
    if shape.counted:
        _count_on(connection, shape.name)


def _on_the_server(store: Store, revision: str, fill: Fill) -> None:
    with store.engine.begin() as connection:
        schema.drop(connection)
        for name in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSIONS}")
        command.upgrade(alembic(connection), revision)
        fill(connection)


def _count_on(connection: Connection, table: str) -> None:
    """New rows get numbers above those that were loaded."""
    connection.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id)) "
        f'FROM "{table}" HAVING max(id) IS NOT NULL'
    )


def _in_a_file(store: Store, path: Path, revision: str, fill: Fill, aside: str) -> Path | None:
    """Fill a new file and copy it over the old one by SQLite itself, which waits for others."""
    fresh = path.with_name(f".{path.name}.restoring")
    _remove(fresh)
    try:
        with _new_file(fresh, store, revision) as connection:
            fill(connection)
        kept = _kept_aside(path, aside)
        make_file(path)
        _copy(fresh, path)
    finally:
        _remove(fresh)
    return kept


@contextmanager
def _new_file(path: Path, store: Store, revision: str) -> Iterator[Connection]:
    made = open_store(f"sqlite:///{path}", store.archive)
    try:
        with made.engine.connect() as connection:
            # Rows may name others that come later; all of them are checked at the end.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            command.upgrade(alembic(connection), revision)
            yield connection
            if (
                stray := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            ) is not None:
                raise UnfitBackupError(
                    text(
                        "The backup cannot be used: a row of {table} names one that is not there",
                        table=stray[0],
                    )
                )
            connection.commit()
    finally:
        made.close()


def _kept_aside(path: Path, aside: str) -> Path | None:
    """A copy of what is replaced; of a damaged file its bytes."""
    if not path.exists() or not path.stat().st_size:
        return None
    kept = path.with_name(f"{path.name}.{_ASIDE}-{aside}")
    make_file(kept)
    try:
        _copy(path, kept)
    except sqlite3.DatabaseError:
        kept.write_bytes(path.read_bytes())
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    return kept


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source, timeout=30)) as reading,
        closing(sqlite3.connect(target, timeout=30)) as writing,
    ):
        reading.backup(writing)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
