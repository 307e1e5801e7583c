"""Planning's agenda as tests read and set it: the first day of each installment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agenda


def first_look() -> sa.Label[Any]:
    """The next day on which planning looks at an installment, for a query of installments."""
    return (
        sa.select(sa.func.min(agenda.c.look_on))
        .where(agenda.c.installment_id == installments.c.id)
        .correlate(installments)
        .scalar_subquery()
        .label("look_on")
    )


def first_looks(connection: Connection) -> Mapping[int, date | None]:
    """That day of every installment; None: nothing to expect until something changes."""
    query = sa.select(installments.c.id, first_look()).order_by(installments.c.id)
    return {row.id: row.look_on for row in connection.execute(query)}


def set_look(connection: Connection, day: date | None, ids: Collection[int] | None = None) -> None:
    """Planning looks at these installments, or at all, on that day and on no other."""
    query = sa.select(sa.literal(day, sa.Date()), installments.c.client_id, installments.c.id)
    gone = sa.delete(agenda)
    if ids is not None:
        query = query.where(installments.c.id.in_(ids))
        gone = gone.where(agenda.c.installment_id.in_(ids))
    connection.execute(gone)
    if day is not None:
        names = ["look_on", "client_id", "installment_id"]
        connection.execute(sa.insert(agenda).from_select(names, query))
