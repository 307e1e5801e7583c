"""Lists about the order block: blocks, write-backs, who may not order, and one client's answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select

from incasso.store.lists.filters import BlockFilter, narrow, narrow_days, narrow_who
from incasso.store.lists.rows import Fields, pages
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import order_blocks, write_backs

_block_write = write_backs.alias("block_write")
_release_write = write_backs.alias("release_write")


def blocks(connection: Connection, wanted: BlockFilter) -> Iterator[Fields]:
    """Order blocks of the hub by id, with what became of each in its ERP."""
    query: Select[Any] = _with_write_backs(
        sa.select(
            order_blocks,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            clients.c.blocked.label("erp_flag"),
        )
        .join(sources, sources.c.id == order_blocks.c.source_id)
        .join(clients, clients.c.id == order_blocks.c.client_id)
    )
    query = narrow_who(query, wanted)
    if not wanted.released:
        query = query.where(order_blocks.c.status == "active")
    query = narrow_days(query, order_blocks.c.made_on, wanted.made_from, wanted.made_to)
    for page in pages(connection, query.order_by(order_blocks.c.id)):
        yield from (_block(row) for row in page)


def writes(
    connection: Connection, wanted: BlockFilter, status: tuple[str, ...]
) -> Iterator[Fields]:
    """What was, is and is to be written into the ERPs, oldest block first."""
    query = (
        sa.select(
            write_backs,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
        )
        .join(sources, sources.c.id == write_backs.c.source_id)
        .join(clients, clients.c.id == write_backs.c.client_id)
    )
    query = narrow(narrow_who(query, wanted), write_backs.c.status, status)
    query = query.order_by(write_backs.c.block_id, write_backs.c.kind)
    for page in pages(connection, query):
        yield from (_write(row) for row in page)


def _with_write_backs(query: Select[Any]) -> Select[Any]:
    for table, kind in ((_block_write, "block_orders"), (_release_write, "release_orders")):
        query = query.outerjoin(
            table, sa.and_(table.c.block_id == order_blocks.c.id, table.c.kind == kind)
        )
    return query.add_columns(
        _block_write.c.status.label("block_written"),
        _release_write.c.status.label("release_written"),
    )


def _block(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "source": row.source,
        "client": row.client,
        "client_name": row.client_name,
        "status": row.status,
        "since": row.made_on,
        "reason": row.reason,
        "made_by": row.made_by or "hub",
        "step": row.step_id,
        "release": row.release_when,
        "erp": row.release_written or row.block_written or row.erp or "no",
        "erp_state": row.erp,
        "erp_blocked": row.erp_flag,
        "released_on": row.released_on,
        "released_by": row.released_by,
        "release_reason": row.release_reason,
    }


def _write(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "source": row.source,
        "client": row.client,
        "client_name": row.client_name,
        "block": row.block_id,
        "kind": row.kind,
        "status": row.status,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "done_at": row.done_at,
        "before": row.before,
        "ref": row.ref,
        "reason": row.reason,
        "by": row.made_by or "hub",
        "by_hand": row.by_hand,
    }
