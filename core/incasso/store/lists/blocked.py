"""Who may not order: the hub's blocks and the ERPs' own, for lists, feed and the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.office.actor import Scope
from incasso.domain.orders.blocks import OURS, BlockStatus
from incasso.store.office.scope import within
from incasso.store.records import columns_of, maybe_record, stream
from incasso.store.sorting import in_order
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import order_blocks

ACTIVE: Final = sa.and_(
    order_blocks.c.client_id == clients.c.id, order_blocks.c.status == BlockStatus.ACTIVE
)
"""Joins a client's block, if it has one."""


class OrderingClient(msgspec.Struct, frozen=True):
    """What decides whether a client may order; `block` to `since` are the hub's block."""

    source: str
    last_good_sync_at: datetime | None
    last_good_sync_on: date | None
    client: str
    name: str
    vat: str
    erp_flag: bool
    ours: bool
    """Whether that flag is what the hub wrote there."""
    block: int | None
    reason: str | None
    since: date | None


def blocked(
    connection: Connection, scope: Scope, source: str | None = None
) -> Iterator[OrderingClient]:
    """Everybody who may not order now, by source and code: the hub's blocks and the ERPs' own."""
    theirs = sa.and_(clients.c.blocked, ~is_ours())
    query = _CLIENTS.where(within(scope), sa.or_(order_blocks.c.id.is_not(None), theirs))
    if source is not None:
        query = query.where(sources.c.name == source)
    query = query.order_by(
        in_order(connection, sources.c.name), in_order(connection, clients.c.code)
    )
    return stream(connection, OrderingClient, query)


def credit_status(
    connection: Connection, scope: Scope, source: str, client: str
) -> OrderingClient | None:
    """What one client may do, found by index; None if there is no such client in the scope."""
    asked = {"b_source": source, "b_client": client}
    return maybe_record(connection, OrderingClient, _OF_ONE.where(within(scope)), asked)


def is_ours() -> ColumnElement[bool]:
    """Whether the client's flag in the ERP is what the hub wrote there."""
    mine = order_blocks.alias("mine")
    return sa.exists().where(mine.c.client_id == clients.c.id, mine.c.erp.in_(OURS))


# Built once: an order program waits for the answer, and building costs more than asking.
_CLIENTS: Final = (
    sa.select(
        *columns_of(
            OrderingClient,
            clients,
            source=sources.c.name,
            last_good_sync_at=sources.c.last_good_sync_at,
            last_good_sync_on=sources.c.last_good_sync_on,
            client=clients.c.code,
            erp_flag=clients.c.blocked,
            ours=is_ours(),
            block=order_blocks.c.id,
            reason=order_blocks.c.reason,
            since=order_blocks.c.made_on,
        )
    )
    .select_from(clients)
    .join(sources, sources.c.id == clients.c.source_id)
    .outerjoin(order_blocks, ACTIVE)
)
_OF_ONE: Final = _CLIENTS.where(
    sources.c.name == sa.bindparam("b_source"), clients.c.code == sa.bindparam("b_client")
)
