"""The write-back outbox: what the hub changes in an ERP, one function per change of state.

As with messages, `sending` is committed before the connector is called, the answer after it. Of
one client only the oldest that is not over may leave, so that a release never overtakes its block.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final, TypedDict, Unpack

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.connector import WriteBackKind
from incasso.domain.orders.blocks import BlockStatus
from incasso.domain.orders.write_back import FOR_PEOPLE, WriteBackStatus
from incasso.store.orders.order_blocks import OrderBlock
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import order_blocks, write_backs

BLOCK: Final = WriteBackKind.BLOCK_ORDERS
RELEASE: Final = WriteBackKind.RELEASE_ORDERS


class StoredWriteBack(msgspec.Struct, frozen=True):
    """A write-back with its source, client and block."""

    id: str
    block_id: int
    source: str
    client: str
    kind: WriteBackKind
    status: WriteBackStatus
    attempts: int
    claimed_by: str
    sending_at: datetime | None
    before: dict[str, str] | None
    """The value it replaced in the ERP; None: unknown."""
    by_hand: bool
    made_by: str
    """A login; empty: the hub by its rules."""
    block_reason: str
    release_reason: str


class Change(TypedDict, total=False):
    """What changes of a write-back."""

    status: WriteBackStatus
    reason: str
    claimed_by: str
    attempts: int
    next_attempt_at: datetime | None
    done_at: datetime
    ref: str
    before: Mapping[str, str] | None
    by_hand: bool


def enqueue(
    connection: Connection,
    block: OrderBlock,
    kind: WriteBackKind,
    *,
    status: WriteBackStatus,
    by: str,
    on: date,
    at: datetime,
    before: Mapping[str, str] | None = None,
    reason: str = "",
) -> str:
    """A new write-back of a block; its id. The database refuses the same kind twice."""
    made = secrets.token_hex(8)
    connection.execute(
        sa.insert(write_backs).values(
            id=made,
            block_id=block.id,
            source_id=block.source_id,
            client_id=block.client_id,
            kind=kind,
            status=status,
            made_at=at,
            on_date=on,
            done_at=at if status is WriteBackStatus.DONE else None,
            before=before,
            reason=reason,
            made_by=by,
        )
    )
    return made


def of_block(connection: Connection, block: int) -> dict[WriteBackKind, StoredWriteBack]:
    """The write-backs of a block by kind, locked until the transaction ends."""
    query = _WRITE_BACKS.where(write_backs.c.block_id == block).with_for_update(of=write_backs)
    return {each.kind: each for each in records(connection, StoredWriteBack, query)}


def change(
    connection: Connection,
    write_back: str,
    was: Collection[WriteBackStatus],
    **values: Unpack[Change],
) -> bool:
    """New values, if it is in one of these states. False, and nothing changed, otherwise."""
    statement = sa.update(write_backs).where(
        write_backs.c.id == write_back, write_backs.c.status.in_(was)
    )
    return connection.execute(statement.values(**values)).rowcount == 1


def cancel(
    connection: Connection, write_back: str, was: Collection[WriteBackStatus], reason: str
) -> bool:
    """Cancels it, if it is in one of these states. False otherwise."""
    return change(connection, write_back, was, status=WriteBackStatus.CANCELLED, reason=reason)


def answered(
    connection: Connection,
    write_back: StoredWriteBack,
    owner: str | None,
    **values: Unpack[Change],
) -> bool:
    """New values once the ERP has answered. False if somebody else has settled it meanwhile.

    `owner` is who marked it as `sending`; None if nobody had: then it must be as it was read.
    """
    if owner is None:
        statement = _unchanged(write_back)
    else:
        statement = sa.update(write_backs).where(
            write_backs.c.id == write_back.id,
            write_backs.c.status == WriteBackStatus.SENDING,
            write_backs.c.claimed_by == owner,
        )
    return connection.execute(statement.values(**values)).rowcount == 1


def begin(
    connection: Connection,
    write_back: StoredWriteBack,
    owner: str,
    now: datetime,
    before: Mapping[str, str] | None,
) -> bool:
    """Mark as `sending`, with what will be replaced. False if it is no longer to leave.

    A block that ended meanwhile has nothing to write any more.
    """
    active = sa.exists().where(
        order_blocks.c.id == write_backs.c.block_id, order_blocks.c.status == BlockStatus.ACTIVE
    )
    statement = (
        _unchanged(write_back)
        .where(sa.or_(write_backs.c.kind == RELEASE, active))
        .values(
            status=WriteBackStatus.SENDING,
            claimed_by=owner,
            sending_at=now,
            attempts=write_backs.c.attempts + 1,
            before=before,
        )
    )
    return connection.execute(statement).rowcount == 1


def due(connection: Connection, now: datetime) -> list[StoredWriteBack]:
    """What may leave now, oldest first, of each client the oldest unfinished one only."""
    other = write_backs.alias("other")
    overtaken = sa.exists().where(
        other.c.client_id == write_backs.c.client_id,
        sa.tuple_(other.c.block_id, other.c.kind)
        < sa.tuple_(write_backs.c.block_id, write_backs.c.kind),
        sa.or_(
            other.c.status.in_((WriteBackStatus.QUEUED, WriteBackStatus.SENDING)),
            sa.and_(
                other.c.status == WriteBackStatus.UNCERTAIN,
                other.c.next_attempt_at.is_not(None),
            ),
        ),
    )
    waiting = sa.or_(
        sa.and_(
            write_backs.c.status == WriteBackStatus.QUEUED,
            sa.or_(write_backs.c.next_attempt_at.is_(None), write_backs.c.next_attempt_at <= now),
        ),
        sa.and_(
            write_backs.c.status == WriteBackStatus.UNCERTAIN,
            write_backs.c.next_attempt_at <= now,
        ),
    )
    query = _WRITE_BACKS.where(waiting, ~overtaken)
    return records(connection, StoredWriteBack, query.order_by(*_IN_TURN))


def sending(connection: Connection) -> list[StoredWriteBack]:
    """Everything marked as `sending`, whether its process is alive or dead."""
    query = _WRITE_BACKS.where(write_backs.c.status == WriteBackStatus.SENDING)
    return records(connection, StoredWriteBack, query.order_by(*_IN_TURN))


def named(connection: Connection, write_back: str) -> StoredWriteBack | None:
    """One write-back with its source, client and block, locked."""
    query = _WRITE_BACKS.where(write_backs.c.id == write_back)
    return maybe_record(connection, StoredWriteBack, query.with_for_update(of=write_backs))


def client_of(connection: Connection, write_back: str) -> int | None:
    """The client of the write-back with this id, if there is one."""
    query = (
        sa.select(order_blocks.c.client_id)
        .join(write_backs, write_backs.c.block_id == order_blocks.c.id)
        .where(write_backs.c.id == write_back)
    )
    return connection.scalar(query)


def for_people(connection: Connection) -> list[StoredWriteBack]:
    """What waits for a person: to do by hand, refused, or in doubt after several tries."""
    query = _WRITE_BACKS.where(
        write_backs.c.status.in_(FOR_PEOPLE),
        sa.or_(
            write_backs.c.status != WriteBackStatus.UNCERTAIN,
            write_backs.c.next_attempt_at.is_(None),
        ),
    )
    return records(connection, StoredWriteBack, query.order_by(*_IN_TURN))


def of_same_block(connection: Connection, release: StoredWriteBack) -> StoredWriteBack | None:
    """Of a release, the write-back of its block."""
    query = _WRITE_BACKS.where(
        write_backs.c.block_id == release.block_id, write_backs.c.kind == BLOCK
    )
    return maybe_record(connection, StoredWriteBack, query)


def _unchanged(write_back: StoredWriteBack) -> sa.Update:
    return sa.update(write_backs).where(
        write_backs.c.id == write_back.id,
        write_backs.c.status == write_back.status,
        write_backs.c.attempts == write_back.attempts,
    )


_WRITE_BACKS: Final = (
    sa.select(
        *columns_of(
            StoredWriteBack,
            write_backs,
            source=sources.c.name,
            client=clients.c.code,
            block_reason=order_blocks.c.reason,
            release_reason=order_blocks.c.release_reason,
        )
    )
    .join(order_blocks, order_blocks.c.id == write_backs.c.block_id)
    .join(sources, sources.c.id == write_backs.c.source_id)
    .join(clients, clients.c.id == write_backs.c.client_id)
)
_IN_TURN: Final = (write_backs.c.block_id, write_backs.c.kind)
