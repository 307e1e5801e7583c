"""Bank charges of bills that came back: as configured for the company, or as a person set them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause

from incasso.store.records import columns_of
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments, sources


class ReturnedBill(msgspec.Struct, frozen=True):
    """An installment that may have come back from the bank; minor units."""

    document_number: str
    currency: str
    unpaid_on: date | None
    charges: int
    """What is asked beside it."""


def charges_asked(item: FromClause, source: FromClause) -> ColumnElement[int]:
    """What is asked beside an installment, minor units; 0 for what did not come back.

    What is configured is in the company's currency: it is not asked beside another one.
    """
    own = sa.case((item.c.currency == source.c.currency, source.c.returned_bill_charges), else_=0)
    came_back = sa.and_(item.c.unpaid_on.is_not(None), item.c.residual > 0)
    return sa.case((came_back, sa.func.coalesce(item.c.charges, own)), else_=0)


def returned_bills(connection: Connection, ids: Collection[int]) -> dict[int, ReturnedBill]:
    """These installments by their number, whether they came back or not."""
    asked = charges_asked(installments, sources)
    query = (
        sa.select(installments.c.id, *columns_of(ReturnedBill, installments, charges=asked))
        .join(sources, sources.c.id == installments.c.source_id)
        .where(among(connection, installments.c.id, ids))
    )
    return {number: ReturnedBill(*values) for number, *values in connection.execute(query)}
