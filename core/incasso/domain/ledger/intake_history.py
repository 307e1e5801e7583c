"""Which documents and payments of an ERP are believable."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.contract.ledger import DocumentKind, DocumentRecord, PaymentRecord
from incasso.contract.values import Problem
from incasso.domain.ledger.plausible import (
    amount_problem,
    currency_problem,
    date_problem,
    key_problem,
    problem_of,
    text_problem,
)


def document_problem(record: DocumentRecord, on: date) -> Problem | None:
    """Why this document cannot be believed, or None. `on` bounds the dates."""
    found = (
        _who_problem(record)
        or date_problem("date", record.date, on)
        or currency_problem(record.currency)
    )
    if found or record.total is None:
        return found
    return amount_problem("total", record.total, record.currency) or _sign_problem(record)


def payment_problem(record: PaymentRecord, on: date) -> Problem | None:
    """Why this payment cannot be believed, or None. `on` bounds the dates."""
    return (
        _who_problem(record)
        or date_problem("paid_on", record.paid_on, on)
        or currency_problem(record.currency)
        or amount_problem("amount", record.amount, record.currency)
    )


def _who_problem(record: DocumentRecord | PaymentRecord) -> Problem | None:
    fields = msgspec.structs.asdict(record).items()
    texts = ((name, value) for name, value in fields if isinstance(value, str))
    return (
        key_problem("key", record.key)
        or key_problem("client", record.client)
        or text_problem(texts)
    )


def _sign_problem(record: DocumentRecord) -> Problem | None:
    if record.kind is DocumentKind.CREDIT_NOTE and record.total is not None and record.total > 0:
        hint = "credit notes are negative in the ledger"
        return problem_of("total", "sign", f"{record.total} on a credit is positive", hint)
    return None
