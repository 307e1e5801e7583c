"""Order blocks in the database: make, find, release; one statement each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.connector import WriteBackKind
from incasso.domain.ledger.states import RunStatus
from incasso.domain.orders.blocks import BY_HUB, OURS, BlockStatus, InErp, Release
from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.ledger import clients, sources, sync_runs
from incasso.store.tables.orders import order_blocks, write_backs
from incasso.store.written_rows import written


class OrderBlock(msgspec.Struct, frozen=True):
    """A block of the hub, with its source and client."""

    id: int
    source_id: int
    client_id: int
    source: str
    client: str
    status: BlockStatus
    reason: str
    made_by: str
    """A login; empty: the hub by its rules."""
    made_on: date
    step_id: int | None
    release_when: Release
    released_by: str
    erp: InErp
    erp_at: datetime | None


class FollowedBlock(OrderBlock, frozen=True):
    """A block with a trace in its ERP, and what the last read showed there."""

    flag: bool
    by_hand: bool
    """People wrote it into the ERP."""


class RenumberedBlock(OrderBlock, frozen=True):
    """An active block of a client that continues under another code."""

    successor_id: int


class LockedClient(msgspec.Struct, frozen=True):
    """A client locked against other blocks until the transaction ends."""

    id: int
    source_id: int
    source: str
    code: str
    blocked: bool
    """Its flag in the ERP."""


def lock_client(connection: Connection, client: int) -> LockedClient:
    """The client with its source and its ERP's flag, locked against concurrent blocks."""
    query = (
        sa.select(*columns_of(LockedClient, clients, source=sources.c.name))
        .join(sources, sources.c.id == clients.c.source_id)
        .where(clients.c.id == client)
        .with_for_update(of=clients)
    )
    return one_record(connection, LockedClient, query)


def active(connection: Connection, client: int) -> OrderBlock | None:
    """The client's block, if it has one."""
    query = BLOCKS.where(
        order_blocks.c.client_id == client, order_blocks.c.status == BlockStatus.ACTIVE
    )
    return maybe_record(connection, OrderBlock, query)


def is_active(connection: Connection, block: int) -> bool:
    """Whether the block still holds."""
    query = sa.select(order_blocks.c.status).where(order_blocks.c.id == block)
    return connection.scalar(query) == BlockStatus.ACTIVE


def is_gone(connection: Connection, client: int) -> bool:
    """Whether the ERP has no such client any more."""
    query = sa.select(clients.c.gone_on).where(clients.c.id == client)
    return connection.scalar(query) is not None


def of_renumbered(connection: Connection) -> list[RenumberedBlock]:
    """Active blocks of clients that continue under another code; `client` is the old one."""
    query = (
        _with_names(RenumberedBlock, successor_id=clients.c.successor_id)
        .where(order_blocks.c.status == BlockStatus.ACTIVE, clients.c.successor_id.is_not(None))
        .order_by(order_blocks.c.id)
    )
    return records(connection, RenumberedBlock, query)


def move(connection: Connection, block: int, client: int) -> None:
    """Moves the block, and its write-backs, to another client."""
    connection.execute(
        sa.update(order_blocks).where(order_blocks.c.id == block).values(client_id=client)
    )
    connection.execute(
        sa.update(write_backs).where(write_backs.c.block_id == block).values(client_id=client)
    )


def make(
    connection: Connection,
    client: LockedClient,
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
    made = int(
        connection.execute(
            sa.insert(order_blocks)
            .values(
                source_id=client.source_id,
                client_id=client.id,
                reason=reason,
                made_by=by,
                step_id=step,
                release_when=release,
                made_on=on,
                made_at=at,
                erp=erp,
                erp_at=at if erp else None,
            )
            .returning(order_blocks.c.id)
        ).scalar_one()
    )
    written(connection, order_blocks.name, made)
    return made


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
    if connection.execute(statement.values(values)).rowcount != 1:
        return False
    written(connection, order_blocks.name, block)
    return True


def set_erp(connection: Connection, block: int, state: InErp, at: datetime) -> None:
    """Sets how the ERP's flag relates to the block."""
    connection.execute(
        sa.update(order_blocks)
        .where(order_blocks.c.id == block)
        .values(erp=state, erp_at=at if state else None)
    )


def trace_of(connection: Connection, client: int) -> OrderBlock | None:
    """The latest block of the client whose trace in the ERP is still ours, if there is one."""
    query = (
        BLOCKS.where(order_blocks.c.client_id == client, order_blocks.c.erp.in_(OURS))
        .order_by(order_blocks.c.id.desc())
        .limit(1)
    )
    return maybe_record(connection, OrderBlock, query)


def released_by_people_on(connection: Connection, client: int, on: date) -> OrderBlock | None:
    """A block that somebody, here or in the ERP, ended on that day."""
    query = (
        BLOCKS.where(
            order_blocks.c.client_id == client,
            order_blocks.c.status == BlockStatus.RELEASED,
            order_blocks.c.released_on == on,
            order_blocks.c.released_by != BY_HUB,
        )
        .order_by(order_blocks.c.id.desc())
        .limit(1)
    )
    return maybe_record(connection, OrderBlock, query)


def followed(connection: Connection) -> list[FollowedBlock]:
    """Every block with a trace in its ERP."""
    of_block = sa.and_(
        write_backs.c.block_id == order_blocks.c.id,
        write_backs.c.kind == WriteBackKind.BLOCK_ORDERS,
    )
    by_hand = sa.func.coalesce(write_backs.c.by_hand, sa.false())
    query = (
        _with_names(FollowedBlock, flag=clients.c.blocked, by_hand=by_hand)
        .outerjoin(write_backs, of_block)
        .where(order_blocks.c.erp != InErp.NOTHING)
        .order_by(order_blocks.c.id)
    )
    return records(connection, FollowedBlock, query)


def last_reads(connection: Connection) -> dict[int, datetime]:
    """By source, when its last good read began: what it shows is at least that new."""
    query = (
        sa.select(sync_runs.c.source_id, sa.func.max(sync_runs.c.started_at).label("at"))
        .where(sync_runs.c.status == RunStatus.GOOD)
        .group_by(sync_runs.c.source_id)
    )
    return {row.source_id: row.at for row in connection.execute(query)}


def _with_names(
    record: type[OrderBlock], **others: sa.ColumnElement[Any]
) -> sa.Select[tuple[Any, ...]]:
    names = {"source": sources.c.name, "client": clients.c.code}
    return (
        sa.select(*columns_of(record, order_blocks, **names, **others))
        .select_from(order_blocks)
        .join(sources, sources.c.id == order_blocks.c.source_id)
        .join(clients, clients.c.id == order_blocks.c.client_id)
    )


BLOCKS: Final = _with_names(OrderBlock)
"""Fills an OrderBlock."""
