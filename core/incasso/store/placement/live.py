"""What providers have at this moment: placements, their rows, and when their mandates end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.moves import AT_PROVIDER, OUT
from incasso.domain.placement.states import RowState
from incasso.store.placement import pages
from incasso.store.records import records
from incasso.store.sql_ids import among
from incasso.store.tables.placement import lots, placement_rows, placements

_AT_PROVIDER = placements.c.state.in_(sorted(AT_PROVIDER))


class LiveRow(msgspec.Struct, frozen=True):
    """One row that a provider has."""

    placement: int
    row: int


def rows(
    connection: Connection,
    lot: int,
    *,
    client: int | None = None,
    installment: int | None = None,
    until_before: date | None = None,
) -> Iterator[dict[int, list[int]]]:
    """The rows of a lot that the provider has, by placement, in pages: all, one client's, one, or
    those whose mandate ended before a day."""
    conditions: list[sa.ColumnElement[bool]] = [_AT_PROVIDER]
    if client is not None:
        conditions.append(placements.c.client_id == client)
    if until_before is not None:
        conditions.append(placements.c.until < until_before)
    table = placement_rows.c
    for numbers in pages.of_lot(connection, lot, *conditions):
        query = (
            sa.select(table.placement_id, table.id)
            .where(among(connection, table.placement_id, numbers), table.state == RowState.PLACED)
            .order_by(table.placement_id, table.id)
        )
        if installment is not None:
            query = query.where(table.installment_id == installment)
        found: dict[int, list[int]] = {}
        for each in records(connection, LiveRow, query):
            found.setdefault(each.placement, []).append(each.row)
        if found:
            yield found


def count(connection: Connection, lot: int) -> int:
    """How many placements of a lot the provider has."""
    query = sa.select(sa.func.count()).select_from(placements)
    return connection.scalar(query.where(placements.c.lot_id == lot, _AT_PROVIDER)) or 0


def extend(connection: Connection, lot: int, until: date, *, client: int | None = None) -> int:
    """The mandate of what the provider has ends on another day. How many placements."""
    mine = sa.and_(placements.c.lot_id == lot, _AT_PROVIDER)
    if client is not None:
        mine = sa.and_(mine, placements.c.client_id == client)
    return connection.execute(sa.update(placements).where(mine).values(until=until)).rowcount


def installments_of(lot: int) -> sa.Select[tuple[int]]:
    """The installments of a lot that the provider has."""
    return (
        sa.select(placement_rows.c.installment_id)
        .join(placements, placements.c.id == placement_rows.c.placement_id)
        .where(placements.c.lot_id == lot, placement_rows.c.state == RowState.PLACED)
    )


class EndingLot(msgspec.Struct, frozen=True):
    """A lot of which mandates end."""

    id: int
    first: date
    """The first last day among its placements."""
    placements: int
    """How many end by then."""


def ending(connection: Connection, last: date) -> list[EndingLot]:
    """The lots with placements whose mandate's last day is that one or before."""
    table = placements.c
    query = (
        sa.select(table.lot_id, sa.func.min(table.until), sa.func.count())
        .join(lots, lots.c.id == table.lot_id)
        .where(lots.c.state.in_(sorted(OUT)), _AT_PROVIDER, table.until <= last)
        .group_by(table.lot_id)
        .order_by(table.lot_id)
    )
    return records(connection, EndingLot, query)
