"""The write-back outbox: what the hub changes in an ERP, one function per change of state.

As with messages, `sending` is committed before the connector is called, the answer after it. Of
one client only the oldest that is not over may leave, so that a release never overtakes its block.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.contract.connector import WriteBackKind
from incasso.domain.orders.blocks import BlockStatus
from incasso.domain.orders.write_back import FOR_PEOPLE, WriteBackStatus
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import order_blocks, write_backs

BLOCK: Final = WriteBackKind.BLOCK_ORDERS.value
RELEASE: Final = WriteBackKind.RELEASE_ORDERS.value


def enqueue(
    connection: Connection,
    block: Row[Any],
    kind: str,
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
            status=status.value,
            made_at=at,
            on_date=on,
            done_at=at if status is WriteBackStatus.DONE else None,
            before=before,
            reason=reason,
            made_by=by,
        )
    )
    return made


def of_block(connection: Connection, block: int) -> dict[str, Row[Any]]:
    """The write-backs of a block by kind, locked until the transaction ends."""
    query = sa.select(write_backs).where(write_backs.c.block_id == block).with_for_update()
    return {row.kind: row for row in connection.execute(query)}


def change(
    connection: Connection, write_back: str, was: Collection[WriteBackStatus], **values: Any
) -> bool:
    """New values, if it is in one of these states. False, and nothing changed, otherwise."""
    statement = sa.update(write_backs).where(
        write_backs.c.id == write_back, write_backs.c.status.in_([one.value for one in was])
    )
    return connection.execute(statement.values(**values)).rowcount == 1


def answered(connection: Connection, row: Row[Any], owner: str | None, **values: Any) -> bool:
    """New values once the ERP has answered. False if somebody else has settled it meanwhile.

    `owner` is who marked it as `sending`; None if nobody had: then it must be as it was read.
    """
    statement = sa.update(write_backs).where(write_backs.c.id == row.id)
    if owner is None:
        statement = statement.where(
            write_backs.c.status == row.status, write_backs.c.attempts == row.attempts
        )
    else:
        statement = statement.where(
            write_backs.c.status == WriteBackStatus.SENDING.value, write_backs.c.claimed_by == owner
        )
    return connection.execute(statement.values(**values)).rowcount == 1


def begin(
    connection: Connection,
    row: Row[Any],
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
        sa.update(write_backs)
        .where(
            write_backs.c.id == row.id,
            write_backs.c.status == row.status,
            write_backs.c.attempts == row.attempts,
            sa.or_(write_backs.c.kind == RELEASE, active),
        )
        .values(
            status=WriteBackStatus.SENDING.value,
            claimed_by=owner,
            sending_at=now,
            attempts=write_backs.c.attempts + 1,
            before=before,
        )
    )
    return connection.execute(statement).rowcount == 1


def due(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """What may leave now, oldest first, of each client the oldest unfinished one only."""
    other = write_backs.alias("other")
    overtaken = sa.exists().where(
        other.c.client_id == write_backs.c.client_id,
        sa.tuple_(other.c.block_id, other.c.kind)
        < sa.tuple_(write_backs.c.block_id, write_backs.c.kind),
        sa.or_(
            other.c.status.in_((WriteBackStatus.QUEUED.value, WriteBackStatus.SENDING.value)),
            sa.and_(
                other.c.status == WriteBackStatus.UNCERTAIN.value,
                other.c.next_attempt_at.is_not(None),
            ),
        ),
    )
    waiting = sa.or_(
        sa.and_(
            write_backs.c.status == WriteBackStatus.QUEUED.value,
            sa.or_(write_backs.c.next_attempt_at.is_(None), write_backs.c.next_attempt_at <= now),
        ),
        sa.and_(
            write_backs.c.status == WriteBackStatus.UNCERTAIN.value,
            write_backs.c.next_attempt_at <= now,
        ),
    )
    query = _with_names().where(waiting, ~overtaken)
    return connection.execute(query.order_by(*_IN_TURN)).all()


def sending(connection: Connection) -> Sequence[Row[Any]]:
    """Everything that somebody, dead or alive, is writing into an ERP."""
    query = _with_names().where(write_backs.c.status == WriteBackStatus.SENDING.value)
    return connection.execute(query.order_by(*_IN_TURN)).all()


def client_of(connection: Connection, write_back: str) -> int | None:
    """The client of the write-back with this id, if there is one."""
    query = (
        sa.select(order_blocks.c.client_id)
        .join(write_backs, write_backs.c.block_id == order_blocks.c.id)
        .where(write_backs.c.id == write_back)
    )
    return connection.scalar(query)


def named(connection: Connection, write_back: str) -> Row[Any] | None:
    """One write-back with its source, client and block, locked."""
    query = _with_names().where(write_backs.c.id == write_back)
    return connection.execute(query.with_for_update(of=write_backs)).one_or_none()


def for_people(connection: Connection) -> Sequence[Row[Any]]:
    """What waits for a person: to do by hand, refused, or in doubt after several tries."""
    query = _with_names().where(
        write_backs.c.status.in_([one.value for one in FOR_PEOPLE]),
        sa.or_(
            write_backs.c.status != WriteBackStatus.UNCERTAIN.value,
            write_backs.c.next_attempt_at.is_(None),
        ),
    )
    return connection.execute(query.order_by(*_IN_TURN)).all()


def block_row(connection: Connection, write_back: Row[Any]) -> Row[Any] | None:
    """Of a release, the write-back of its block."""
    query = sa.select(write_backs).where(
        write_backs.c.block_id == write_back.block_id, write_backs.c.kind == BLOCK
    )
    return connection.execute(query).one_or_none()


def _with_names() -> sa.Select[Any]:
    return (
        sa.select(
            write_backs,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            order_blocks.c.reason.label("block_reason"),
            order_blocks.c.release_reason,
            order_blocks.c.status.label("block_status"),
        )
        .join(order_blocks, order_blocks.c.id == write_backs.c.block_id)
        .join(sources, sources.c.id == write_backs.c.source_id)
        .join(clients, clients.c.id == write_backs.c.client_id)
    )


_IN_TURN: Final = (write_backs.c.block_id, write_backs.c.kind)
