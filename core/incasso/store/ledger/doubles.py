"""New items that look like others under another key: reported, never refused."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.staging import staged_installments
from incasso.store.tables.ledger import installments

LOOKED_AT: Final = 200
"""New items that are compared. What doubles a ledger doubles all of it."""


def doubled(connection: Connection, source_id: int) -> list[tuple[str, str]]:
    """Pairs of keys, new and other, with the same client, document, due date and amounts.

    Only the first `LOOKED_AT` new items with a document number. Ask after applying.
    """
    staged = staged_installments
    some = (
        sa.select(staged.c.key)
        .where(staged.c.known_id.is_(None), staged.c.residual > 0, staged.c.document_number != "")
        .order_by(staged.c.seq)
        .limit(LOOKED_AT)
    )
    keys = connection.scalars(some).all()
    if not keys:
        return []
    new, other = installments.alias("new"), installments.alias("other")
    same = (
        "client_id document_kind document_number installment_number due_date amount residual "
        "currency status"
    ).split()
    query: sa.Select[Any] = (
        sa.select(new.c.key, sa.func.min(other.c.key))
        .join(other, sa.and_(*(new.c[name] == other.c[name] for name in same)))
        .where(
            new.c.source_id == source_id,
            new.c.key.in_(keys),
            new.c.status == InstallmentStatus.OPEN,
        )
        .where(new.c.document_date.is_not_distinct_from(other.c.document_date))
        .where(other.c.id != new.c.id, other.c.absences == 0)
        .group_by(new.c.key)
        .order_by(new.c.key)
    )
    return [(key, alike) for key, alike in connection.execute(query)]
