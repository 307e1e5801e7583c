"""Headings of the lists of what providers send."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

EXCHANGE_HEADINGS: Final[Labels] = {
    "arrival_state": term("heading", "state"),
    "applied": term("heading", "applied"),
    "noted": term("heading", "noted"),
    "waiting": term("heading", "waiting"),
    "refused": term("heading", "refused"),
    "repeated": term("heading", "known already"),
    "update_id": term("heading", "provider's id"),
    "update_kind": term("heading", "report"),
    "update_standing": term("heading", "what became of it"),
    "promised_or_asked": term("heading", "promised, or asked for"),
    "activity_result": term("heading", "result"),
    "corrects": term("heading", "of payment"),
    "remittance": term("heading", "remittance"),
    "breaks_policy": term("heading", "against the policy"),
    "answered": term("heading", "answer"),
    "decided_by": term("heading", "decided by"),
    "line": term("heading", "row"),
    "kept": term("heading", "kept"),
    "entry_kind": term("heading", "entry"),
    "cause": term("heading", "cause"),
    "difference_days": term("heading", "days"),
    "age": term("heading", "age, days"),
    "proposes": term("heading", "proposed"),
    "needs_report": term("heading", "report owed"),
    "reduced": term("heading", "reduced"),
    "raised": term("heading", "raised"),
    "withdrawn": term("heading", "withdrawn"),
    "ended": term("heading", "given up"),
    "unmet": term("heading", "not in the ERP"),
    "rows_out": term("heading", "rows out"),
    "part": term("heading", "account"),
    "fate": term("heading", "what becomes of it"),
    "sequence": term("heading", "number"),
    "text": term("heading", "text"),
}
