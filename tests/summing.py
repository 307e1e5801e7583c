"""Tests that write into the tables themselves say so here: the sums of clients follow."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.ledger import totals
from incasso.store.recovery import case_counts
from incasso.store.tables.ledger import installments


def sum_up(connection: Connection, on: date) -> None:
    """Whatever was written, the sums are right on that day."""
    totals.count_all(connection, on)
    case_counts.count_all(connection)


def wrote(connection: Connection, client: int, on: date) -> None:
    """The same at the end of the transaction, for one client."""
    totals.changed(connection, [client], on)
    case_counts.count_again(connection, [client])


def owner_of(connection: Connection, installment: int) -> int:
    """The client of an installment."""
    query = sa.select(installments.c.client_id).where(installments.c.id == installment)
    return int(connection.execute(query).scalar_one())
