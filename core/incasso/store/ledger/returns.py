"""Staged installments that were at the bank or came back from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.staging import (
    absent_installments,
    gone_installments,
    staged_installments,
)
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments

_PAGE = 1000


class StagedBill(msgspec.Struct, frozen=True):
    """A changed row of a bill; `was_…` is what the ledger holds."""

    seq: int
    residual: int
    presented_on: date | None
    was_due_date: date
    was_presented_on: date | None
    was_unpaid_on: date | None


class BillDates(msgspec.Struct, frozen=True):
    """The days on which a staged bill was presented and came back."""

    seq: int
    presented_on: date | None
    unpaid_on: date | None


def bills(connection: Connection) -> Iterator[Sequence[StagedBill]]:
    """Changed rows that the ledger has a bill's dates of, and whose return the read did not tell.

    In pages; the caller may change one before asking for the next.
    """
    table, last = staged_installments, -1
    known = sa.or_(table.c.was_presented_on.is_not(None), table.c.was_unpaid_on.is_not(None))
    query = (
        sa.select(*columns_of(StagedBill, table))
        .where(known, table.c.unpaid_on.is_(None), table.c.seq > sa.bindparam("last"))
        .order_by(table.c.seq)
        .limit(_PAGE)
    )
    while page := records(connection, StagedBill, query, {"last": last}):
        yield page
        last = page[-1].seq


def bills_under_new_keys(connection: Connection, source_id: int, on: date) -> Sequence[int]:
    """New rows (by seq) that are a bill the ledger knows: the same client, number of the bill,
    currency and amount as an item that was at the bank, fell due, and is open no longer."""
    staged, table = staged_installments, installments
    settled = staged.alias("settled")
    closing = sa.or_(
        table.c.status != InstallmentStatus.OPEN,
        table.c.id.in_(sa.select(absent_installments.c.id)),
        table.c.id.in_(sa.select(gone_installments.c.id)),
        sa.exists().where(settled.c.known_id == table.c.id, settled.c.residual == 0),
    )
    query = (
        sa.select(staged.c.seq)
        .distinct()
        .join(clients, sa.and_(clients.c.source_id == source_id, clients.c.code == staged.c.client))
        .join(table, table.c.client_id == clients.c.id)
        .where(staged.c.known_id.is_(None), staged.c.residual > 0, staged.c.bill_number != "")
        .where(staged.c.unpaid_on.is_(None), staged.c.presented_on.is_(None))
        .where(table.c.bill_number == staged.c.bill_number, table.c.currency == staged.c.currency)
        .where(table.c.amount == sa.func.coalesce(staged.c.amount, staged.c.residual))
        .where(table.c.presented_on.is_not(None), table.c.due_date <= on, closing)
    )
    return connection.scalars(query).all()


def set_dates(connection: Connection, dates: Sequence[BillDates]) -> None:
    """Give staged bills their dates."""
    table = staged_installments
    change = (
        sa.update(table)
        .where(table.c.seq == sa.bindparam("b_seq"))
        .values(presented_on=sa.bindparam("b_presented"), unpaid_on=sa.bindparam("b_unpaid"))
    )
    rows = [
        {"b_seq": each.seq, "b_presented": each.presented_on, "b_unpaid": each.unpaid_on}
        for each in dates
    ]
    if rows:
        connection.execute(change, rows)
