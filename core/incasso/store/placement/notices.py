"""What a provider must be told, until it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import NoticeKind
from incasso.domain.placement.states import NoticeState
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.exchange import exchange_notices
from incasso.store.tables.ledger import sources
from incasso.store.tables.placement import lots, placements
from incasso.store.upserting import insert_into


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell; money in minor units. The same name twice is the same notice."""

    name: str
    provider: str
    lot_id: int
    placement_id: int | None = None
    row_id: int | None = None
    kind: NoticeKind
    on_date: date
    amount: int | None = None
    currency: str = ""
    reason: str = ""
    answers: str = ""
    accepted: bool | None = None
    until: date | None = None
    documents: Sequence[dict[str, str]] | None = None
    made_at: datetime
    made_by: str = ""


def make(connection: Connection, new: Sequence[NewNotice]) -> None:
    """Let them wait for the next exchange."""
    if new:
        rows = [{**msgspec.structs.asdict(each), "state": NoticeState.WAITING} for each in new]
        connection.execute(insert_into(connection, exchange_notices).on_conflict_do_nothing(), rows)


class NoticeRow(msgspec.Struct, frozen=True):
    """A notice with what it is about."""

    id: int
    name: str
    provider: str
    lot: str
    source: str
    placement_id: int | None
    theirs: str | None
    row_id: int | None
    currency: str
    kind: NoticeKind
    state: NoticeState
    on_date: date
    amount: int | None
    reason: str
    answers: str
    accepted: bool | None
    until: date | None
    documents: Sequence[dict[str, str]] | None
    batch_id: int | None


def waiting(connection: Connection, most: int = 5_000) -> list[NoticeRow]:
    """What waits for the next exchange, oldest first."""
    table = exchange_notices.c
    return _read(connection, table.state == NoticeState.WAITING, most)


def in_batch(connection: Connection, batch: int) -> list[NoticeRow]:
    """What a batch carries, oldest first."""
    return _read(connection, exchange_notices.c.batch_id == batch, None)


def put_in(connection: Connection, ids: Collection[int], batch: int) -> None:
    """They leave with this batch."""
    mine = among(connection, exchange_notices.c.id, ids)
    connection.execute(sa.update(exchange_notices).where(mine).values(batch_id=batch))


def set_state(connection: Connection, ids: Collection[int], state: NoticeState) -> None:
    """What became of some notices."""
    mine = among(connection, exchange_notices.c.id, ids)
    connection.execute(sa.update(exchange_notices).where(mine).values(state=state))


def of_batch_are(connection: Connection, batch: int, state: NoticeState) -> None:
    """What became of all that a batch carried; what waits again leaves with another."""
    values: dict[str, Any] = {"state": state}
    if state is NoticeState.WAITING:
        values["batch_id"] = None
    mine = exchange_notices.c.batch_id == batch
    connection.execute(sa.update(exchange_notices).where(mine).values(values))


def told(connection: Connection, name: str, by: str) -> bool:
    """A person told the provider. False: nobody has to."""
    mine = sa.and_(exchange_notices.c.name == name, exchange_notices.c.state == NoticeState.BY_HAND)
    change = sa.update(exchange_notices).where(mine).values(state=NoticeState.TOLD, told_by=by)
    return connection.execute(change).rowcount == 1


def _read(
    connection: Connection, which: sa.ColumnElement[bool], most: int | None
) -> list[NoticeRow]:
    table = exchange_notices
    columns = columns_of(
        NoticeRow, table, lot=lots.c.code, source=sources.c.name, theirs=placements.c.theirs
    )
    query = (
        sa.select(*columns)
        .join(lots, lots.c.id == table.c.lot_id)
        .join(sources, sources.c.id == lots.c.source_id)
        .outerjoin(placements, placements.c.id == table.c.placement_id)
        .where(which, table.c.batch_id.is_(None) if most else sa.true())
        .order_by(table.c.id)
        .limit(most)
    )
    return records(connection, NoticeRow, query)
