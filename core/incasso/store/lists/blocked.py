"""Who may not order: the hub's blocks and the ERPs' own, for lists, feed and the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from incasso.domain.office.actor import Scope
from incasso.domain.orders.blocks import OURS
from incasso.store.lists.rows import in_order, pages
from incasso.store.office.scope import within
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import order_blocks

ACTIVE: Final = sa.and_(order_blocks.c.client_id == clients.c.id, order_blocks.c.status == "active")
"""Joins a client's block, if it has one."""


def blocked(connection: Connection, scope: Scope, source: str | None = None) -> Iterator[Row[Any]]:
    """Everybody who may not order now, by source and code: the hub's blocks and the ERPs' own."""
    theirs = sa.and_(clients.c.blocked, ~is_ours())
    query = _STANDING.where(within(scope), sa.or_(order_blocks.c.id.is_not(None), theirs))
    if source is not None:
        query = query.where(sources.c.name == source)
    query = query.order_by(
        in_order(connection, sources.c.name), in_order(connection, clients.c.code)
    )
    for page in pages(connection, query):
        yield from page


def credit_status(
    connection: Connection, scope: Scope, source: str, client: str
) -> Row[Any] | None:
    """What one client may do, found by index; None if there is no such client in the scope."""
    asked = {"b_source": source, "b_client": client}
    return connection.execute(_OF_ONE.where(within(scope)), asked).one_or_none()


def is_ours() -> ColumnElement[bool]:
    """Whether the client's flag in the ERP is what the hub wrote there."""
    mine = order_blocks.alias("mine")
    return sa.exists().where(
        mine.c.client_id == clients.c.id, mine.c.erp.in_([state.value for state in OURS])
    )


def _standing() -> Select[Any]:
    return (
        sa.select(
            sources.c.name.label("source"),
            sources.c.last_good_sync_at,
            sources.c.last_good_sync_on,
            clients.c.code.label("client"),
            clients.c.name,
            clients.c.vat,
            clients.c.blocked.label("erp_flag"),
            is_ours().label("ours"),
            order_blocks.c.id.label("block"),
            order_blocks.c.reason,
            order_blocks.c.made_on.label("since"),
        )
        .select_from(clients)
        .join(sources, sources.c.id == clients.c.source_id)
        .outerjoin(order_blocks, ACTIVE)
    )


# Built once: an order program waits for the answer, and building costs more than asking.
_STANDING: Final = _standing()
_OF_ONE: Final = _STANDING.where(
    sources.c.name == sa.bindparam("b_source"), clients.c.code == sa.bindparam("b_client")
)
