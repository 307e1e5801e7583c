"""What is exchanged with providers, in words: states, kinds and fates."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

FATES: Final[Labels] = {
    "applied": term("fate of a row", "applied"),
    "noted": term("fate of a row", "noted"),
    "waiting": term("fate of a row", "waits for a person"),
    "refused": term("fate of a row", "refused"),
    "repeated": term("fate of a row", "known already"),
}

ARRIVAL_STATES: Final[Labels] = {
    "reading": term("file", "being read"),
    "taken": term("file", "taken"),
    "refused": term("file", "refused"),
}

STANDINGS: Final[Labels] = {name: FATES[name] for name in FATES if name != "repeated"}

UPDATE_KINDS: Final[Labels] = {
    "acknowledged": term("report", "receipt"),
    "refused": term("report", "not taken on"),
    "activity": term("report", "activity"),
    "promise": term("report", "promise"),
    "payment": term("report", "payment"),
    "reversal": term("report", "payment taken back"),
    "correction": term("report", "correction"),
    "direct_payment": term("report", "paid to us"),
    "document_request": term("report", "asks for documents"),
    "settlement": term("report", "asks for a settlement"),
    "extension_request": term("report", "asks for more time"),
    "recall_taken": term("report", "recall confirmed"),
    "closed": term("report", "closed"),
    "returned": term("report", "given back"),
    "complaint": term("report", "complaint"),
    "fee": term("report", "fee"),
    "deleted": term("report", "data deleted"),
    "note": term("report", "note"),
}

RESULTS: Final[Labels] = {
    "reached": term("result", "spoken with"),
    "third_party": term("result", "somebody else answered"),
    "no_answer": term("result", "no answer"),
    "wrong_number": term("result", "wrong number"),
    "call_back": term("result", "to call back"),
    "sent": term("result", "sent"),
    "delivered": term("result", "delivered"),
    "not_delivered": term("result", "not delivered"),
    "refuses": term("result", "refuses to pay"),
    "disputes": term("result", "disputes"),
    "already_paid": term("result", "says it is paid"),
    "found": term("result", "found"),
    "not_found": term("result", "not found"),
    "filed": term("result", "filed or served"),
    "other": term("result", "other"),
}

ENTRY_KINDS: Final[Labels] = {
    "collected": term("entry", "collected"),
    "reversed": term("entry", "taken back"),
    "direct": term("entry", "paid to us"),
    "direct_reversed": term("entry", "paid to us, taken back"),
    "reduced": term("entry", "reduced"),
    "raised": term("entry", "raised"),
    "withdrawn": term("entry", "withdrawn"),
    "ended": term("entry", "given up"),
    "reopened": term("entry", "given up, after all not"),
}

PROPOSALS: Final[Labels] = {
    "write_off": term("proposal", "write off"),
    "judicial": term("proposal", "to a lawyer"),
}

ACCOUNT_PARTS: Final[Labels] = {
    "placed": term("account", "handed over"),
    "raised": term("account", "+ grown since"),
    "collected": term("account", "− collected by the provider"),
    "direct": term("account", "− paid to us"),
    "reduced": term("account", "− reduced without money"),
    "withdrawn": term("account", "− recalled or given back"),
    "ended": term("account", "− closed with a reason"),
    "open": term("account", "= open with the provider"),
    "unmet": term("account", "of what was collected, not in the ERP yet"),
}
