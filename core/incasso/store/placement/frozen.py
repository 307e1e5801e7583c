"""The rows of a lot as they were frozen, in the order of its digest; streams, for a lot is long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.credit import FrozenCredit
from incasso.domain.placement.digest import FrozenRow
from incasso.domain.placement.states import PlacementState, RowState
from incasso.store.placement import pages
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import placement_rows, placements


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
    for numbers in pages.of_lot(connection, lot):
        query = (
            sa.select(table.c.id, *(installments.c[name] for name in names))
            .join(installments, installments.c.id == table.c.installment_id)
            .where(among(connection, table.c.placement_id, numbers))
            .where(table.c.state == RowState.COMPOSED)
            .order_by(table.c.id)
        )
        values = [
            {"b_row": row, "b": msgspec.to_builtins(FrozenCredit(*credit))}
            for row, *credit in connection.execute(query).all()
        ]
        if values:
            connection.execute(change, values)


def rows(connection: Connection, lot: int) -> Iterator[PlacedRow]:
    """The rows that are in the lot or left with it, by placement and row, in pages: the
    connection may be used for other things meanwhile."""
    for numbers in pages.of_lot(connection, lot, placements.c.state != PlacementState.DROPPED):
        yield from _page(connection, numbers)


def _page(connection: Connection, numbers: Sequence[int]) -> list[PlacedRow]:
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
    # Rows that were taken out before the lot left.
    taken_out = sa.and_(
        placements.c.state == PlacementState.COMPOSED, table.c.state == RowState.OVER
    )
    query = (
        sa.select(*columns)
        .join(placements, placements.c.id == table.c.placement_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(among(connection, table.c.placement_id, numbers), ~taken_out)
        .order_by(placements.c.id, table.c.id)
    )
    return records(connection, PlacedRow, query)
