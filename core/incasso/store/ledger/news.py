"""What a read means for single installments: paid, come back unpaid, open again, vanished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.known import Seen
from incasso.store.ledger.staging import absent_installments, staged_installments
from incasso.store.tables.ledger import clients, installments

_CHUNK = 1000


class News(msgspec.Struct, frozen=True):
    """Changes that the journal tells one by one; `paid` is daily bread and only counted."""

    paid: int
    unpaid: Sequence[Any]
    reopened: Sequence[Any]


def news(connection: Connection) -> News:
    """Compare what is staged with the ledger. Ask before applying.

    Rows have key, client, residual, currency, unpaid_on as they will be, and was_status.
    """
    staged = staged_installments
    settled = (staged.c.was_status == InstallmentStatus.OPEN, staged.c.residual == 0)
    paid = sa.select(sa.func.count()).where(*settled)
    names = ("key", "client", "residual", "currency", "unpaid_on", "was_status")
    told = sa.select(*(staged.c[name] for name in names)).order_by(staged.c.seq)
    came_back = staged.c.unpaid_on.is_distinct_from(staged.c.was_unpaid_on)
    again = (staged.c.was_status != InstallmentStatus.OPEN, staged.c.residual != 0)
    known = staged.c.known_id.is_not(None)
    return News(
        paid=int(connection.scalar(paid) or 0),
        unpaid=connection.execute(
            told.where(known, staged.c.unpaid_on.is_not(None), came_back)
        ).all(),
        reopened=connection.execute(told.where(*again)).all(),
    )


def vanished(connection: Connection) -> Sequence[Any]:
    """What this read closed as vanished: key, client, residual, currency. Ask after applying."""
    table = installments
    return connection.execute(
        sa.select(table.c.key, clients.c.code.label("client"), table.c.residual, table.c.currency)
        .join(clients, clients.c.id == table.c.client_id)
        .where(
            table.c.id.in_(sa.select(absent_installments.c.id)),
            table.c.status == InstallmentStatus.VANISHED,
        )
        .order_by(table.c.id)
    ).all()


def arrived(
    connection: Connection,
    table: Table,
    key: str,
    source_id: int,
    keys: Sequence[str],
    seen: Seen,
) -> set[str]:
    """Those of the keys whose row was in this read and is in the ledger. Ask after applying."""
    found = set()
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        query = sa.select(table.c[key], table.c.id).where(
            table.c.source_id == source_id, table.c[key].in_(some)
        )
        found |= {name for name, row_id in connection.execute(query) if row_id in seen}
    return found
