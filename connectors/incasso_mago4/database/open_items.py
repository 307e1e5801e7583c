"""The queries of open items: every row of what is open, at the bank, or lately settled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from incasso.api import ConfigurationError, text
from incasso_mago4.codes import BILL_UNPAID, CLOSING, CUSTOMER, SALE_DOCUMENT
from incasso_mago4.database.customers import code_of
from incasso_mago4.database.schema import Relation, Schema
from incasso_mago4.item_rows import SOURCES
from incasso_mago4.settings import Mago4Settings


@dataclass(frozen=True)
class Surroundings:
    """The tables of one query of open items, joined."""

    header: Relation
    detail: Relation
    bill: Relation
    options: Relation
    sale: Relation
    client: sa.ColumnElement[Any]

    def __getitem__(self, name: str) -> sa.ColumnElement[Any]:
        if name == "client":
            return self.client
        table, column = SOURCES[name]
        relation: Relation = getattr(self, table)
        return relation[column]

    def flag(self, name: str) -> sa.ColumnElement[Any]:
        """A Boolean to count with: '0' where this release has no such column."""
        table, column = SOURCES[name]
        relation: Relation = getattr(self, table)
        return relation[column] if relation.has(column) else sa.literal_column("'0'")

    @property
    def changes(self) -> list[sa.ColumnElement[Any]]:
        """Where each joined table says when a row was written."""
        tables = (self.header, self.detail, self.bill, self.options)
        return [each["TBModified"] for each in tables if each.has("TBModified")]

    @property
    def tells_changes(self) -> bool:
        """Whether every part of an item says when it was written."""
        present = [each for each in (self.header, self.detail, self.bill, self.options) if each]
        return len(self.changes) == len(present)

    @property
    def joined(self) -> sa.FromClause:
        """Header and rows, with what stands beside them where there is such a table."""
        header, detail = self.header, self.detail
        found: Any = header.table.join(detail.table, header["PymtSchedId"] == detail["PymtSchedId"])
        if self.bill and detail.has("BillCode"):
            found = found.outerjoin(
                self.bill.table,
                sa.and_(detail["BillCode"] == self.bill["BillCode"], _filled(detail["BillCode"])),
            )
        if self.options:
            same = self.options["Customer"] == header["CustSupp"]
            # The same code may be a customer and a supplier: the type is part of the key.
            typed = self.options["CustSuppType"] == CUSTOMER
            found = found.outerjoin(self.options.table, sa.and_(same, typed))
        if self.sale:
            linked = detail["DocumentId"] == self.sale["SaleDocId"]
            typed = detail["DocumentType"] == SALE_DOCUMENT
            found = found.outerjoin(self.sale.table, sa.and_(linked, typed))
        return found  # type: ignore[no-any-return]


def around(schema: Schema) -> Surroundings:
    """The tables of a query, as far as they are there."""
    header = schema.relation("MA_PyblsRcvbls", "h")
    detail = schema.relation("MA_PyblsRcvblsDetails", "d")
    linked = detail.has("DocumentId", "DocumentType")
    return Surroundings(
        header=header,
        detail=detail,
        bill=schema.relation("MA_Bills", "b")
        if detail.has("BillCode")
        else Relation("MA_Bills", {}, None),
        options=schema.relation("MA_CustSuppCustomerOptions", "o"),
        sale=schema.relation("MA_SaleDoc", "s") if linked else Relation("MA_SaleDoc", {}, None),
        client=code_of(schema, header),
    )


def all_rows(schema: Schema, settings: Mago4Settings, on: date) -> sa.Select[Any]:
    """Every row of what is in scope, item by item and installment by installment."""
    tables = around(schema)
    return _rows(tables).where(*in_scope(schema, tables.header, settings, on))


def rows_of(schema: Schema, settings: Mago4Settings, items: Collection[int]) -> sa.Select[Any]:
    """Every row of some items, settled or not. At most 1,000: SQL Server takes 2,100 arguments."""
    tables = around(schema)
    mine = customers_of(schema, tables.header, settings)
    return _rows(tables).where(*mine, tables.header["PymtSchedId"].in_(list(items)))


def rows_with_bills(
    schema: Schema, settings: Mago4Settings, on: date, clients: Collection[str] = ()
) -> sa.Select[Any]:
    """Every row of items in scope with a bill that was presented or came back, and with closings:
    without a closing the rows by themselves tell all that is owed."""
    tables = around(schema)
    bills = schema.relation("MA_PyblsRcvblsDetails", "j")
    closings = schema.relation("MA_PyblsRcvblsDetails", "k")
    same = bills["PymtSchedId"] == closings["PymtSchedId"]
    items = (
        sa.select(bills["PymtSchedId"])
        .select_from(bills.table.join(closings.table, same))
        .where(closings["InstallmentType"] == CLOSING, _has_bill(schema, bills))
    )
    scope = in_scope(schema, tables.header, settings, on)
    found = _rows(tables).where(*scope, tables["item"].in_(items))
    return found.where(tables.header["CustSupp"].in_(list(clients))) if clients else found


def _has_bill(schema: Schema, detail: Relation) -> sa.ColumnElement[bool]:
    marks = [detail[name] == "1" for name in ("Presented", "Outstanding") if detail.has(name)]
    return sa.or_(sa.false(), *marks, *_unpaid_bill(schema, detail))


def _unpaid_bill(schema: Schema, detail: Relation) -> list[sa.ColumnElement[bool]]:
    """The bill came back, whatever the row says; nothing where bills cannot be read."""
    bill = schema.relation("MA_Bills", "n")
    if not bill or not detail.has("BillCode"):
        return []
    unpaid = sa.select(bill["BillCode"]).where(bill["BillStatus"] == BILL_UNPAID)
    return [sa.and_(detail["BillCode"].in_(unpaid), _filled(detail["BillCode"]))]


def _filled(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Holds something; to Oracle an empty text is NULL, and a comparison with it never true."""
    return sa.func.nullif(column, "").is_not(None)


