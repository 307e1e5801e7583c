"""The dispatcher's lock, which ends with its process.

A row left in `sending` may be judged only if its sender is certainly dead. A lease with a time-out
would not do: a laptop that slept wakes up and sends. So the operating system or the server releases
a lock instead. On SQLite one dispatcher serves a database; on PostgreSQL each holds an advisory
lock on the very connection through which it commits, so that a dispatcher that lost its lock cannot
commit `sending` either.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.store import before_commit
from incasso.store.engine import Store, forget, make_file

_CLASS: Final = 0x1CA550
"""First half of our advisory locks; other programs on the same server use other numbers."""


class BusyError(IncassoError):
    """Another dispatch is sending from this database; try again when it has finished."""


class LostTurnError(IncassoError):
    """The database dropped the connection that held our turn; start dispatch again."""


class DispatcherTurn:
    """One dispatcher's turn: its name, its connection, and whether others are alive."""

    def __init__(
        self, store: Store, connection: Connection, owner: str, writers: Lock | None = None
    ) -> None:
        """`writers`: on SQLite the lock that all turns of one process share."""
        self._store = store
        self.connection = connection
        self.owner = owner
        self._writers = writers

    @contextmanager
    def beside(self) -> Iterator[DispatcherTurn]:
        """Another turn for another thread of the same dispatch; it ends before this one does."""
        if not self._store.is_sqlite:
            with take_turn(self._store) as turn:
                yield turn
            return
        with self._store.engine.connect() as connection:
            yield DispatcherTurn(self._store, connection, _new_owner(), self._writers)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction on the connection that holds the lock.

        Raises LostDutyError if it broke: a new one would come without the lock.
        """
        with self._alone(), self._transaction() as connection:
            yield connection

    def _alone(self) -> AbstractContextManager[object]:
        """SQLite has one writer, and those who wait for it look only every tenth of a second."""
        return self._writers or nullcontext()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self.connection.invalidated:
            raise LostTurnError(
                text(
                    "The database dropped the connection that held our turn; start dispatch again."
                )
            )
        if self.connection.dialect.name == "sqlite":
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield self.connection
            before_commit.settle(self.connection)
        except BaseException:
            forget(self.connection)
            self.connection.rollback()
            raise
        self.connection.commit()
        self._store.committed(self.connection)

    def is_dead(self, other: str) -> bool:
        """Whether the dispatcher of that name is certainly gone. Call inside `write`."""
        if other == self.owner:
            return False
        if self.connection.dialect.name == "sqlite" or not other.isdecimal():
            return True
        lock = sa.func.pg_try_advisory_xact_lock(_CLASS, int(other))
        return bool(self.connection.scalar(sa.select(lock)))


@contextmanager
def take_turn(store: Store) -> Iterator[DispatcherTurn]:
    """Take a turn at sending. Raises BusyError on SQLite while another dispatcher has it."""
    owner = _new_owner()
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_lock(_CLASS, int(owner))))
            connection.commit()
            try:
                yield DispatcherTurn(store, connection, owner)
            finally:
                connection.invalidate()  # closing the session releases the lock
            return
        with _file_lock(store):
            yield DispatcherTurn(store, connection, owner, Lock())


def _new_owner() -> str:
    return str(secrets.randbelow(2**31 - 1))


@contextmanager
def _file_lock(store: Store) -> Iterator[None]:
    """A second, empty SQLite file beside the database serves as a lock on every system."""
    name = store.engine.url.database
    make_file(Path(f"{name}-dispatch"))
    with closing(sqlite3.connect(f"{name}-dispatch", timeout=0, isolation_level=None)) as file:
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BusyError(
                text(
                    "Another dispatch is sending from this database; try again when it has "
                    "finished."
                )
            ) from None
        yield
