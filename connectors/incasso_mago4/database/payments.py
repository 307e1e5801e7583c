"""Payments: every row that changed what is open, other than the one that opened it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from incasso.api import (
    Cursor,
    Page,
    PaymentItem,
    PaymentKind,
    PaymentMethod,
    PaymentRecord,
    Problem,
    Unreadable,
)
from incasso.api import text as sentence
from incasso_mago4.codes import BASE_ONLY, CREDIT, DEBIT, KINDS, OPENING, REOPENING
from incasso_mago4.database.customers import code_of
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import customers_of, in_scope
from incasso_mago4.database.since import Latest, begin
from incasso_mago4.installment import Installments
from incasso_mago4.raw import NotMoneyError, day, flag, money, number, paragraph, text

PAGE = 1_000


class PaymentRow(NamedTuple):
    """One closing row with its header, as the driver gave it."""

    item: int
    number: int
    row_kind: int
    closing: int
    day: Any
    sign: int
    amount: Any
    term: int
    currency: str
    compensation: int
    notes: str
    client: str
    document: str
    item_currency: str
    credit_note: str
    advance: str
    changed: Any


def pull(mago: Mago, since: Cursor | None) -> Iterator[Page[PaymentItem]]:
    """Payments of the items in scope, or those touched since. Raises CursorExpiredError."""
    latest = Latest(mago)
    builder = Installments(mago.settings, mago.on)
    for part in mago.client.read(statement(mago, since), at_once=PAGE):
        rows = [PaymentRow._make(row) for row in part]
        for row in rows:
            latest.saw(row.changed)
        yield Page(items=tuple(_item_of(row, builder) for row in rows))
    yield Page(cursor=latest.cursor)


def statement(mago: Mago, since: Cursor | None) -> sa.Select[Any]:
    """Rows that exist in the company's currency only change nothing that the client owes."""
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    detail = mago.schema.relation("MA_PyblsRcvblsDetails", "d")
    names = (
        "PymtSchedId InstallmentNo InstallmentType ClosingType InstallmentDate DebitCreditSign "
        "Amount PaymentTerm Currency CompensationNo Notes"
    )
    columns = [
        *(detail[name] for name in names.split()),
        code_of(mago.schema, header),
        *(header[name] for name in "DocNo Currency CreditNote Advance".split()),
        detail["TBModified"],
    ]
    labelled = [c.label(name) for c, name in zip(columns, PaymentRow._fields, strict=True)]
    if since is None:
        where = in_scope(mago.schema, header, mago.settings, mago.on)
    else:
        mark = "TBModified" if detail.has("TBModified") else "InstallmentDate"
        mine = customers_of(mago.schema, header, mago.settings)
        where = [*mine, detail[mark] >= begin(mago, since)]
    no_opening = sa.or_(detail["InstallmentType"] != OPENING, detail["ClosingType"] == REOPENING)
    keys = "PymtSchedId InstallmentNo InstallmentType ClosingType InstallmentDate"
    return (
        sa.select(*labelled)
        .select_from(
            header.table.join(detail.table, header["PymtSchedId"] == detail["PymtSchedId"])
        )
        .where(
            *where,
            no_opening,
            detail["ClosingType"].not_in(sorted(BASE_ONLY)),
        )
        .order_by(*(detail[name] for name in keys.split()))
    )


def _item_of(row: PaymentRow, builder: Installments) -> PaymentItem:
    try:
        return payment_of(row, builder)
    except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
        problem = Problem(
            code="unreadable", message=str(error), hint=sentence("look at the item in Mago")
        )
        raw = f"date={row.day} sign={row.sign} amount={row.amount} currency={row.currency}"
        return Unreadable(external_id=key_of(row), problems=(problem,), raw=raw)


def key_of(row: PaymentRow) -> str:
    """The whole key of the table, because two kinds of rows may share a day."""
    on = day(row.day)
    when = f"{on:%Y%m%d}" if on else "0"
    return f"{row.item}|{row.number}|{row.row_kind}|{row.closing}|{when}"


def payment_of(row: PaymentRow, builder: Installments) -> PaymentRecord:
    """One payment; money that came in is positive. Raises NotMoneyError, ValueError."""
    on = day(row.day)
    if on is None:
        raise ValueError(sentence("the payment has no date"))
    if row.sign not in (DEBIT, CREDIT):
        raise ValueError(sentence("the sign {sign} is neither debit nor credit", sign=row.sign))
    currency = builder.iso(text(row.currency) or text(row.item_currency))
    amount = money(row.amount, currency)
    return PaymentRecord(
        key=key_of(row),
        client=text(row.client),
        installment=f"{row.item}|{row.number}",
        document_number=text(row.document),
        paid_on=on,
        amount=amount if row.sign == CREDIT else -amount,
        currency=currency,
        kind=_kind(row),
        payment_method=builder.methods.get(number(row.term), PaymentMethod.OTHER),
        notes=paragraph(row.notes),
    )


def _kind(row: PaymentRow) -> PaymentKind:
    """Settlements of credits, and compensations, are no incoming money."""
    kind = KINDS.get(row.closing, PaymentKind.OTHER)
    own = flag(row.credit_note) or flag(row.advance)
    if kind is PaymentKind.MONEY and (own or number(row.compensation)):
        return PaymentKind.SET_OFF
    return kind
