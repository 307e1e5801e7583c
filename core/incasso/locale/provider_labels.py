"""Words for the codes of providers: kinds, and what may be told of a client."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

KINDS: Final[Labels] = {
    "agency": term("provider kind", "agency"),
    "lawyer": term("provider kind", "lawyer"),
    "other": term("provider kind", "other"),
}
TOLD: Final[Labels] = {
    "vat": term("told", "VAT number"),
    "tax_code": term("told", "tax code"),
    "address": term("told", "address"),
    "language": term("told", "language"),
    "email": term("told", "e-mail"),
    "pec": term("told", "PEC"),
    "phone": term("told", "telephone"),
    "mobile": term("told", "mobile telephone"),
    "contact_person": term("told", "contact person"),
    "call_hours": term("told", "hours for calls"),
    "payment_method": term("told", "payment method"),
    "interest": term("told", "interest"),
    "prescription": term("told", "day of limitation"),
    "disputed": term("told", "whether it is disputed"),
    "notes": term("told", "notes for the provider"),
    "history": term("told", "what was done so far"),
    "documents": term("told", "copies of the documents"),
}
