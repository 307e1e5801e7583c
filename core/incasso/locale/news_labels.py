"""Words for news of messages: what is said, how far it is believed, what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from incasso.contract.text import term

DELIVERY_STATES: Mapping[str, str] = {
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
TRUSTS: Mapping[str, str] = {
    "proven": term("trust", "proven"),
    "fitting": term("trust", "plausible"),
    "unknown": term("trust", "anybody can have written it"),
}
NEWS_STANDINGS: Mapping[str, str] = {
    "taken": term("standing of news", "believed"),
    "note": term("standing of news", "kept as a note"),
    "waiting": term("standing of news", "waits for a person"),
    "settled": term("standing of news", "settled"),
}
