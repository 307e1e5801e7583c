"""Words for codes that only the columns of lists show."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import ACTIONS, Labels

PURPOSES: Final[Labels] = {
    "installments": term("purpose of a table", "installments"),
    "heads": term("purpose of a table", "heads of the documents"),
    "clients": term("purpose of a table", "clients"),
    "documents": term("purpose of a table", "documents"),
    "agents": term("purpose of a table", "agents"),
}
FOUND: Final[Labels] = {
    "client": term("what was found", "client"),
    "installment": term("what was found", "installment"),
}
MATCHED: Final[Labels] = {
    "": "",
    "code": term("what fits", "code"),
    "vat": term("what fits", "VAT number"),
    "tax_code": term("what fits", "tax code"),
    "email": term("what fits", "e-mail address"),
    "pec": term("what fits", "PEC address"),
    "phone": term("what fits", "telephone"),
    "mobile": term("what fits", "mobile telephone"),
    "name": term("what fits", "name"),
    "key": term("what fits", "key"),
    "document_number": term("what fits", "document number"),
    "residual": term("what fits", "what is still owed"),
}
NO_CONTAINERS: Final[Labels] = {
    "running": term("container", "running"),
    "placed": term("container", "placed with a provider"),
}
CONVERSATIONS: Final[Labels] = {"call": ACTIONS["call"], "visit": ACTIONS["visit"]}
MODES: Final[Labels] = {
    "auto": term("mode", "automatic"),
    "approve": term("mode", "to be approved"),
    "manual": term("mode", "by hand"),
}
BLOCKERS: Final[Labels] = {
    "hub": term("who blocks", "the hub"),
    "erp": term("who blocks", "the ERP"),
    "both": term("who blocks", "both"),
}
RELEASES: Final[Labels] = {
    "paid": term("release", "when all is paid"),
    "cases": term("release", "when its cases are paid"),
    "manual": term("release", "by a person"),
}
ROW_FIELDS: Final[Labels] = {
    "key": term("field", "key"),
    "code": term("field", "code"),
    "name": term("field", "name"),
    "total": term("field", "total"),
    "paid": term("field", "paid"),
    "debit": term("field", "dare"),
    "credit": term("field", "avere"),
    "sign": term("field", "sign"),
    "credit_limit": term("field", "credit limit"),
}
"""Fields of a row in quarantine that are no field of an installment."""
REPLY_STATES: Final[Labels] = {
    "new": term("reply state", "to answer"),
    "handed_over": term("reply state", "handed over"),
    "answered": term("reply state", "answered"),
    "done": term("reply state", "done"),
    "noted": term("reply state", "only kept"),
}
REPLY_KINDS: Final[Labels] = {
    "reply": term("reply kind", "reply"),
    "automatic": term("reply kind", "automatic answer"),
    "notice": term("reply kind", "of a program"),
    "internal": term("reply kind", "of our own people"),
}
