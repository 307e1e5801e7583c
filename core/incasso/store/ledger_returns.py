"""Staged installments that were at the bank or came back from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.ledger_staging import staged_installments

_PAGE = 1000


def bills(connection: Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """Changed rows that the ledger has a bill's dates of, and whose return the read did not tell.

    Rows have seq, residual, presented_on, and what the ledger held: was_due_date,
    was_presented_on, was_unpaid_on. The caller may change a page before asking for the next.
    """
    table, last = staged_installments, -1
    known = sa.or_(table.c.was_presented_on.is_not(None), table.c.was_unpaid_on.is_not(None))
    names = "seq residual presented_on was_due_date was_presented_on was_unpaid_on".split()
    query = (
        sa.select(*(table.c[name] for name in names))
        .where(known, table.c.unpaid_on.is_(None), table.c.seq > sa.bindparam("last"))
        .order_by(table.c.seq)
        .limit(_PAGE)
    )
    while rows := connection.execute(query, {"last": last}).all():
        yield rows
        last = rows[-1].seq


def set_dates(
    connection: Connection, dates: Sequence[tuple[int, date | None, date | None]]
) -> None:
    """By seq: the days a staged bill was presented and came back."""
    table = staged_installments
    change = (
        sa.update(table)
        .where(table.c.seq == sa.bindparam("b_seq"))
        .values(presented_on=sa.bindparam("b_presented"), unpaid_on=sa.bindparam("b_unpaid"))
    )
    rows = [
        {"b_seq": seq, "b_presented": presented, "b_unpaid": unpaid}
        for seq, presented, unpaid in dates
    ]
    if rows:
        connection.execute(change, rows)
