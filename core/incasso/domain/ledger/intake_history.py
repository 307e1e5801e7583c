"""Which documents and payments of an ERP are plausible."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.contract.ledger import DocumentKind, DocumentRecord, PaymentRecord
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import RecordFault
from incasso.domain.ledger.plausible import (
    amount_problem,
    currency_problem,
    date_problem,
    key_problem,
    text_problem,
)


def document_problem(record: DocumentRecord, on: date) -> Fault | None:
    """Why this document is refused, or None. `on` bounds the dates."""
    found = (
        _who_problem(record)
        or date_problem("date", record.date, on)
        or currency_problem(record.currency)
    )
    if found or record.total is None:
        return found
    return amount_problem("total", record.total, record.currency) or _sign_problem(record)


def payment_problem(record: PaymentRecord, on: date) -> Fault | None:
    """Why this payment is refused, or None. `on` bounds the dates."""
    return (
        _who_problem(record)
        or date_problem("paid_on", record.paid_on, on)
        or currency_problem(record.currency)
        or amount_problem("amount", record.amount, record.currency)
    )


def _who_problem(record: DocumentRecord | PaymentRecord) -> Fault | None:
    fields = msgspec.structs.asdict(record).items()
    texts = ((name, value) for name, value in fields if isinstance(value, str))
    return (
        key_problem("key", record.key)
        or key_problem("client", record.client)
        or text_problem(texts)
    )


def _sign_problem(record: DocumentRecord) -> Fault | None:
    if record.kind is DocumentKind.CREDIT_NOTE and record.total is not None and record.total > 0:
        return fault(RecordFault.SIGN, "total", amount=record.total)
    return None
