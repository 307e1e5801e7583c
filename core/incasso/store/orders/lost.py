"""Changes in an ERP that a database put back does not know: what the log needs of each, and how
block and write-back are written down again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.connector import WriteBackKind
from incasso.domain.orders.blocks import InErp, Release
from incasso.domain.orders.write_back import WriteBackStatus
from incasso.domain.proof.written import Writing
from incasso.store.orders import order_blocks, write_backs
from incasso.store.orders.order_blocks import OrderBlock
from incasso.store.orders.write_backs import StoredWriteBack
from incasso.store.records import columns_of, maybe_record, one_record
from incasso.store.tables.orders import order_blocks as blocks_table
from incasso.store.tables.orders import write_backs as writes_table

_AT_ONCE: Final = 500

_BEGUN: Final = (WriteBackStatus.QUEUED, WriteBackStatus.SENDING)


class _BlockSaid(msgspec.Struct, frozen=True):
    """What the log says of a block."""

    made_on: date
    release_when: Release
    released_by: str
    released_on: date | None


def writing_of(
    connection: Connection,
    pending: StoredWriteBack,
    before: Mapping[str, str] | None,
    on: date,
    at: datetime,
) -> Writing:
    """The line of the log for a change that is about to be made."""
    query = sa.select(*columns_of(_BlockSaid, blocks_table)).where(
        blocks_table.c.id == pending.block_id
    )
    said = one_record(connection, _BlockSaid, query)
    block = pending
    if pending.kind is write_backs.RELEASE:
        block = write_backs.of_same_block(connection, pending) or pending
    return Writing(
        write_back=pending.id,
        kind=pending.kind.value,
        source=pending.source,
        client=pending.client,
        made_by=pending.made_by,
        block=block.id,
        reason=pending.block_reason,
        made_on=said.made_on,
        release_when=said.release_when.value,
        released_by=said.released_by,
        release_reason=pending.release_reason,
        released_on=said.released_on,
        before=None if before is None else dict(before),
        on=on,
        at=at,
    )


def statuses(connection: Connection, ids: Collection[str]) -> dict[str, WriteBackStatus]:
    """How these write-backs stand; those that are missing are left out."""
    found: dict[str, WriteBackStatus] = {}
    named = list(ids)
    for start in range(0, len(named), _AT_ONCE):
        some = writes_table.c.id.in_(named[start : start + _AT_ONCE])
        rows = connection.execute(sa.select(writes_table.c.id, writes_table.c.status).where(some))
        found.update((row.id, WriteBackStatus(row.status)) for row in rows)
    return found


def block_of_write(connection: Connection, write_back: str) -> OrderBlock | None:
    """The block of a write-back."""
    query = order_blocks.BLOCKS.join(writes_table, writes_table.c.block_id == blocks_table.c.id)
    return maybe_record(connection, OrderBlock, query.where(writes_table.c.id == write_back))


def block_again(connection: Connection, client: int, writing: Writing, at: datetime) -> OrderBlock:
    """The active block of the client, made as it was if there is none."""
    if (found := order_blocks.active(connection, client)) is not None:
        return found
    order_blocks.make(
        connection,
        order_blocks.lock_client(connection, client),
        reason=writing.reason,
        by=writing.made_by,
        step=None,
        release=Release(writing.release_when),
        on=writing.made_on,
        at=at,
        erp=InErp.NOTHING,
    )
    made = order_blocks.active(connection, client)
    assert made is not None
    return made


def has_write(connection: Connection, block: int, kind: WriteBackKind) -> bool:
    """Whether the block has a write-back of that kind."""
    return kind in write_backs.of_block(connection, block)


def write(connection: Connection, block: OrderBlock, writing: Writing) -> None:
    """A write-back under the id that it had; it has not begun."""
    values: dict[str, Any] = {
        "id": writing.write_back,
        "block_id": block.id,
        "source_id": block.source_id,
        "client_id": block.client_id,
        "kind": WriteBackKind(writing.kind),
        "status": WriteBackStatus.QUEUED,
        "made_at": writing.at,
        "on_date": writing.on,
        "made_by": writing.made_by,
    }
    connection.execute(sa.insert(writes_table).values(**values))


def hand_to_people(connection: Connection, reason: str) -> int:
    """What may have been written already, of which nothing is known, waits for a person."""
    update = sa.update(writes_table).where(writes_table.c.status.in_(_BEGUN))
    values = {"status": WriteBackStatus.MANUAL, "claimed_by": "", "reason": reason}
    return connection.execute(update.values(values)).rowcount
