"""What a staged record becomes stands under the right column of its table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from incasso.contract.ledger import (
    ClientRecord,
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
)
from incasso.store.bulk import Values
from incasso.store.ledger.staged_rows import Staged, client_values, installment_values
from incasso.store.ledger.staging import read_columns, staged_clients, staged_installments

PRINT = b"0123456789abcdef"


def named(table: sa.Table, values: Values) -> dict[str, Any]:
    names = [column.name for column in read_columns(table)]
    return dict(zip(names, values, strict=True))


def test_an_installment_stands_under_its_columns() -> None:
    record = InstallmentRecord(
        key="A-1/1",
        client="C1",
        document_kind=DocumentKind.DEBIT_NOTE,
        document_number="A-1",
        document_date=date(2026, 9, 1),
        installment_number=2,
        due_date=date(2026, 10, 1),
        amount=Decimal("120.50"),
        residual=Decimal("20.05"),
        currency="USD",
        payment_method=PaymentMethod.RIBA,
        unpaid_on=date(2026, 10, 2),
        presented_on=date(2026, 9, 3),
        agent="A9",
        depot="D9",
        area="NE",
        notes="note",
        document="DOC",
        bill_number="B7",
        base_residual=Decimal("18.00"),
        reminded_on=date(2026, 10, 4),
        reminders=3,
        erp_hold="legal",
    )
    staged = Staged(7, 70, record, PRINT, "installments.csv", 12)
    assert named(staged_installments, installment_values(staged, "EUR")) == {
        "seq": 7,
        "known_id": 70,
        "client": "C1",
        "key": "A-1/1",
        "document_kind": "debit_note",
        "document_number": "A-1",
        "document_date": "2026-09-01",
        "installment_number": 2,
        "due_date": "2026-10-01",
        "amount": 12050,
        "residual": 2005,
        "currency": "USD",
        "payment_method": "riba",
        "unpaid_on": "2026-10-02",
        "presented_on": "2026-09-03",
        "agent": "A9",
        "depot": "D9",
        "area": "NE",
        "notes": "note",
        "document": "DOC",
        "bill_number": "B7",
        "base_residual": 1800,
        "reminded_on": "2026-10-04",
        "reminders": 3,
        "erp_hold": "legal",
        "fingerprint": PRINT,
        "file": "installments.csv",
        "row": 12,
    }


def test_what_an_installment_does_not_say_is_null_and_its_residual_stands_for_its_amount() -> None:
    whole = Decimal("10.00")
    record = InstallmentRecord(
        key="1", client="C1", due_date=date(2026, 10, 1), amount=whole, residual=whole
    )
    row = named(
        staged_installments,
        installment_values(Staged(1, None, record, PRINT, "", None), "EUR"),
    )
    assert (row["amount"], row["residual"], row["due_date"]) == (1000, 1000, "2026-10-01")
    nothing = ("known_id", "document_date", "unpaid_on", "base_residual", "reminded_on", "row")
    assert [row[name] for name in nothing] == [None] * len(nothing)


def test_a_client_stands_under_its_columns() -> None:
    told: dict[str, Any] = {
        "code": "C1",
        "name": "Rossi",
        "vat": "IT01234560017",
        "tax_code": "RSSMRA",
        "is_person": True,
        "address": "Via Po 2",
        "zip": "10121",
        "city": "Torino",
        "province": "TO",
        "country": "IT",
        "language": "it",
        "email": "c1@example.it",
        "pec": "c1@pec.example.it",
        "phone": "011",
        "mobile": "333",
        "fax": "012",
        "contact_person": "Anna",
        "contact_role": "acquisti",
        "call_hours": "9-12",
        "agent": "A9",
        "depot": "D9",
        "area": "NE",
        "category": "K",
        "payment_terms": "60",
        "blocked": True,
        "excluded": True,
        "seasonal": True,
        "rating": "B",
        "notes": "note",
        "public_body": True,
        "unpaid_count": 4,
        "formerly": "C0",
    }
    record = ClientRecord(**told, credit_limit=Decimal("1500.00"))
    staged = Staged(3, None, record, PRINT, "clients.csv", 5)
    row = named(staged_clients, client_values(staged, "EUR"))
    read = {"seq": 3, "known_id": None, "file": "clients.csv", "row": 5}
    assert row == {**told, **read, "credit_limit": 150000, "fingerprint": PRINT}
