"""An agreement written straight into the tables, as an act would have left it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_installments, agreements


def agreed(connection: Connection, **values: Any) -> int:
    """Its id. A promise or plan covers its installment, or all that the client owes then."""
    of_payments = values["kind"] in ("promise", "plan")
    about = values.pop("installment_id", None) if of_payments else None
    made = sa.insert(agreements).values(**values).returning(agreements.c.id)
    number = int(connection.execute(made).scalar_one())
    if of_payments:
        query = sa.select(installments.c.id, installments.c.residual).where(
            installments.c.client_id == values["client_id"],
            installments.c.currency == values.get("currency", "EUR"),
            installments.c.status == "open",
            installments.c.residual > 0,
        )
        if about is not None:
            query = query.where(installments.c.id == about)
        rows = [
            {"agreement_id": number, "installment_id": row.id, "residual_then": row.residual}
            for row in connection.execute(query)
        ]
        if rows:
            connection.execute(sa.insert(agreement_installments), rows)
    return number
