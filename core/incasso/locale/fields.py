"""What the fields of an installment are called in a sentence, by their name in the database."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

INSTALLMENT_FIELDS: Final[Labels] = {
    "client": term("field", "client"),
    "status": term("field", "status"),
    "document_kind": term("field", "kind of document"),
    "document_number": term("field", "document number"),
    "document_date": term("field", "document date"),
    "installment_number": term("field", "number of the installment"),
    "due_date": term("field", "due date"),
    "amount": term("field", "amount"),
    "residual": term("field", "residual"),
    "currency": term("field", "currency"),
    "payment_method": term("field", "way to pay"),
    "unpaid_on": term("field", "came back on"),
    "presented_on": term("field", "presented on"),
    "agent": term("field", "agent"),
    "depot": term("field", "depot"),
    "area": term("field", "area"),
    "notes": term("field", "notes"),
    "document": term("field", "document in the ERP"),
    "bill_number": term("field", "number of the bill"),
    "base_residual": term("field", "residual in the company's currency"),
    "reminded_on": term("field", "reminded by the ERP on"),
    "reminders": term("field", "reminders of the ERP"),
    "erp_hold": term("field", "held back by the ERP"),
}
