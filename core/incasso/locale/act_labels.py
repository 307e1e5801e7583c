"""Words for what acts change, and for what clients say about being contacted."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

CHANGED_THINGS: Final[Labels] = {
    "client": term("changed", "client"),
    "installment": term("changed", "installment"),
    "case": term("changed", "case"),
    "step": term("changed", "step"),
    "agreement": term("changed", "agreement"),
    "contact": term("changed", "contact"),
    "correction": term("changed", "correction"),
    "consent": term("changed", "consent"),
    "client_contact": term("changed", "contact of the client"),
    "reply": term("changed", "reply"),
}
CONSENT_KINDS: Final[Labels] = {
    "refused": term("consent", "refused"),
    "given": term("consent", "agreed"),
}
ADDRESS_STATES: Final[Labels] = {
    "good": term("address", "arrives"),
    "bounced": term("address", "came back"),
    "wrong": term("address", "wrong"),
    "refused": term("address", "wants none"),
}
