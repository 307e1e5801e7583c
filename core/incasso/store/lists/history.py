"""Lists of what the ERP told beside open items: documents, payments, differing balances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select, Table

from incasso.store.lists.filters import (
    HistoryFilter,
    WhoFilter,
    narrow,
    narrow_days,
    narrow_who,
)
from incasso.store.lists.rows import Fields, in_order, money, pages, sources_by_name
from incasso.store.tables.history import balance_differences
from incasso.store.tables.history import documents as _documents
from incasso.store.tables.history import payments as _payments
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.office import users

_DOCUMENT = "key number date kind total currency agent depot reason cig cup notes gone_on".split()
_PAYMENT = (
    "key installment document_number paid_on amount currency kind payment_method notes gone_on"
).split()


def documents(connection: Connection, wanted: HistoryFilter) -> Iterator[Fields]:
    """Documents by source, date and key."""
    table = _documents
    query = narrow(_query(table, _DOCUMENT, wanted), table.c.number, wanted.number)
    query = narrow_days(query, table.c.date, wanted.first_on, wanted.last_on)
    yield from _rows(connection, query, table, table.c.date, wanted, "total")


def payments(connection: Connection, wanted: HistoryFilter) -> Iterator[Fields]:
    """Payments and adjustments by source, day and key."""
    table = _payments
    query = narrow(_query(table, _PAYMENT, wanted), table.c.document_number, wanted.number)
    query = narrow_days(query, table.c.paid_on, wanted.first_on, wanted.last_on)
    yield from _rows(connection, query, table, table.c.paid_on, wanted, "amount")


def balances(connection: Connection, wanted: WhoFilter) -> Iterator[Fields]:
    """Clients whose balance in the ERP is another than the sum of their open items here."""
    table = balance_differences
    query: Select[Any] = (
        sa.select(
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            table.c.balance,
            table.c.open_items,
            table.c.currency,
            table.c.checked_on,
        )
        .select_from(table)
        .join(clients, clients.c.id == table.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
    )
    query = narrow_who(query, wanted)
    in_turn = query.order_by(in_order(connection, clients.c.code))
    for source, _ in sources_by_name(connection, wanted.source):
        for page in pages(connection, in_turn.where(clients.c.source_id == source)):
            for row in page:
                amounts = {
                    "balance": money(row.balance, row.currency),
                    "open_items": money(row.open_items, row.currency),
                    "difference": money(row.open_items - row.balance, row.currency),
                }
                yield {**row._mapping, **amounts}


def _query(table: Table, names: list[str], wanted: HistoryFilter) -> Select[Any]:
    query = (
        sa.select(
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            *(table.c[name] for name in names),
        )
        .select_from(table)
        .join(sources, sources.c.id == table.c.source_id)
        .join(clients, clients.c.id == table.c.client_id)
    )
    if wanted.operator is not None:
        query = query.join(users, users.c.id == clients.c.operator_id)
        query = query.where(users.c.login == wanted.operator)
    return narrow_who(query, wanted)


def _rows(
    connection: Connection,
    query: Select[Any],
    table: Table,
    day: ColumnElement[Any],
    wanted: HistoryFilter,
    amount: str,
) -> Iterator[Fields]:
    names = query.selected_columns.keys()
    in_turn = query.order_by(day, in_order(connection, table.c.key))
    for source, _ in sources_by_name(connection, wanted.source):
        for page in pages(connection, in_turn.where(table.c.source_id == source)):
            for row in page:
                fields = dict(zip(names, row, strict=True))
                yield {**fields, amount: money(fields[amount], fields["currency"])}
