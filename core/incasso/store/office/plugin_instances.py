"""What is kept about plugin instances between processes: their calls and their last state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.sending import calls, instance_states

KEPT = timedelta(days=90)


def record_calls(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Add calls to the log, and drop what is older than ninety days."""
    if rows:
        connection.execute(sa.insert(calls), [dict(row) for row in rows])
    connection.execute(sa.delete(calls).where(calls.c.at < at - KEPT))


def recent_calls(
    connection: Connection, instance: str, hooks: Sequence[str], since: datetime
) -> list[datetime]:
    """When these hooks of an instance were called, oldest first, newest ten thousand."""
    query = (
        sa.select(calls.c.at)
        .where(calls.c.instance == instance, calls.c.at > since, calls.c.hook.in_(hooks))
        .order_by(calls.c.at.desc())
        .limit(10_000)
    )
    return list(reversed(connection.execute(query).scalars().all()))


def save_states(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the kept state of each instance; `instance` is its name."""
    if not rows:
        return
    names = [row["instance"] for row in rows]
    connection.execute(sa.delete(instance_states).where(instance_states.c.instance.in_(names)))
    connection.execute(sa.insert(instance_states), [dict(row) for row in rows])


def states(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """The kept state of each instance, by name."""
    rows = connection.execute(sa.select(instance_states)).mappings()
    return {str(row["instance"]): dict(row) for row in rows}


def has_tables(connection: Connection) -> bool:
    """Whether the database is made: a hub also opens before `incasso init`."""
    known = sa.inspect(connection).get_table_names()
    return {calls.name, instance_states.name} <= set(known)
