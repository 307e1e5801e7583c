"""What the history says of messages: what left, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from incasso.contract.media import Medium
from incasso.contract.text import Text, term, text
from incasso.contract.text_store import told_in
from incasso.locale.history_details import Facts
from incasso.locale.labels import MEDIA

_BY_POST: Final = frozenset(medium for medium in Medium if medium.by_post)
_NOTED: Final = frozenset(
    f"delivery.{what}" for what in ("bounced", "reported", "judged", "failed", "opted_out")
)


def message_text(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """What left, or what became of it."""
    medium = str(facts.get("medium", ""))
    values = {
        "stage": facts.get("stage") or term("history", "message"),
        "medium": MEDIA.get(medium, medium),
        "to": facts.get("to", ""),
        "amount": amount,
        "currency": currency,
    }
    if kind in _NOTED and not (_note(facts) or facts.get("why")):
        return _without_note(kind, values)
    match kind:
        case "delivery.accepted" if facts.get("stands"):
            return text("{stage} by {medium} to {to} did not come back", **values)
        case "delivery.accepted":
            return text("{stage} sent by {medium} to {to}, {amount} {currency}", **values)
        case "delivery.delivered" if facts.get("note") and medium in _BY_POST:
            # Refused, or not collected in time, is delivered too: the history says which.
            return text(
                "{stage} delivered by {medium} to {to}: {note}", note=_note(facts), **values
            )
        case "delivery.delivered":
            return text("{stage} delivered by {medium} to {to}", **values)
        case "delivery.bounced":
            return text("{stage} came back, {medium} to {to}: {note}", note=_note(facts), **values)
        case "delivery.questioned":
            return text("{stage}, {medium} to {to}: a bounce that nobody can read", **values)
        case "delivery.reported":
            return text(
                "{stage}, {medium} to {to}: a report that a person must judge: {note}",
                note=_note(facts),
                **values,
            )
        case "delivery.judged":
            return text(
                "{stage}, {medium} to {to}: report judged: {note}",
                note=facts.get("why", ""),
                **values,
            )
        case "delivery.silent":
            return text(
                "{stage}, {medium} to {to}: not confirmed within {minutes} minutes",
                minutes=facts.get("minutes", ""),
                **values,
            )
        case "delivery.failed" | "delivery.opted_out":
            return text("{stage} refused, {medium} to {to}: {note}", note=_note(facts), **values)
        case "delivery.uncertain":
            return text("{stage} by {medium} to {to}: nobody knows whether it left", **values)
        case "delivery.cancelled":
            return text("{stage} by {medium} to {to} cancelled", **values)
        case "delivery.cost":
            return text(
                "{stage} by {medium} cost {cost} {currency}",
                cost=facts.get("cost", ""),
                **values | {"currency": facts.get("currency", "")},
            )
        case "delivery.tracking":
            number = facts.get("tracking", "")
            return text("{stage} by {medium} has the number {number}", number=number, **values)
    return text("{stage} by {medium}: {kind}", kind=kind, **values)


def _without_note(kind: str, values: Mapping[str, Any]) -> Text:
    """A gateway may say that a message expired, and not a word more."""
    match kind:
        case "delivery.bounced":
            return text("{stage} came back, {medium} to {to}", **values)
        case "delivery.reported":
            return text("{stage}, {medium} to {to}: a report that a person must judge", **values)
        case "delivery.judged":
            return text("{stage}, {medium} to {to}: report judged", **values)
    return text("{stage} refused, {medium} to {to}", **values)


def _note(facts: Facts) -> str:
    return told_in(facts, str(facts.get("note") or facts.get("reason") or ""))
