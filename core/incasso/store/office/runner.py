"""The schedule: who looks at it, one process at a time, and when each job last began."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.office.schedule import DEFAULT_SCHEDULE, Job, Schedule
from incasso.store.engine import Store, make_file
from incasso.store.tables.office import office_settings

_LOCK: Final = 718281829
_LOOK: Final = 718281830
_SCHEDULE: Final = "schedule"
_BEGUN: Final = "schedule_begun"


class RunningError(IncassoError):
    """Another process already runs the schedule of this hub; stop that one first."""


@contextmanager
def only_runner(store: Store) -> Iterator[None]:
    """Be the one that runs the schedule; a dead process lets go by dying. Raises RunningError."""
    if store.is_sqlite:
        with _file_lock(store):
            yield
        return
    with store.engine.connect() as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK))):
            raise RunningError(
                text("Another process already runs the schedule of this hub; stop that one first.")
            )
        connection.commit()
        try:
            yield
        finally:
            _let_go(connection)


def _let_go(connection: Connection) -> None:
    # Said first, because a server notices a closed session only some moments later.
    with suppress(sa.exc.DBAPIError):
        connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
        connection.commit()
    connection.invalidate()


@contextmanager
def _file_lock(store: Store) -> Iterator[None]:
    """A second, empty SQLite file beside the database is a lock on every system."""
    name = f"{store.engine.url.database}-schedule"
    make_file(Path(name))
    with closing(sqlite3.connect(name, timeout=0, isolation_level=None)) as file:
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise RunningError(
                text("Another process already runs the schedule of this hub; stop that one first.")
            ) from None
        yield


def alone_with_schedule(connection: Connection) -> None:
    """Nobody else looks what is due until the transaction ends; SQLite has its write lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOOK)))


def read_schedule(connection: Connection) -> Schedule:
    """The office's schedule, or the one a new hub has."""
    kept = _setting(connection, _SCHEDULE)
    return DEFAULT_SCHEDULE if kept is None else msgspec.convert(kept, dict[str, Job])


def save_schedule(connection: Connection, schedule: Schedule) -> None:
    """Put a schedule into use; a running worker takes it up within a minute."""
    _save(connection, _SCHEDULE, msgspec.to_builtins(schedule))


def last_begun(connection: Connection) -> dict[str, datetime]:
    """When each job last began."""
    return msgspec.convert(_setting(connection, _BEGUN) or {}, dict[str, datetime])


def note_begun(connection: Connection, job: str, now: datetime) -> None:
    """Remember that a job begins, before it does: one that kills the hub must not circle."""
    begun = {**last_begun(connection), job: now}
    _save(connection, _BEGUN, msgspec.to_builtins(begun))


def _setting(connection: Connection, key: str) -> object | None:
    query = sa.select(office_settings.c.value).where(office_settings.c.key == key)
    return connection.scalar(query)


def _save(connection: Connection, key: str, value: object) -> None:
    table = office_settings
    changed = connection.execute(sa.update(table).where(table.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(sa.insert(table).values(key=key, value=value))
