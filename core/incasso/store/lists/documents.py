"""What lies in the folders of documents, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Asks, Belongs, Column, Filter, Kind, Listing, Order

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _has_problem(paths: Paths, only: bool) -> ColumnElement[bool] | None:
    return paths.column("problem") != "" if only else None


INVOICES = Listing(
    name="invoices",
    help="Look into the folders of invoices and list what lies there.",
    table="document_index",
    belongs=Belongs.SOURCE,
    order=("source.name", "path", "place"),
    orders=(Order(name="path", by=("path", "place"), by_source=True),),
    columns=(
        Column("source", sql="source.name"),
        Column("path", Kind.PROSE),
        Column("place", Kind.NUMBER),
        Column("mark"),
        Column("form", Kind.CODE),
        Column("number"),
        Column("number_key"),
        Column("day", Kind.DAY),
        Column("year", Kind.NUMBER),
        Column("kind", Kind.CODE),
        Column("client"),
        Column("customer_vat"),
        Column("customer_tax_code"),
        Column("supplier_vat"),
        Column("problem", Kind.PROSE),
    ),
    shown="source path form number day customer_vat problem",
    filters=(
        Filter(
            "problems",
            Asks.SWITCH,
            help="Only files that cannot be used, and why.",
            where=_has_problem,
        ),
        *whose("source"),
    ),
)
