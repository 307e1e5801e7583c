"""Batches for providers: prepared, on their way, sent; never sent twice without being asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import BatchKind
from incasso.contract.text import Text
from incasso.domain.placement.states import BatchState
from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.exchange import exchange_batches

SEQUENCE_LOCK: Final = 0x1CA554
"""Of PostgreSQL's advisory locks: two batches to a provider must not get one number."""

UNDER_WAY: Final = (BatchState.PREPARED, BatchState.SENDING, BatchState.UNCERTAIN)
"""States of a batch that has neither arrived nor been given up."""


class BatchRow(msgspec.Struct, frozen=True):
    """A batch as it stands."""

    id: int
    name: str
    provider: str
    instance: str
    kind: BatchKind
    sequence: int
    lot_id: int | None
    arrival_id: int | None
    state: BatchState
    filename: str
    media_type: str
    sha256: str
    size: int
    attempts: int
    next_attempt_at: datetime | None
    claimed_by: str
    on_date: date
    prepared_at: datetime | None
    sending_at: datetime | None
    sent_at: datetime | None
    ref: str
    reason: str


class NewBatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a batch before its bytes are written."""

    provider: str
    instance: str
    kind: BatchKind
    on_date: date
    claimed_by: str
    """Whoever prepares it: what a dead process prepared is given up."""
    lot_id: int | None = None
    arrival_id: int | None = None


def make(connection: Connection, new: NewBatch) -> BatchRow:
    """The next batch to a provider, still without bytes."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEQUENCE_LOCK)))
    table = exchange_batches.c
    last = sa.select(sa.func.max(table.sequence)).where(table.provider == new.provider)
    number = (connection.scalar(last) or 0) + 1
    values = msgspec.structs.asdict(new) | {
        "sequence": number,
        "name": f"{new.provider}-{number:06}",
        "state": BatchState.PREPARED,
    }
    made = sa.insert(exchange_batches).values(values).returning(table.id)
    return numbered(connection, int(connection.execute(made).scalar_one()))


def numbered(connection: Connection, number: int, *, lock: bool = False) -> BatchRow:
    """The batch of that number."""
    query = _batches().where(exchange_batches.c.id == number)
    return one_record(connection, BatchRow, query.with_for_update() if lock else query)


def under_way_of(connection: Connection, lot: int) -> BatchRow | None:
    """The batch by which a lot is leaving or may have left."""
    table = exchange_batches.c
    query = _batches().where(
        table.lot_id == lot, table.kind == BatchKind.LOT, table.state.in_(UNDER_WAY)
    )
    return maybe_record(connection, BatchRow, query.order_by(table.id.desc()).limit(1))


def of_lot(connection: Connection, lot: int) -> list[BatchRow]:
    """Every batch about a lot, oldest first."""
    table = exchange_batches.c
    return records(connection, BatchRow, _batches().where(table.lot_id == lot).order_by(table.id))


def in_state(connection: Connection, *states: BatchState) -> list[BatchRow]:
    """The batches in these states, oldest first."""
    table = exchange_batches.c
    return records(
        connection, BatchRow, _batches().where(table.state.in_(states)).order_by(table.id)
    )


def written(connection: Connection, batch: BatchRow, *, at: datetime, **values: object) -> BatchRow:
    """Its exact bytes are in the archive: filename, media_type, sha256, size."""
    return _change(connection, batch, prepared_at=at, **values)


def begin(connection: Connection, batch: BatchRow, owner: str, *, at: datetime) -> BatchRow:
    """It is about to leave: committed before the provider is called."""
    values: dict[str, object] = {
        "state": BatchState.SENDING,
        "claimed_by": owner,
        "sending_at": at,
        "attempts": batch.attempts + 1,
        "next_attempt_at": None,
        "reason": "",
    }
    return _change(connection, batch, **values)


def sent(
    connection: Connection,
    batch: BatchRow,
    *,
    ref: str,
    at: datetime,
    cost: int | None = None,
    cost_currency: str = "EUR",
) -> BatchRow:
    """The provider has it."""
    return _change(
        connection,
        batch,
        state=BatchState.SENT,
        ref=ref,
        sent_at=at,
        cost=cost,
        cost_currency=cost_currency,
        claimed_by="",
        reason="",
    )


def put_back(
    connection: Connection, batch: BatchRow, *, again_at: datetime | None, reason: Text | str
) -> BatchRow:
    """It certainly did not leave, and leaves again as it is."""
    return _change(
        connection,
        batch,
        state=BatchState.PREPARED,
        next_attempt_at=again_at,
        reason=reason,
        claimed_by="",
    )


def end(connection: Connection, batch: BatchRow, state: BatchState, reason: Text | str) -> BatchRow:
    """It was refused or given up, or nobody knows."""
    return _change(connection, batch, state=state, reason=reason, claimed_by="")


def _change(connection: Connection, batch: BatchRow, **values: object) -> BatchRow:
    mine = exchange_batches.c.id == batch.id
    connection.execute(sa.update(exchange_batches).where(mine).values(**values))
    return numbered(connection, batch.id)


def _batches() -> sa.Select[Any]:
    return sa.select(*columns_of(BatchRow, exchange_batches))
