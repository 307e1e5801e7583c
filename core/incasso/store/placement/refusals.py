"""What could not be taken of what a provider sent, until it is told back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import BatchKind
from incasso.domain.placement.states import BatchState
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.exchange import exchange_arrivals, exchange_batches, exchange_refusals
from incasso.store.upserting import insert_into


class NewRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row, or a whole file, was not simply taken."""

    provider: str
    arrival_id: int | None
    cause: str
    line: int | None
    update_id: str
    code: str
    message: str
    raw: str = ""
    kept: bool
    on_date: date


class Untold(msgspec.Struct, frozen=True):
    """The same, before the provider knows it."""

    id: int
    provider: str
    arrival_id: int | None
    file: str
    line: int | None
    update_id: str
    code: str
    message: str
    kept: bool


def keep(connection: Connection, new: Sequence[NewRefusal]) -> None:
    """Write them; the same one is kept once."""
    if new:
        insert = insert_into(connection, exchange_refusals).on_conflict_do_nothing()
        connection.execute(insert, [msgspec.structs.asdict(each) for each in new])


def untold(connection: Connection, provider: str) -> list[Untold]:
    """What the provider does not know yet, in the order of its files and their rows."""
    table = exchange_refusals.c
    name = sa.func.coalesce(exchange_arrivals.c.name, "")
    query = (
        sa.select(*columns_of(Untold, exchange_refusals, file=name))
        .outerjoin(exchange_arrivals, exchange_arrivals.c.id == table.arrival_id)
        .where(table.provider == provider, _is_untold())
        .order_by(sa.func.coalesce(table.arrival_id, 0), sa.func.coalesce(table.line, 0), table.id)
    )
    return records(connection, Untold, query)


def _is_untold() -> sa.ColumnElement[bool]:
    """Also what a batch was to tell that was given up before it had bytes."""
    given_up = sa.select(exchange_batches.c.id).where(
        exchange_batches.c.kind == BatchKind.ANSWER,
        exchange_batches.c.state == BatchState.CANCELLED,
    )
    column = exchange_refusals.c.batch_id
    return sa.or_(column.is_(None), column.in_(given_up))


def providers_to_tell(connection: Connection) -> list[str]:
    """Who has something to hear."""
    table = exchange_refusals.c
    query = sa.select(table.provider).where(_is_untold()).distinct()
    return list(connection.scalars(query.order_by(table.provider)))


def put_in(connection: Connection, ids: Collection[int], batch: int) -> None:
    """They go out with a batch."""
    mine = among(connection, exchange_refusals.c.id, ids)
    connection.execute(sa.update(exchange_refusals).where(mine).values(batch_id=batch))
