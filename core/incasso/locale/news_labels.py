"""Words for news of messages: what the other side says, how far it is believed, what became of it."""

from __future__ import annotations

from incasso.contract.text import term
from incasso.locale.labels import Labels

DELIVERY_STATES: Labels = {
    "sent": term("news", "sent on"),
    "delivered": term("news", "delivered"),
    "read": term("news", "read"),
    "bounced": term("news", "came back"),
    "refused": term("news", "refused"),
    "expired": term("news", "given up"),
    "opted_out": term("news", "wants no more"),
    "delayed": term("news", "delayed"),
    "unreadable": term("news", "came back, not readable"),
}
TRUSTS: Labels = {
    "proven": term("trust", "proven"),
    "fitting": term("trust", "plausible"),
    "unknown": term("trust", "anybody can have written it"),
}
NEWS_STANDINGS: Labels = {
    "taken": term("standing of news", "believed"),
    "note": term("standing of news", "kept as a note"),
    "waiting": term("standing of news", "waits for a person"),
    "settled": term("standing of news", "settled"),
}
