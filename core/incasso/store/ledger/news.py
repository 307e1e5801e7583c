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
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments

_CHUNK = 1000


class Change(msgspec.Struct, frozen=True):
    """An installment that came back, opened again or vanished: what it is open for."""

    key: str
    client: str
    residual: int
    currency: str


class Came(msgspec.Struct, frozen=True):
    """A part that came in of an installment, or the rest of it; minor units."""

    key: str
    client: str
    residual: int
    was_residual: int
    currency: str


class News(msgspec.Struct, frozen=True):
    """Changes that the journal lists one by one; `paid` happens every day and is only counted."""

    paid: int
    parts: Sequence[Came]
    """What was paid in part, and what was paid up after a part had come in before."""
    unpaid: Sequence[Change]
    reopened: Sequence[Change]


def news(connection: Connection) -> News:
    """Compare what is staged with the ledger. Ask before applying."""
    staged = staged_installments
    settled = (staged.c.was_status == InstallmentStatus.OPEN, staged.c.residual == 0)
    paid = sa.select(sa.func.count()).where(*settled)
    listed = sa.select(*columns_of(Change, staged)).order_by(staged.c.seq)
    came_back = staged.c.unpaid_on.is_distinct_from(staged.c.was_unpaid_on)
    again = (staged.c.was_status != InstallmentStatus.OPEN, staged.c.residual != 0)
    known = staged.c.known_id.is_not(None)
    returned = sa.case((staged.c.residual == 0, staged.c.amount), else_=staged.c.residual)
    unpaid = (
        sa.select(*columns_of(Change, staged, residual=sa.func.coalesce(returned, 0)))
        .order_by(staged.c.seq)
        .where(known, staged.c.unpaid_on.is_not(None), came_back)
    )
    return News(
        paid=int(connection.scalar(paid) or 0),
        parts=records(connection, Came, _parts()),
        unpaid=records(connection, Change, unpaid),
        reopened=records(connection, Change, listed.where(*again)),
    )


def _parts() -> sa.Select[Any]:
    """Residuals that fell to something, or to nothing from less than the whole amount."""
    staged = staged_installments
    whole = sa.func.coalesce(staged.c.amount, installments.c.amount)
    return (
        sa.select(*columns_of(Came, staged))
        .join(installments, installments.c.id == staged.c.known_id)
        .where(staged.c.was_status == InstallmentStatus.OPEN)
        .where(staged.c.currency == staged.c.was_currency)
        .where(staged.c.residual >= 0, staged.c.residual < staged.c.was_residual)
        .where(sa.or_(staged.c.residual > 0, staged.c.was_residual < whole))
        .order_by(staged.c.seq)
    )


def vanished(connection: Connection) -> list[Change]:
    """What this read closed as vanished. Ask after applying."""
    table = installments
    absent = table.c.id.in_(sa.select(absent_installments.c.id))
    query = (
        sa.select(*columns_of(Change, table, client=clients.c.code))
        .join(clients, clients.c.id == table.c.client_id)
        .where(absent, table.c.status == InstallmentStatus.VANISHED)
        .order_by(table.c.id)
    )
    return records(connection, Change, query)


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
