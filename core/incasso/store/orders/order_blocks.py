"""Order blocks in the database: make, find, release; one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.contract.connector import WriteBackKind
from incasso.domain.ledger.states import RunStatus
from incasso.domain.orders.blocks import BY_HUB, OURS, BlockStatus, InErp, Release
from incasso.store.tables.ledger import clients, sources, sync_runs
from incasso.store.tables.orders import order_blocks, write_backs


def lock_client(connection: Connection, client: int) -> Row[Any]:
    """The client with its source and its ERP's flag; two who block at once come one by one."""
    query: sa.Select[Any] = (
        sa.select(
            clients.c.id,
            clients.c.code,
            clients.c.blocked,
            clients.c.source_id,
            sources.c.name.label("source"),
        )
        .join(sources, sources.c.id == clients.c.source_id)
        .where(clients.c.id == client)
        .with_for_update(of=clients)
    )
    return connection.execute(query).one()


def active(connection: Connection, client: int) -> Row[Any] | None:
    """The client's block, if it has one."""
    query = sa.select(order_blocks).where(
        order_blocks.c.client_id == client, order_blocks.c.status == BlockStatus.ACTIVE
    )
    return connection.execute(query).one_or_none()


def is_active(connection: Connection, block: int) -> bool:
    """Whether the block still holds."""
    query = sa.select(order_blocks.c.status).where(order_blocks.c.id == block)
    return connection.scalar(query) == BlockStatus.ACTIVE


def is_gone(connection: Connection, client: int) -> bool:
    """Whether the ERP has no such client any more."""
    query = sa.select(clients.c.gone_on).where(clients.c.id == client)
    return connection.scalar(query) is not None


def of_renumbered(connection: Connection) -> Sequence[Row[Any]]:
    """Active blocks of clients that go on under another code; `client` is the old one."""
    query = (
        sa.select(order_blocks, clients.c.code.label("client"), clients.c.successor_id)
        .join(clients, clients.c.id == order_blocks.c.client_id)
        .where(order_blocks.c.status == BlockStatus.ACTIVE, clients.c.successor_id.is_not(None))
        .order_by(order_blocks.c.id)
    )
    return connection.execute(query).all()


def move(connection: Connection, block: int, client: int) -> None:
    """The block, and what was written for it, is another client's from now on."""
    connection.execute(
        sa.update(order_blocks).where(order_blocks.c.id == block).values(client_id=client)
    )
    connection.execute(
        sa.update(write_backs).where(write_backs.c.block_id == block).values(client_id=client)
    )


def make(
    connection: Connection,
    client: Row[Any],
    *,
    reason: str,
    by: str,
    step: int | None,
    release: Release,
    on: date,
    at: datetime,
    erp: InErp,
) -> int:
    """A new active block; its id. The database refuses a second one of the same client."""
    return int(
        connection.execute(
            sa.insert(order_blocks)
            .values(
                source_id=client.source_id,
                client_id=client.id,
                reason=reason,
                made_by=by,
                step_id=step,
                release_when=release.value,
                made_on=on,
                made_at=at,
                erp=erp.value,
                erp_at=at if erp else None,
            )
            .returning(order_blocks.c.id)
        ).scalar_one()
    )


def release(
    connection: Connection, block: int, *, by: str, reason: str, on: date, at: datetime
) -> bool:
    """End an active block. False, and nothing changed, if it was over already."""
    statement = sa.update(order_blocks).where(
        order_blocks.c.id == block, order_blocks.c.status == BlockStatus.ACTIVE
    )
    values = {
        "status": BlockStatus.RELEASED,
        "released_by": by,
        "release_reason": reason,
        "released_on": on,
        "released_at": at,
    }
    return connection.execute(statement.values(values)).rowcount == 1


def set_erp(connection: Connection, block: int, state: InErp, at: datetime) -> None:
    """What the ERP's flag has to do with the block from now on."""
    connection.execute(
        sa.update(order_blocks)
        .where(order_blocks.c.id == block)
        .values(erp=state.value, erp_at=at if state else None)
    )


def trace_of(connection: Connection, client: int) -> Row[Any] | None:
    """The latest block of the client whose trace in the ERP is still ours, if there is one."""
    query: sa.Select[Any] = (
        sa.select(order_blocks)
        .where(
            order_blocks.c.client_id == client,
            order_blocks.c.erp.in_([state.value for state in OURS]),
        )
        .order_by(order_blocks.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def released_by_people_on(connection: Connection, client: int, on: date) -> Row[Any] | None:
    """A block that somebody, here or in the ERP, ended on that day."""
    query: sa.Select[Any] = (
        sa.select(order_blocks)
        .where(
            order_blocks.c.client_id == client,
            order_blocks.c.status == BlockStatus.RELEASED,
            order_blocks.c.released_on == on,
            order_blocks.c.released_by != BY_HUB,
        )
        .order_by(order_blocks.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def followed(connection: Connection) -> Sequence[Row[Any]]:
    """Every block with a trace in its ERP: with the ERP's flag, and when that was last read."""
    query: sa.Select[Any] = (
        sa.select(
            order_blocks,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.blocked.label("flag"),
            sa.func.coalesce(write_backs.c.by_hand, sa.false()).label("by_hand"),
        )
        .join(sources, sources.c.id == order_blocks.c.source_id)
        .join(clients, clients.c.id == order_blocks.c.client_id)
        .outerjoin(
            write_backs,
            sa.and_(
                write_backs.c.block_id == order_blocks.c.id,
                write_backs.c.kind == WriteBackKind.BLOCK_ORDERS.value,
            ),
        )
        .where(order_blocks.c.erp != "")
        .order_by(order_blocks.c.id)
    )
    return connection.execute(query).all()


def last_reads(connection: Connection) -> dict[int, datetime]:
    """By source, when its last good read began: what it shows is at least that new."""
    query = (
        sa.select(sync_runs.c.source_id, sa.func.max(sync_runs.c.started_at).label("at"))
        .where(sync_runs.c.status == RunStatus.GOOD)
        .group_by(sync_runs.c.source_id)
    )
    return {row.source_id: row.at for row in connection.execute(query)}
