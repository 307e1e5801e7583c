"""What is kept about plugin instances between processes: their calls and their last state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.store.records import columns_of, records
from incasso.store.tables.sending import calls, instance_states

KEPT = timedelta(days=90)


class LoggedCall(msgspec.Struct, frozen=True):
    """One call of a hook."""

    at: datetime
    instance: str
    hook: str
    key: str
    attempt: int
    milliseconds: int
    outcome: str
    error: str


class InstanceState(msgspec.Struct, frozen=True):
    """The state of an instance, for whoever cannot load it."""

    instance: str
    family: str
    kind: str
    state: str
    since: datetime
    reason: str
    hint: str
    remote_identity: str
    enabled: bool


def record_calls(connection: Connection, made: Sequence[LoggedCall], at: datetime) -> None:
    """Add calls to the log, and drop what is older than ninety days."""
    if made:
        connection.execute(sa.insert(calls), [asdict(call) for call in made])
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


def save_states(connection: Connection, found: Sequence[InstanceState]) -> None:
    """Replace the kept state of each instance."""
    if not found:
        return
    names = [state.instance for state in found]
    connection.execute(sa.delete(instance_states).where(instance_states.c.instance.in_(names)))
    connection.execute(sa.insert(instance_states), [asdict(state) for state in found])


def states(connection: Connection) -> list[InstanceState]:
    """The kept state of each instance."""
    query = sa.select(*columns_of(InstanceState, instance_states))
    return records(connection, InstanceState, query)


def has_tables(connection: Connection) -> bool:
    """Whether the database is made: a hub also opens before `incasso init`."""
    known = sa.inspect(connection).get_table_names()
    return {calls.name, instance_states.name} <= set(known)
