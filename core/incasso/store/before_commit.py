"""What a transaction owes before it is committed: sums that must be level with what it changed.

Whoever changes a row that a sum stands for says so, and goes on; the transaction counts once, at
its end, whatever was said how often. At the end also because of PostgreSQL: who counts holds a lock
until the commit, and must then wait for nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

T = TypeVar("T")

_OWED: Final = "before_commit"
"""In `Connection.info`: what to do with what was collected, in the order of the first word."""

_COUNTERS_LOCK: Final = 0x1CA55E  # any number that no other use of advisory locks takes


def collected(connection: Connection, count: Callable[[Connection, T], None], empty: T) -> T:
    """What the open transaction has collected for `count` by now, to add to; `empty` at first."""
    owed: dict[Any, Any] = connection.info.setdefault(_OWED, {})
    found: T = owed.setdefault(count, empty)
    return found


def settle(connection: Connection) -> None:
    """Count. The last thing before the commit: another transaction that counts waits for it."""
    owed: dict[Any, Any] = connection.info.pop(_OWED, {})
    if owed and connection.dialect.name == "postgresql":
        # Two that count one client at the same time would each miss what the other has changed.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_COUNTERS_LOCK)))
    for count, what in owed.items():
        count(connection, what)


def forget(connection: Connection) -> None:
    """The transaction is rolled back: nothing is owed."""
    connection.info.pop(_OWED, None)
