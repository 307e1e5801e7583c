"""What the database keeps of each plugin instance, and how it is forgotten.

Messages, receipts and ledgers are the office's and stay; what goes is what only the instance needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.sending.delivery import ON_ITS_WAY
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import installments, sources
from incasso.store.tables.sending import (
    calls,
    deliveries,
    instance_cursors,
    instance_states,
    plugin_state,
)


class KeptOfPlugin(msgspec.Struct, frozen=True):
    """What is kept of one instance."""

    instance: str
    family: str
    plugin: str
    state: str
    """The last one, with the breaker and a pause; empty: none was saved."""
    remembered: int
    """Values of `ctx.state`, and what the hub counts for its limits."""
    cursors: int
    """Places where reading its news goes on."""
    calls: int
    """Logged in the last ninety days; limits a day begin with these."""


_COUNTED: Final[tuple[tuple[str, Table], ...]] = (
    ("remembered", plugin_state),
    ("cursors", instance_cursors),
    ("calls", calls),
)
_SOURCE_CURSORS: Final = (
    "clients_cursor",
    "installments_cursor",
    "documents_cursor",
    "payments_cursor",
)


def kept(connection: Connection, but: Iterable[str] = ()) -> list[KeptOfPlugin]:
    """What is kept of each instance, by name, without these."""
    owners = sa.union(
        sa.select(instance_states.c.instance),
        *(sa.select(table.c.instance) for _, table in _COUNTED),
    ).subquery()
    name = owners.c.instance
    counts = {
        field: sa.select(sa.func.count()).where(table.c.instance == name).scalar_subquery()
        for field, table in _COUNTED
    }
    words = {
        field: sa.func.coalesce(column, "")
        for field, column in (
            ("family", instance_states.c.family),
            ("plugin", instance_states.c.kind),
            ("state", instance_states.c.state),
        )
    }
    columns = columns_of(KeptOfPlugin, owners, **words, **counts)
    query = (
        sa.select(*columns)
        .join_from(owners, instance_states, instance_states.c.instance == name, isouter=True)
        .where(name.not_in(list(but)), name != "")
        .order_by(name)
    )
    return records(connection, KeptOfPlugin, query)


def on_their_way(connection: Connection, channel: str) -> int:
    """Messages of a channel whose end only this channel can tell."""
    query = sa.select(sa.func.count()).where(
        deliveries.c.channel == channel, deliveries.c.status.in_(ON_ITS_WAY)
    )
    return connection.execute(query).scalar_one()


def open_items(connection: Connection, source: str) -> int:
    """Open installments of a source."""
    query = (
        sa.select(sa.func.count())
        .select_from(installments.join(sources))
        .where(sources.c.name == source, installments.c.status == InstallmentStatus.OPEN)
    )
    return connection.execute(query).scalar_one()


def forget(connection: Connection, instance: str) -> None:
    """Delete all of it, and let a source of that name be read from the start again."""
    for table in (instance_states, *(table for _, table in _COUNTED)):
        connection.execute(sa.delete(table).where(table.c.instance == instance))
    from_start = sa.update(sources).where(sources.c.name == instance)
    connection.execute(from_start.values(dict.fromkeys(_SOURCE_CURSORS)))
