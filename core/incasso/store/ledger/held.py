"""What the hub holds of a source after a sync: open sums, and what it keeps open for the moment."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.ledger.staging import OPEN
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments


class AbsentSum(msgspec.Struct, frozen=True):
    """A client's open items that the last read did not bring, in one currency; minor units."""

    code: str
    name: str
    currency: str
    items: int
    residual: int


def open_sums(connection: Connection, source_id: int) -> dict[str, int]:
    """By currency: the residual of every open item, those absent from the last read included."""
    table = installments
    query = (
        sa.select(table.c.currency, sa.func.sum(table.c.residual))
        .where(table.c.source_id == source_id, OPEN)
        .group_by(table.c.currency)
    )
    return {currency: int(total) for currency, total in connection.execute(query)}


def absent_sums(connection: Connection, source_id: int) -> list[AbsentSum]:
    """Clients with open items that are absent and not closed yet, the largest sum first."""
    table = installments
    total = sa.func.sum(table.c.residual)
    query = (
        sa.select(
            *columns_of(
                AbsentSum,
                clients,
                currency=table.c.currency,
                items=sa.func.count(),
                residual=total,
            )
        )
        .join(table, table.c.client_id == clients.c.id)
        .where(table.c.source_id == source_id, OPEN, table.c.absences > 0)
        .group_by(clients.c.id, clients.c.code, clients.c.name, table.c.currency)
        .order_by(total.desc(), clients.c.code)
    )
    return records(connection, AbsentSum, query)
