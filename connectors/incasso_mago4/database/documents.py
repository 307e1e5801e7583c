"""Documents: one for each open item, with what the sale document adds where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from incasso.api import (
    Cursor,
    DocumentItem,
    DocumentKind,
    DocumentRecord,
    Page,
    Problem,
    Unreadable,
)
from incasso.api import text as sentence
from incasso_mago4.codes import DEBIT_NOTE, SALE_DOCUMENTS
from incasso_mago4.database.customers import code_of
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import customers_of, in_scope
from incasso_mago4.database.schema import Relation
from incasso_mago4.database.since import Latest, begin, touched
from incasso_mago4.installment import Installments
from incasso_mago4.raw import NotMoneyError, day, flag, money, number, text

PAGE = 1_000


class DocumentRow(NamedTuple):
    """One header with its sale document, as the driver gave it."""

    item: int
    client: str
    number: str
    day: Any
    credit_note: str
    advance: str
    currency: str
    agent: str
    total: Any
    description: str
    cig: str
    cup: str
    sale_kind: int | None
    depot: str
    sale_total: Any
    changed: Any
    sale_changed: Any


def pull(mago: Mago, since: Cursor | None) -> Iterator[Page[DocumentItem]]:
    """Documents of the items in scope, or those touched since. Raises CursorExpiredError."""
    latest = Latest(mago)
    builder = Installments(mago.settings, mago.on)
    for part in mago.client.read(statement(mago, since), at_once=PAGE):
        rows = [DocumentRow._make(row) for row in part]
        for row in rows:
            latest.saw(row.changed, row.sale_changed)
        yield Page(items=tuple(_item_of(row, builder) for row in rows))
    yield Page(cursor=latest.cursor)


def statement(mago: Mago, since: Cursor | None) -> sa.Select[Any]:
    """One row for each item: of several sale documents behind one item the first counts."""
    schema = mago.schema
    header = schema.relation("MA_PyblsRcvbls", "h")
    sale, summary = schema.relation("MA_SaleDoc", "s"), schema.relation("MA_SaleDocSummary", "y")
    joined: Any = header.table
    if sale.has("PymtSchedId"):
        joined = _with_sale(mago, joined, header, sale)
        if summary:
            joined = joined.outerjoin(summary.table, summary["SaleDocId"] == sale["SaleDocId"])
    else:
        sale, summary = Relation(sale.name, {}, None), Relation(summary.name, {}, None)
    names = "DocNo DocumentDate CreditNote Advance Currency Salesperson"
    more = "TotalAmount Description ContractCode ProjectCode"
    columns = [
        header["PymtSchedId"],
        code_of(schema, header),
        *(header[name] for name in (*names.split(), *more.split())),
        sale["DocumentType"],
        sale["StoragePhase1"],
        summary["TotalAmount"],
        header["TBModified"],
        sale["TBModified"],
    ]
    if since is None:
        where = in_scope(schema, header, mago.settings, mago.on)
    else:
        marks = [
            relation["TBModified"] for relation in (header, sale) if relation.has("TBModified")
        ]
        where = [*customers_of(schema, header, mago.settings), touched(begin(mago, since), *marks)]
    labelled = [c.label(name) for c, name in zip(columns, DocumentRow._fields, strict=True)]
    chosen = sa.select(*labelled).select_from(joined)
    return chosen.where(*where).order_by(header["PymtSchedId"])


def _with_sale(mago: Mago, joined: Any, header: Relation, sale: Relation) -> Any:
    each = mago.schema.relation("MA_SaleDoc", "e")
    first = (
        sa.select(each["PymtSchedId"].label("item"), sa.func.min(each["SaleDocId"]).label("sale"))
        .where(each["PymtSchedId"] != 0, each["DocumentType"].in_(SALE_DOCUMENTS))
        .group_by(each["PymtSchedId"])
        .subquery("f")
    )
    return joined.outerjoin(first, first.c.item == header["PymtSchedId"]).outerjoin(
        sale.table, sale["SaleDocId"] == first.c.sale
    )


def _item_of(row: DocumentRow, builder: Installments) -> DocumentItem:
    try:
        return document_of(row, builder)
    except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
        problem = Problem(
            code="unreadable", message=str(error), hint=sentence("look at the document in Mago")
        )
        raw = f"PymtSchedId={row.item} DocNo={row.number} total={row.total}"
        return Unreadable(external_id=str(row.item), problems=(problem,), raw=raw)


def document_of(row: DocumentRow, builder: Installments) -> DocumentRecord:
    """One document; its key is that of the item. Raises NotMoneyError, ValueError."""
    on = day(row.day)
    if on is None:
        raise ValueError(sentence("the document has no date"))
    currency = builder.iso(text(row.currency))
    kind = _kind(row)
    total = money(row.sale_total, currency) if row.sale_total else money(row.total, currency)
    if kind in (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE):
        total = -abs(total)
    return DocumentRecord(
        key=str(row.item),
        client=text(row.client),
        number=text(row.number),
        date=on,
        kind=kind,
        total=total if total != Decimal(0) else None,
        currency=currency,
        agent=text(row.agent),
        depot=text(row.depot),
        reason=SALE_DOCUMENTS.get(number(row.sale_kind), "") or text(row.description),
        cig=text(row.cig),
        cup=text(row.cup),
    )


def _kind(row: DocumentRow) -> DocumentKind:
    if flag(row.credit_note):
        return DocumentKind.CREDIT_NOTE
    if flag(row.advance):
        return DocumentKind.ADVANCE
    return DocumentKind.DEBIT_NOTE if row.sale_kind == DEBIT_NOTE else DocumentKind.INVOICE
