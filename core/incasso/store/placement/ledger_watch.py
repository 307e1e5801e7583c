"""Placed rows of which the ERP says something else than when it was last looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.ledger import PaymentKind
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.placement.states import RowState
from incasso.store.records import columns_of, records
from incasso.store.tables.history import payments
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import lots, placement_rows, placements

_LOST = (InstallmentStatus.VANISHED, InstallmentStatus.GONE)
_NO_MONEY = tuple(
    kind for kind in PaymentKind if kind not in (PaymentKind.MONEY, PaymentKind.REVERSAL)
)


class Moved(msgspec.Struct, frozen=True):
    """A row whose residual in the ERP moved; minor units."""

    row: int
    placement: int
    lot_id: int
    lot: str
    provider: str
    source_id: int
    source: str
    client_id: int
    client: str
    key: str
    currency: str
    state: RowState
    was: int
    residual: int
    is_lost: bool
    """The ERP does not have it any more: nobody knows that it was paid."""
    handed_on: date | None


def moved(connection: Connection, after: int, most: int) -> list[Moved]:
    """The next rows by number.

    Rows at a provider, and those that ended and wait for the provider's money to show. What was
    placed is looked through, by the keys of both tables; the rest of the ledger is not.
    """
    is_lost = installments.c.status.in_(_LOST)
    now = sa.case((is_lost, 0), else_=installments.c.residual)
    was = sa.func.coalesce(placement_rows.c.erp_residual, placement_rows.c.residual)
    query = (
        sa.select(
            *columns_of(
                Moved,
                placement_rows,
                row=placement_rows.c.id,
                placement=placement_rows.c.placement_id,
                lot_id=lots.c.id,
                lot=lots.c.code,
                provider=lots.c.provider,
                source_id=lots.c.source_id,
                source=sources.c.name,
                client_id=clients.c.id,
                client=clients.c.code,
                key=installments.c.key,
                currency=placements.c.currency,
                was=was,
                residual=now,
                is_lost=is_lost,
                handed_on=lots.c.handed_on,
            )
        )
        .join(installments, installments.c.id == placement_rows.c.installment_id)
        .join(placements, placements.c.id == placement_rows.c.placement_id)
        .join(lots, lots.c.id == placements.c.lot_id)
        .join(sources, sources.c.id == lots.c.source_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .where(placement_rows.c.id > after, now != was)
        .where(installments.c.currency == placements.c.currency)
        .where(_watched())
        .order_by(placement_rows.c.id)
        .limit(most)
    )
    return records(connection, Moved, query)


def _watched() -> sa.ColumnElement[bool]:
    waits_for_money = sa.and_(
        placement_rows.c.state == RowState.OVER, sa.text("placement_rows.unmet <> 0")
    )
    return sa.or_(placement_rows.c.state == RowState.PLACED, waits_for_money)


def reduced_without_money(connection: Connection, rows: Collection[Moved]) -> Mapping[int, int]:
    """By row, what the ERP tells of credit notes and allowances since the lot was handed over."""
    found: dict[int, int] = {}
    for row in rows:
        query = sa.select(sa.func.coalesce(sa.func.sum(payments.c.amount), 0)).where(
            payments.c.client_id == row.client_id,
            payments.c.installment == row.key,
            payments.c.kind.in_(_NO_MONEY),
            payments.c.gone_on.is_(None),
        )
        if row.handed_on is not None:
            query = query.where(payments.c.paid_on >= row.handed_on)
        found[row.row] = int(connection.scalar(query) or 0)
    return found


def looked_at(connection: Connection, residuals: Mapping[int, int]) -> None:
    """The ERP says this of these rows now."""
    change = (
        sa.update(placement_rows)
        .where(placement_rows.c.id == sa.bindparam("b_id"))
        .values(erp_residual=sa.bindparam("b_residual"))
    )
    rows = [{"b_id": row, "b_residual": residual} for row, residual in residuals.items()]
    connection.execute(change, rows)
