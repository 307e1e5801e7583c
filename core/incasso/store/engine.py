"""Open the database: SQLite tuned for an office, or PostgreSQL; transactions on both."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError

from incasso.store import before_commit
from incasso.store.rights import of_new_file
from incasso.store.sqlite_binding import pass_plain_values
from incasso.store.written_rows import WRITTEN

JOURNALED: Final = "journaled"
"""In `Connection.info`: what the open transaction added to the journal."""


def forget(connection: Connection) -> None:
    """What a transaction left on its connection ends with it."""
    for each in (JOURNALED, WRITTEN):
        connection.info.pop(each, None)
    before_commit.forget(connection)


class Follower(Protocol):
    """Who is told that the journal grew, right after the commit that did it."""

    def follow(self, store: Store, journaled: object) -> None:
        """The journal ends somewhere else now. Raises nothing: the commit stands."""


_MOST: Final = 25
"""Connections beyond the usual five: each channel that sends beside others holds one."""

BETWEEN: Final = "|"
"""Between the values of a seal."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """One hub's database and the folder of its archive of exact bytes."""

    engine: Engine
    archive: Path
    follower: Follower | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @property
    def is_there(self) -> bool:
        """Whether connecting makes nothing: SQLite creates an empty file for a missing one."""
        name = self.engine.url.database
        return not self.is_sqlite or name in (None, "", ":memory:") or Path(str(name)).exists()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back on any exception."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                # Taking the write lock first turns a late "database is locked" into a wait.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                with connection.begin() if not self.is_sqlite else _sqlite_transaction(connection):
                    yield connection
                    before_commit.settle(connection)
            except BaseException:
                forget(connection)
                raise
            self.committed(connection)

    def committed(self, connection: Connection) -> None:
        """After a commit: if it made the journal longer, the follower hears of it."""
        journaled = connection.info.get(JOURNALED)
        forget(connection)
        if journaled is not None and self.follower is not None:
            self.follower.follow(self, journaled)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading one consistent state; nothing is written."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()
                if self.is_sqlite:
                    _end(connection, "ROLLBACK")

    def close(self) -> None:
        """Release every pooled connection."""
        self.engine.dispose()


def open_store(url: str, archive: Path, follower: Follower | None = None) -> Store:
    """Open a database by SQLAlchemy URL; `postgresql://` uses psycopg 3.

    Raises sqlalchemy.exc.ArgumentError for anything but SQLite and PostgreSQL.
    """
    if url.partition(":")[0].partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise ArgumentError("neither SQLite nor PostgreSQL")
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    # A database in memory has one connection for each thread, and no pool that could overflow.
    pool = {} if url.endswith(("://", ":memory:")) else {"max_overflow": _MOST}
    # An error's words reach screens and logs: no row may be among them.
    engine = create_engine(
        url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True, **pool
    )
    if engine.dialect.name == "sqlite":
        pass_plain_values()
        event.listen(engine, "do_connect", _before_connecting)
        event.listen(engine, "connect", _tune_sqlite)
    return Store(engine=engine, archive=archive, follower=follower)


def make_file(path: Path) -> None:
    """Create the file of a database for its own user, unless it is there.

    SQLite itself makes files that the group of a shared folder can read and not write. Without
    the folder nothing happens: SQLite says so.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, of_new_file(path)))


def _before_connecting(_dialect: Any, _record: Any, given: list[Any], _named: Any) -> None:
    if (name := str(given[0])) and ":memory:" not in name and not name.startswith("file:"):
        make_file(Path(name))


def _tune_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """WAL for readers beside the writer; FULL so that a power cut loses no sent message."""
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.create_function("incasso_seal", 1, _seal, deterministic=True)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 30000",
        "temp_store = FILE",
        "cache_size = -65536",  # 64 MB: the promise of flat memory leaves room for this much
    ):
        connection.execute(f"PRAGMA {pragma}")


def _seal(words: str) -> str:
    """As `store.seals` has PostgreSQL compute it."""
    return md5(words.encode(), usedforsecurity=False).hexdigest()


@contextmanager
def _sqlite_transaction(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        _end(connection, "ROLLBACK")
        raise
    _end(connection, "COMMIT")


def _end(connection: Connection, word: str) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if driver.in_transaction:
        driver.execute(word)
