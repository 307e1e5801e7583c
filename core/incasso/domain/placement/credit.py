"""One credit as it was when its lot was frozen: what goes to the provider stays that."""

from __future__ import annotations

from datetime import date

import msgspec


class FrozenCredit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of an installment what the ERP said of it; amounts in minor units."""

    key: str
    due_date: date
    amount: int
    document_kind: str = "invoice"
    document_number: str = ""
    document_date: date | None = None
    installment_number: int = 1
    payment_method: str = "other"
    unpaid_on: date | None = None
