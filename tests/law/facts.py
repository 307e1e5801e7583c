"""Facts about a client's debts, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from incasso.contract.channel import DeliveryState
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.law.facts import Facts
from incasso.store.law.credits import AgreementRow, CreditRow, DebtorRow, PaidRow
from incasso.store.law.papers import ProofRow, SentRow

ON = date(2026, 11, 23)

DEBTOR = DebtorRow(
    id=1, source="acme", code="C1", name="Bar Sport", vat="IT1", tax_code="", is_person=False,
    public_body=False, address="Via Po 2", zip="10121", city="Torino", province="TO", country="IT",
    email="", pec="c@pec.example", phone="", language="",
)  # fmt: skip


def credit(number: int, due: str, residual: int, **other: Any) -> CreditRow:
    """An open installment of that many cents; by default an invoice of its own."""
    values: dict[str, Any] = {
        "id": number, "source_id": 1, "client_id": 1, "key": f"K{number}", "document": "",
        "document_kind": "invoice", "document_number": f"{number}/A",
        "document_date": date.fromisoformat(due), "installment_number": 1,
        "due_date": date.fromisoformat(due), "payable_by": date.fromisoformat(due),
        "amount": residual, "residual": residual, "currency": "EUR", "payment_method": "transfer",
        "unpaid_on": None, "bill_number": "",
    }  # fmt: skip
    return CreditRow(**{**values, **other})


def paid(on: str, cents: int, *, key: str = "", document: str = "", kind: str = "money") -> PaidRow:
    """What the ERP tells."""
    return PaidRow(key, document, date.fromisoformat(on), cents, "EUR", kind)


def agreement(kind: AgreementKind, made_on: str, **other: Any) -> AgreementRow:
    """A promise, plan or dispute that holds."""
    values: dict[str, Any] = {
        "id": 7, "kind": kind, "status": AgreementStatus.ACTIVE, "installment_id": None,
        "made_on": date.fromisoformat(made_on), "until_on": None, "reason": "",
    }  # fmt: skip
    return AgreementRow(**{**values, **other})


def sent(on: str, medium: str = "pec", step: int = 1) -> SentRow:
    """A message of a step that the other side took."""
    day = date.fromisoformat(on)
    at = datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    return SentRow(
        f"d{step}", step, 1, "mora", medium, "c@pec.example", DeliveryStatus.ACCEPTED, day, at,
        None, "", "", "ab", "message/rfc822", "m.eml",
    )  # fmt: skip


def receipt(
    at: datetime, step: int = 1, state: DeliveryState = DeliveryState.DELIVERED
) -> ProofRow:
    """A receipt in the archive."""
    return ProofRow(f"d{step}", at, state, "", "cd", "message/rfc822", "r.eml")


def facts(*credits: CreditRow, debtor: DebtorRow = DEBTOR, **other: Any) -> Facts:
    """Everything above zero and before the day is overdue."""
    values: dict[str, Any] = {
        "on": ON, "debtor": debtor, "credits": credits,
        "overdue": frozenset(
            each.id for each in credits if each.residual > 0 and each.payable_by < ON
        ),
        "payments": (), "agreements": (), "messages": (), "proofs": {}, "asked_for": {},
        "formal_steps": frozenset(), "answers": (), "attachments": (), "stages": {},
        "journal": None,
    }  # fmt: skip
    return Facts(**{**values, **other})


__all__: Sequence[str] = ("DEBTOR", "ON", "agreement", "credit", "facts", "paid", "receipt", "sent")
