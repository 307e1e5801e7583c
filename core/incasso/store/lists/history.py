"""Lists of what else the ERP gave: documents, payments, differing balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing, Order

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths

_CLIENT = (
    Column("source", sql="source.name"),
    Column("client", sql="client.code"),
    Column("client_name", Kind.PROSE, "client.name"),
)


def _number(sql: str) -> Filter:
    return Filter("number", Asks.TEXT, help="Only of this document number.", sql=sql)


DOCUMENTS = Listing(
    name="documents",
    help="List the clients' documents, as the ERP has them.",
    table="documents",
    by_source=True,
    order=("date", "key"),
    columns=(
        *_CLIENT,
        Column("key"),
        Column("number"),
        Column("date", Kind.DAY),
        Column("kind", Kind.CODE),
        Column("total", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("agent"),
        Column("depot"),
        Column("reason", Kind.PROSE),
        Column("cig"),
        Column("cup"),
        Column("notes", Kind.PROSE),
        Column("gone_on", Kind.DAY),
    ),
    shown="source client_name kind number date total currency reason",
    filters=(*whose(), _number("number"), *days("date")),
)
"""By source, date and key."""

PAYMENTS = Listing(
    name="payments",
    help="List payments and what else made open items smaller, as the ERP has them.",
    table="payments",
    by_source=True,
    order=("paid_on", "key"),
    columns=(
        *_CLIENT,
        Column("key"),
        Column("installment"),
        Column("document_number"),
        Column("paid_on", Kind.DAY),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("kind", Kind.CODE),
        Column("payment_method", Kind.CODE),
        Column("notes", Kind.PROSE),
        Column("gone_on", Kind.DAY),
    ),
    shown="source client_name paid_on amount currency kind payment_method document_number",
    filters=(*whose(), _number("document_number"), *days("paid_on")),
)
"""By source, day and key."""


def _difference(paths: Paths) -> ColumnElement[int]:
    difference: ColumnElement[int] = paths.column("open_items") - paths.column("balance")
    return difference


BALANCES = Listing(
    name="balances",
    help="List clients whose balance in the ERP is not the sum of their open items here.",
    table="balance_differences",
    source="client.source",
    by_source=True,
    order=("client.code",),
    orders=(Order(name="client", by=("client_id",)),),
    columns=(
        Column("source", sql="client.source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("balance", Kind.AMOUNT, currency="currency"),
        Column("open_items", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("checked_on", Kind.DAY),
        Column("difference", Kind.AMOUNT, _difference, currency="currency"),
        Column("counted_as_collected", Kind.AMOUNT, "collected", currency="currency"),
    ),
    shown="source client client_name balance open_items difference counted_as_collected currency "
    "checked_on",
    filters=whose("source client agent"),
)
"""By source and code."""
