"""Fill a lot and empty it again while it has not left: rows, and what was left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.placement.choosing import LeftOut
from incasso.domain.placement.states import PlacementState, RowState
from incasso.store.placement import pages
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments
from incasso.store.tables.placement import lot_left_out, lots, placement_rows, placements
from incasso.store.upserting import insert_into

_AT_ONCE: Final = 500


class TakenMeanwhileError(IncassoError):
    """One of the installments came into another lot at this moment; nothing was done."""


class NewRow(msgspec.Struct, frozen=True, gc=False):
    """One installment for a lot; the residual in minor units."""

    client_id: int
    currency: str
    installment_id: int
    case_id: int | None
    residual: int
    days_late: int


class Excluded(msgspec.Struct, frozen=True, gc=False):
    """One installment that stays out, and why."""

    installment_id: int
    reason: LeftOut
    value: str
    residual: int


def add(connection: Connection, lot: int, rows: Iterable[NewRow]) -> None:
    """Put rows into a lot: one placement for each client and currency.

    Raises TakenMeanwhileError for an installment that is in another lot by now.
    """
    together = groupby(sorted(rows, key=_of), key=_of)
    for some in _parts(((who, tuple(each)) for who, each in together)):
        made = _make_placements(connection, lot, some)
        values = [
            {
                "placement_id": made[who],
                "installment_id": row.installment_id,
                "case_id": row.case_id,
                "state": RowState.COMPOSED,
                "residual": row.residual,
                "days_late": row.days_late,
            }
            for who, theirs in some
            for row in theirs
        ]
        try:
            connection.execute(sa.insert(placement_rows), values)
        except IntegrityError as error:
            if "installment_id" not in str(error.orig):
                raise
            raise TakenMeanwhileError(
                text("One of these credits came into another lot at this moment: compose again.")
            ) from None


T = TypeVar("T")


def _parts(every: Iterable[T]) -> Iterator[tuple[T, ...]]:
    every = iter(every)
    while some := tuple(islice(every, _AT_ONCE)):
        yield some


def _of(row: NewRow) -> tuple[int, str]:
    return row.client_id, row.currency


def _make_placements(
    connection: Connection,
    lot: int,
    some: Sequence[tuple[tuple[int, str], Sequence[NewRow]]],
) -> dict[tuple[int, str], int]:
    values = [
        {
            "lot_id": lot,
            "client_id": client,
            "currency": currency,
            "state": PlacementState.COMPOSED,
            "total": sum(row.residual for row in rows),
        }
        for (client, currency), rows in some
    ]
    table = placements.c
    new = sa.insert(placements).returning(table.id, table.client_id, table.currency)
    made = connection.execute(new, values)
    return {(client, currency): number for number, client, currency in made}


def leave_out(connection: Connection, lot: int, left: Iterable[Excluded], on: date) -> None:
    """Keep what stays out of a lot, and why; what was kept before of the same one stands."""
    new = insert_into(connection, lot_left_out).on_conflict_do_nothing()
    for some in _parts(left):
        same = {"lot_id": lot, "on_date": on}
        connection.execute(new, [msgspec.structs.asdict(each) | same for each in some])


def left_out_of(
    connection: Connection, codes: Collection[str]
) -> dict[LeftOut, tuple[int, dict[str, int]]]:
    """What some lots left out together: number and sums by currency, the most frequent first."""
    table = lot_left_out.c
    query = (
        sa.select(
            table.reason, installments.c.currency, sa.func.count(), sa.func.sum(table.residual)
        )
        .join(lots, lots.c.id == table.lot_id)
        .join(installments, installments.c.id == table.installment_id)
        .where(among(connection, lots.c.code, codes))
        .group_by(table.reason, installments.c.currency)
    )
    found: dict[LeftOut, tuple[int, dict[str, int]]] = {}
    for reason, currency, number, amount in connection.execute(query):
        n, sums = found.get(reason, (0, {}))
        found[reason] = (n + number, {**sums, currency: int(amount)})
    return dict(sorted(found.items(), key=lambda each: (-each[1][0], each[0])))


def take_out(connection: Connection, rows: Collection[int], on: date) -> None:
    """Rows that have not left leave their lot; a placement without rows is dropped."""
    mine = among(connection, placement_rows.c.id, rows)
    inside = sa.and_(mine, placement_rows.c.state == RowState.COMPOSED)
    connection.execute(
        sa.update(placement_rows).where(inside).values(state=RowState.OVER, over_on=on)
    )
    _drop_empty(connection, sa.select(placement_rows.c.placement_id).where(mine), on)


def take_out_all(connection: Connection, lot: int, on: date) -> None:
    """The same for everything in a lot."""
    of_lot = sa.select(placements.c.id).where(placements.c.lot_id == lot)
    connection.execute(
        sa.update(placement_rows)
        .where(placement_rows.c.placement_id.in_(of_lot))
        .where(placement_rows.c.state == RowState.COMPOSED)
        .values(state=RowState.OVER, over_on=on)
    )
    _drop_empty(connection, of_lot, on)


def _drop_empty(connection: Connection, which: sa.Select[tuple[int]], on: date) -> None:
    left = sa.select(1).where(
        placement_rows.c.placement_id == placements.c.id,
        placement_rows.c.state == RowState.COMPOSED,
    )
    connection.execute(
        sa.update(placements)
        .where(placements.c.id.in_(which), placements.c.state == PlacementState.COMPOSED)
        .where(~left.exists())
        .values(state=PlacementState.DROPPED, over_on=on)
    )


class Residual(msgspec.Struct, frozen=True):
    """What a row of a lot that has not left is worth now."""

    row: int
    residual: int
    days_late: int


def residuals(connection: Connection, rows: Mapping[int, int]) -> dict[int, int]:
    """What some rows, by installment, are worth in their lot."""
    table = placement_rows
    query = sa.select(table.c.id, table.c.residual)
    found = query.where(among(connection, table.c.id, list(rows.values())))
    return dict(connection.execute(found).all())


def set_residuals(connection: Connection, found: Iterable[Residual]) -> None:
    """Rows of a lot that has not left as they stand now."""
    table = placement_rows
    change = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("b_row"))
        .values(residual=sa.bindparam("b_residual"), days_late=sa.bindparam("b_days"))
    )
    for some in _parts(found):
        values = [
            {"b_row": one.row, "b_residual": one.residual, "b_days": one.days_late} for one in some
        ]
        connection.execute(change, values)


def sum_placements(connection: Connection, lot: int) -> None:
    """The total of each placement that is still in the lot, from its rows."""
    table = placement_rows
    whole = sa.select(sa.func.coalesce(sa.func.sum(table.c.residual), 0)).where(
        table.c.placement_id == placements.c.id, table.c.state == RowState.COMPOSED
    )
    connection.execute(
        sa.update(placements)
        .where(placements.c.lot_id == lot, placements.c.state == PlacementState.COMPOSED)
        .values(total=whole.scalar_subquery())
    )


def count(connection: Connection, lot: int) -> tuple[int, int, dict[str, int]]:
    """Placements, rows and sums by currency of what is in the lot or was handed over with it."""
    table = placements.c
    query = (
        sa.select(
            table.currency,
            sa.func.count(sa.distinct(table.id)),
            sa.func.count(),
            sa.func.sum(placement_rows.c.residual),
        )
        .join(placement_rows, placement_rows.c.placement_id == table.id)
        .where(table.lot_id == lot, table.state != PlacementState.DROPPED)
        .where(
            sa.or_(placement_rows.c.state != RowState.OVER, table.state != PlacementState.COMPOSED)
        )
        .group_by(table.currency)
        .order_by(table.currency)
    )
    found = connection.execute(query).all()
    sums = {currency: int(amount) for currency, _, _, amount in found}
    return sum(row[1] for row in found), sum(row[2] for row in found), sums


def keep_count(connection: Connection, lot: int) -> None:
    """Write the same with the lot."""
    clients, rows, sums = count(connection, lot)
    values = {"placements": clients, "rows": rows, "sums": sums}
    connection.execute(sa.update(lots).where(lots.c.id == lot).values(values))


def row_pages(connection: Connection, lot: int) -> Iterator[list[tuple[int, int]]]:
    """The rows of a lot that has not left, with their installments: a client's in one page."""
    table = placement_rows
    for numbers in pages.of_lot(connection, lot, placements.c.state == PlacementState.COMPOSED):
        query = sa.select(table.c.id, table.c.installment_id).where(
            among(connection, table.c.placement_id, numbers), table.c.state == RowState.COMPOSED
        )
        found = connection.execute(query.order_by(table.c.id)).all()
        if found:
            yield [(row, installment) for row, installment in found]
