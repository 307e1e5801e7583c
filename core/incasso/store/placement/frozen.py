"""The rows of a lot as they were frozen, in the order of its digest; streams, for a lot is long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.credit import FrozenCredit
from incasso.domain.placement.digest import FrozenRow
from incasso.domain.placement.states import PlacementState, RowState
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import placement_rows, placements

_PAGE: Final = 1_000


class PlacedRow(msgspec.Struct, frozen=True):
    """One row of a lot with what was frozen of it; the residual in minor units."""

    placement: int
    row: int
    client_id: int
    source: str
    client: str
    currency: str
    residual: int
    days_late: int
    frozen: Mapping[str, Any]

    @property
    def credit(self) -> FrozenCredit:
        """What the ERP said of it when the lot was frozen."""
        return msgspec.convert(self.frozen, FrozenCredit)

    @property
    def digested(self) -> FrozenRow:
        """What the digest covers."""
        credit = self.credit
        return FrozenRow(
            placement=self.placement,
            row=self.row,
            source=self.source,
            client=self.client,
            key=credit.key,
            due_date=credit.due_date,
            currency=self.currency,
            residual=self.residual,
        )


def freeze(connection: Connection, lot: int) -> None:
    """Keep with each row what the ERP says of its credit now."""
    table = placement_rows
    names = FrozenCredit.__struct_fields__
    change = (
        sa.update(table).where(table.c.id == sa.bindparam("b_row")).values(frozen=sa.bindparam("b"))
    )
    after = 0
    while True:
        query = (
            sa.select(table.c.id, *(installments.c[name] for name in names))
            .join(placements, placements.c.id == table.c.placement_id)
            .join(installments, installments.c.id == table.c.installment_id)
            .where(placements.c.lot_id == lot, table.c.state == RowState.COMPOSED)
            .where(table.c.id > after)
            .order_by(table.c.id)
            .limit(_PAGE)
        )
        found = connection.execute(query).all()
        if not found:
            return
        values = [
            {"b_row": row, "b": msgspec.to_builtins(FrozenCredit(*credit))}
            for row, *credit in found
        ]
        connection.execute(change, values)
        after = found[-1][0]


def rows(connection: Connection, lot: int) -> Iterator[PlacedRow]:
    """The rows that are in the lot or left with it, by placement and row, in pages: the
    connection may be used for other things meanwhile."""
    after = (0, 0)
    while page := _page(connection, lot, after):
        yield from page
        after = (page[-1].placement, page[-1].row)


def _page(connection: Connection, lot: int, after: tuple[int, int]) -> list[PlacedRow]:
    table = placement_rows
    columns = columns_of(
        PlacedRow,
        table,
        placement=placements.c.id,
        row=table.c.id,
        client_id=placements.c.client_id,
        source=sources.c.name,
        client=clients.c.code,
        currency=placements.c.currency,
    )
    query = (
        sa.select(*columns)
        .join(placements, placements.c.id == table.c.placement_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(*_inside(lot), sa.tuple_(placements.c.id, table.c.id) > after)
        .order_by(placements.c.id, table.c.id)
        .limit(_PAGE)
    )
    return records(connection, PlacedRow, query)


def _inside(lot: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Rows of the lot but for those that were taken out before it left."""
    in_hand = placements.c.state == PlacementState.COMPOSED
    taken_out = sa.and_(in_hand, placement_rows.c.state == RowState.OVER)
    return (
        placements.c.lot_id == lot,
        placements.c.state != PlacementState.DROPPED,
        ~taken_out,
    )
