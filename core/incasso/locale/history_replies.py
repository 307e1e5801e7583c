"""What clients wrote, and what the office did with it: their lines of the history."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from incasso.contract.text import Text, template, text

_SHORT: Final = 120
"""Letters of a message that a line shows."""

OF_REPLIES: Final[Mapping[str, str]] = {
    "reply.answered": template("reply {reply} answered"),
    "reply.assigned": template("reply {reply} is from {to}"),
    "reply.done": template("reply {reply} settled without an answer"),
    "reply.handed_over": template("reply {reply} handed over to {to}"),
}
"""By the kind of event."""


def received(kind: str, facts: Mapping[str, Any], amount: Decimal | None, currency: str) -> Text:
    """Who wrote to us, and the beginning of it."""
    values = {"sender": facts.get("sender", ""), "subject": facts.get("subject", "")}
    if facts.get("kind") in ("automatic", "notice"):
        return text("automatic answer of {sender}: {subject}", **values)
    words = str(facts.get("preview", ""))
    short = words if len(words) <= _SHORT else f"{words[:_SHORT]}…"
    return text("reply of {sender}: {subject} “{words}”", words=short, **values)
