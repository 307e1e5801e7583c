"""What plugin instances remember, as encrypted bytes; every change has a stamp of its own."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.sending import plugin_state
from incasso.store.upserting import insert_into


def read(connection: Connection, instance: str, key: str) -> tuple[bytes, int] | None:
    """Bytes and stamp."""
    query = sa.select(plugin_state.c.value, plugin_state.c.stamp).where(_is(instance, key))
    found = connection.execute(query).one_or_none()
    return None if found is None else (found.value, found.stamp)


def swap(
    connection: Connection,
    instance: str,
    key: str,
    value: bytes | None,
    seen: int | None,
    at: datetime,
) -> bool:
    """Write, or with None delete, if the stamp is still `seen`; None: there is no row."""
    here = sa.and_(_is(instance, key), plugin_state.c.stamp == seen)
    if value is None:
        if seen is None:
            return read(connection, instance, key) is None
        return connection.execute(sa.delete(plugin_state).where(here)).rowcount == 1
    row = {"value": value, "stamp": secrets.randbits(62), "changed_at": at}
    if seen is not None:
        return connection.execute(sa.update(plugin_state).where(here).values(**row)).rowcount == 1
    new = insert_into(connection, plugin_state).on_conflict_do_nothing()
    row |= {"instance": instance, "key": key}
    returned = connection.execute(new.returning(plugin_state.c.stamp), row).one_or_none()
    return returned is not None


def keys(connection: Connection, instance: str) -> tuple[str, ...]:
    """The keys of an instance, in order."""
    query = sa.select(plugin_state.c.key).where(plugin_state.c.instance == instance)
    return tuple(connection.scalars(query.order_by(plugin_state.c.key)))


def _is(instance: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(plugin_state.c.instance == instance, plugin_state.c.key == key)
