"""What clients owe here beside the ERP's own balance of them: compared, never applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.overdue import COLLECTED
from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.staging import OPEN
from incasso.store.records import columns_of, records
from incasso.store.tables.columns import Minor
from incasso.store.tables.history import balance_differences
from incasso.store.tables.ledger import clients, installments, sources

_COLLECTED: Final = sa.and_(
    installments.c.erp_hold == COLLECTED, installments.c.status == InstallmentStatus.PAID
)


class OwingClient(msgspec.Struct, frozen=True):
    """A client with open items, or with bills that only count as collected; minor units."""

    id: int
    code: str
    open_items: int | None
    """In the company's own currency. None: one is in another without the ERP's conversion."""
    collected: int
    """Bills that count as collected by days alone, in the company's own currency."""

    def explained(self, balance: int) -> int:
        """The bills counted as collected, if the ERP's balance differs by just these; else 0."""
        return self.collected if balance - (self.open_items or 0) == self.collected else 0


def owing(
    connection: Connection, source_id: int, own_currency: str, after: str, most: int
) -> list[OwingClient]:
    """Clients with open items, or with bills counted as collected, by code."""
    table = installments
    is_own = table.c.currency == own_currency
    own = sa.case((is_own, table.c.residual), else_=table.c.base_residual)
    known = sa.func.count(own) == sa.func.count()
    open_items = sa.case((known, sa.cast(sa.func.sum(own), Minor)), else_=None)
    bill = sa.case((sa.and_(_COLLECTED, is_own), table.c.amount), else_=0)
    collected = sa.cast(sa.func.sum(bill), Minor)
    query = (
        sa.select(*columns_of(OwingClient, clients, open_items=open_items, collected=collected))
        .join(table, table.c.client_id == clients.c.id)
        .where(clients.c.source_id == source_id, clients.c.code > after, sa.or_(OPEN, _COLLECTED))
        .group_by(clients.c.id, clients.c.code)
        .order_by(clients.c.code)
        .limit(most)
    )
    return records(connection, OwingClient, query)


def keep(
    connection: Connection,
    owing: Sequence[OwingClient],
    balances: Mapping[int, int],
    currency: str,
    on: date,
) -> int:
    """Write the differing ones of these clients and forget the others; gives how many differ by
    more than bills counted as collected."""
    ids = [client.id for client in owing]
    table = balance_differences
    connection.execute(sa.delete(table).where(table.c.client_id.in_(ids)))
    different = [
        {
            "client_id": client.id,
            "checked_on": on,
            "balance": balances[client.id],
            "open_items": client.open_items,
            "collected": client.explained(balances[client.id]),
            "currency": currency,
        }
        for client in owing
        if client.id in balances and balances[client.id] != client.open_items
    ]
    if different:
        connection.execute(sa.insert(table), different)
    return sum(not row["collected"] for row in different)


def set_after(connection: Connection, source_id: int, code: str) -> None:
    """Where the next comparison goes on; empty: from the first client."""
    change = sa.update(sources).where(sources.c.id == source_id)
    connection.execute(change.values(balances_after=code))


def forget_balanced(connection: Connection, source_id: int) -> None:
    """Differences of clients that neither owe anything nor have such bills are no news."""
    table = balance_differences
    mine = sa.select(clients.c.id).where(clients.c.source_id == source_id)
    owes = sa.exists().where(
        installments.c.client_id == table.c.client_id, sa.or_(OPEN, _COLLECTED)
    )
    connection.execute(sa.delete(table).where(table.c.client_id.in_(mine), ~owes))


def differing(connection: Connection, source_id: int) -> int:
    """How many clients of the source differ by more than bills counted as collected."""
    return _count(connection, source_id, balance_differences.c.collected == 0)


def explained(connection: Connection, source_id: int) -> int:
    """How many differ by these bills alone."""
    return _count(connection, source_id, balance_differences.c.collected != 0)


def _count(connection: Connection, source_id: int, only: sa.ColumnElement[bool]) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(balance_differences)
        .join(clients, clients.c.id == balance_differences.c.client_id)
        .where(clients.c.source_id == source_id, only)
    )
    return int(connection.scalar(query) or 0)
