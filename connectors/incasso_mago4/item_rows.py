"""One row of the scadenzario with its header, bill and document: what each column is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class ItemRow(NamedTuple):
    """One row of MA_PyblsRcvblsDetails and what stands around it, as the driver gave it.

    The last four only hold when something was changed; they are no part of a fingerprint.
    """

    item: int
    number: int
    row_kind: int
    closing: int
    day: Any
    sign: int
    amount: Any
    base: Any
    client: str
    document_number: str
    document_day: Any
    credit_note: str
    advance: str
    item_blocked: str
    item_currency: str
    item_agent: str
    item_area: str
    opening_day: Any
    term: int
    currency: str
    closed: str
    blocked: str
    agent: str
    area: str
    notes: str
    bill_number: str
    bank: str
    presented: str
    presented_day: Any
    presentation: int
    presented_amount: Any
    collected: str
    outstanding: str
    outstanding_day: Any
    outstanding_amount: Any
    reopening_number: int
    legal: str
    bill_status: int
    bill_due_day: Any
    bill_again_day: Any
    bill_outstanding_day: Any
    bill_return_day: Any
    reminded_day: Any
    reminded_level: int
    sale_kind: int
    depot: str
    row_changed: datetime | None
    item_changed: datetime | None
    bill_changed: datetime | None
    options_changed: datetime | None


STABLE: Final = len(ItemRow._fields) - 4
"""How many columns hold the content of the row, before those with its time of writing."""

Rows = Sequence[ItemRow]

SOURCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "item": ("header", "PymtSchedId"),
        "number": ("detail", "InstallmentNo"),
        "row_kind": ("detail", "InstallmentType"),
        "closing": ("detail", "ClosingType"),
        "day": ("detail", "InstallmentDate"),
        "sign": ("detail", "DebitCreditSign"),
        "amount": ("detail", "Amount"),
        "base": ("detail", "PayableAmountInBaseCurr"),
        "client": ("header", "CustSupp"),
        "document_number": ("header", "DocNo"),
        "document_day": ("header", "DocumentDate"),
        "credit_note": ("header", "CreditNote"),
        "advance": ("header", "Advance"),
        "item_blocked": ("header", "Blocked"),
        "item_currency": ("header", "Currency"),
        "item_agent": ("header", "Salesperson"),
        "item_area": ("header", "Area"),
        "opening_day": ("detail", "OpeningDate"),
        "term": ("detail", "PaymentTerm"),
        "currency": ("detail", "Currency"),
        "closed": ("detail", "Closed"),
        "blocked": ("detail", "Blocked"),
        "agent": ("detail", "Salesperson"),
        "area": ("detail", "Area"),
        "notes": ("detail", "Notes"),
        "bill_number": ("detail", "BillNo"),
        "bank": ("detail", "PresentationBank"),
        "presented": ("detail", "Presented"),
        "presented_day": ("detail", "PresentationDate"),
        "presentation": ("detail", "Presentation"),
        "presented_amount": ("detail", "PresentationAmount"),
        "collected": ("detail", "Collected"),
        "outstanding": ("detail", "Outstanding"),
        "outstanding_day": ("detail", "OutstandingDate"),
        "outstanding_amount": ("detail", "OutstandingAmount"),
        "reopening_number": ("detail", "ReopeningInstallmentNo"),
        "legal": ("detail", "OpenedAdmCases"),
        "bill_status": ("bill", "BillStatus"),
        "bill_due_day": ("bill", "DueDate"),
        "bill_again_day": ("bill", "RePresentationDate"),
        "bill_outstanding_day": ("bill", "OutstandingDate"),
        "bill_return_day": ("bill", "Return1Date"),
        "reminded_day": ("options", "ReqForPymtLastDate"),
        "reminded_level": ("options", "ReqForPymtLastLevel"),
        "sale_kind": ("sale", "DocumentType"),
        "depot": ("sale", "StoragePhase1"),
        "row_changed": ("detail", "TBModified"),
        "item_changed": ("header", "TBModified"),
        "bill_changed": ("bill", "TBModified"),
        "options_changed": ("options", "TBModified"),
    }
)
"""Our name of each column to the table it stands in and its documented name there."""