def _rows(tables: Surroundings) -> sa.Select[Any]:
    columns = [tables[name].label(name) for name in SOURCES]
    return (
        sa.select(*columns)
        .select_from(tables.joined)
        .order_by(*(tables[name] for name in ("item", "number", "row_kind", "closing", "day")))
    )


def customers_of(
    schema: Schema, header: Relation, settings: Mago4Settings
) -> list[sa.ColumnElement[bool]]:
    """Customers' items of this company.

    Raises ConfigurationError if the column that names the company is not there.
    """
    found = [header["CustSuppType"] == CUSTOMER]
    if settings.fiscal_company:
        column = schema.column(header, settings.fiscal_company_column)
        if column is None:
            raise ConfigurationError(
                text(
                    "fiscal_company_column: {name} has no column {fiscal_company_column!r}; it "
                    "has {columns}",
                    name=header.name,
                    fiscal_company_column=settings.fiscal_company_column,
                    columns=list(schema.columns(header.name)),
                )
            )
        found.append(column == settings.fiscal_company)
    return found


def in_scope(
    schema: Schema,
    header: Relation,
    settings: Mago4Settings,
    on: date,
    since: datetime | None = None,
) -> list[sa.ColumnElement[bool]]:
    """Not settled; or lately touched; or a bill that may come back, or did.

    Lately is within the look-back, and not after `since`.
    """
    begin = start_of(on - timedelta(days=settings.lookback_days))
    begin = min(begin, since or begin)
    open_or_late: list[Any] = [header["Settled"] == "0", header["DocumentDate"] >= begin]
    if header.has("TBModified"):
        open_or_late.append(header["TBModified"] >= begin)
    open_or_late.append(header["PymtSchedId"].in_(_still_matters(schema, settings, on, begin)))
    return [*customers_of(schema, header, settings), sa.or_(*open_or_late)]


def _still_matters(
    schema: Schema, settings: Mago4Settings, on: date, begin: datetime
) -> sa.Select[Any]:
    """Items with a row that matters although the header may say that all is settled."""
    detail = schema.relation("MA_PyblsRcvblsDetails", "m")
    matters: list[Any] = [detail["InstallmentDate"] >= begin]
    if detail.has("TBModified"):
        matters.append(detail["TBModified"] >= begin)
    if detail.has("Presented"):
        latest = start_of(on - timedelta(days=settings.longest_notice))
        matters.append(sa.and_(detail["Presented"] == "1", detail["InstallmentDate"] >= latest))
    if detail.has("Outstanding"):
        matters.append(detail["Outstanding"] == "1")
    matters += _unpaid_bill(schema, detail)
    return sa.select(detail["PymtSchedId"]).where(sa.or_(*matters))


def start_of(day: date) -> datetime:
    """A day as Mago compares it: its first instant, in local time."""
    return datetime.combine(day, time.min)
