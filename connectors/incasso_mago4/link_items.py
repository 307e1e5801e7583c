"""Open items out of the document Receivables: one record for each installment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import xxhash

from incasso.api import (
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
    Unreadable,
)
from incasso_mago4.link_values import BadValueError, amount, day, text, whole, yes
from incasso_mago4.link_xml import Record

Fields = Mapping[str, str]

DETAIL: Final = "Detail"
CUSTOMER: Final = 3211264
DEBIT: Final = 4980736
CREDIT: Final = 4980737
OPENING: Final = 5505024
REOPENING: Final = 6946818
FACTORING: Final = 2686996

METHODS: Final[Mapping[int, PaymentMethod]] = {
    2686976: PaymentMethod.DIRECT,
    2686977: PaymentMethod.DIRECT,
    2686978: PaymentMethod.COD,
    2686980: PaymentMethod.BILL,
    2686981: PaymentMethod.RIBA,
    2686982: PaymentMethod.TRANSFER,
    2686983: PaymentMethod.CHEQUE,
    2686984: PaymentMethod.CHEQUE,
    2686988: PaymentMethod.BILL,
    2686989: PaymentMethod.SDD,
    2686990: PaymentMethod.CHEQUE,
    2686991: PaymentMethod.TRANSFER,
    2686992: PaymentMethod.CARD,
    2686997: PaymentMethod.SDD,
    2686998: PaymentMethod.CARD,
}


class Reminder(NamedTuple):
    """What Mago itself reminded a customer of: the last day and the level."""

    on: date | None = None
    level: int = 0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How this company's items are read."""

    currency: str
    methods: Mapping[int, PaymentMethod]
    reminders: Mapping[str, Reminder]


def items(record: Record, reading: Reading) -> Iterator[InstallmentRecord | Unreadable]:
    """The installments of one document; one that cannot be read stops none of the others."""
    header = record.master
    by_number: dict[str, list[Fields]] = {}
    for row in record.blocks.get(DETAIL, ()):
        by_number.setdefault(row.get("InstallmentNo", ""), []).append(row)
    for number, rows in by_number.items():
        key = f"{header.get('PymtSchedId', '')}|{number}"
        try:
            yield _installment(key, header, rows, reading)
        except BadValueError as error:
            raw = repr((dict(header), [dict(row) for row in rows]))
            yield Unreadable(external_id=key, problems=(error.problem,), raw=raw[:2000])


def _installment(
    key: str, header: Fields, rows: Sequence[Fields], reading: Reading
) -> InstallmentRecord:
    opening = _opening(rows)
    client = text(header, "CustSupp")
    if not client or whole(header, "PymtSchedId") <= 0:
        raise BadValueError("CustSupp", "the item names no customer")
    residual, opened = _sum(rows, "Amount"), _sum(_opened(rows), "Amount")
    due = day(opening, "InstallmentDate")
    if due is None:
        raise BadValueError("InstallmentDate", "the installment has no due date")
    currency = text(header, "Currency") or text(opening, "Currency") or reading.currency
    term = whole(opening, "PaymentTerm", 0)
    reminder = reading.reminders.get(client, Reminder())
    return InstallmentRecord(
        key=key,
        client=client,
        due_date=due,
        residual=residual,
        amount=opened if abs(opened) >= abs(residual) and opened * residual >= 0 else None,
        base_residual=_base(rows, currency, reading),
        currency=currency,
        document_kind=_kind(header),
        document_number=text(header, "DocNo"),
        document_date=day(header, "DocumentDate"),
        installment_number=whole(opening, "InstallmentNo"),
        payment_method=reading.methods.get(term, PaymentMethod.OTHER),
        unpaid_on=_latest(rows, "Outstanding", "OutstandingDate") if residual > 0 else None,
        presented_on=_latest(rows, "Presented", "PresentationDate"),
        bill_number=text(opening, "BillNo"),
        agent=text(opening, "Salesperson") or text(header, "Salesperson"),
        area=text(opening, "Area") or text(header, "Area"),
        erp_hold=_hold(header, rows, term),
        notes=text(opening, "Notes") or text(header, "Notes"),
        reminded_on=reminder.on,
        reminders=reminder.level,
        fingerprint=_print(header, rows, reading, reminder),
    )


def _opening(rows: Sequence[Fields]) -> Fields:
    """The row that says when the installment is due: the first opening one."""
    found = _opened(rows)
    if not found:
        raise BadValueError("InstallmentType", "the installment has payments but no opening row")
    return min(found, key=lambda row: row.get("InstallmentDate", ""))


def _opened(rows: Sequence[Fields]) -> list[Fields]:
    return [
        row
        for row in rows
        if whole(row, "InstallmentType") == OPENING and whole(row, "ClosingType", 0) != REOPENING
    ]


def _sum(rows: Sequence[Fields], name: str) -> Decimal:
    """Debit less credit over all rows: what is open, whatever kinds of rows there are."""
    total = Decimal("0.00")
    for row in rows:
        sign = whole(row, "DebitCreditSign")
        if sign not in (DEBIT, CREDIT):
            raise BadValueError("DebitCreditSign", f"{sign} is neither debit nor credit")
        total += amount(row, name) if sign == DEBIT else -amount(row, name)
    return total


def _base(rows: Sequence[Fields], currency: str, reading: Reading) -> Decimal | None:
    if currency == reading.currency:
        return None
    return _sum(rows, "PayableAmountInBaseCurr")


def _kind(header: Fields) -> DocumentKind:
    if yes(header, "CreditNote"):
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.ADVANCE if yes(header, "Advance") else DocumentKind.INVOICE


def _latest(rows: Sequence[Fields], flag: str, name: str) -> date | None:
    days = [found for row in rows if yes(row, flag) and (found := day(row, name))]
    return max(days, default=None)


def _hold(header: Fields, rows: Sequence[Fields], term: int) -> str:
    if any(yes(row, "OpenedAdmCases") for row in rows):
        return "legal"
    if yes(header, "Blocked") or any(yes(row, "Blocked") for row in rows):
        return "blocked"
    return "factoring" if term == FACTORING else ""


def _print(header: Fields, rows: Sequence[Fields], reading: Reading, reminder: Reminder) -> bytes:
    methods = sorted(reading.methods.items())
    raw: list[Any] = [sorted(header.items()), [sorted(row.items()) for row in rows]]
    return xxhash.xxh3_128_digest(repr((raw, reading.currency, methods, reminder)).encode())
