"""What providers told of a client, and what became of its placements: lines of the history."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from incasso.contract.text import Text, template, text
from incasso.locale.exchange_labels import RESULTS, UPDATE_KINDS
from incasso.locale.history_details import day_in, with_parts
from incasso.locale.labels import ACTIONS, MEDIA
from incasso.locale.placement_labels import CLOSINGS

_SHORT: Final = 160

OF_PLACEMENTS: Final[Mapping[str, str]] = {
    "placement.handed_over": template("handed over to the provider with lot {lot}"),
    "placement.closed": template("placement of lot {lot} closed"),
    "placement.returned": template("placement of lot {lot} given back"),
    "placement.refused": template("placement of lot {lot} not taken on by the provider"),
    "placement.recalled": template("placement of lot {lot} recalled"),
    "placement.direct": template("paid to us while placed with {provider}: {amount} {currency}"),
    "placement.direct_reversed": template(
        "payment to us while placed with {provider} taken back: {amount} {currency}"
    ),
    "placement.reduced": template("placed credit {key} smaller without money: {amount} {currency}"),
    "placement.raised": template("placed credit {key} larger again: {amount} {currency}"),
    "placement.settled": template("decided about what came back from the provider"),
    "report.applied": template("report of {provider} accepted ({update})"),
    "report.refused": template("report of {provider} not accepted ({update})"),
    "report.waiting": template("report of {provider} given to a row ({update})"),
    "report.answered": template("{provider} answered ({update})"),
}
"""By the kind of event."""


def reported(kind: str, facts: Mapping[str, Any], amount: Decimal | None, currency: str) -> Text:
    """What a provider reported: a payment, a call, how it ended."""
    code = kind.partition(".")[2]
    what: str = UPDATE_KINDS.get(code, code)
    if amount is not None:
        what = text("{what} of {amount} {currency}", what=what, amount=amount, currency=currency)
    said = what if isinstance(what, Text) else Text(what)
    return with_parts(said, list(_parts(code, facts)))


def _parts(code: str, facts: Mapping[str, Any]) -> list[str]:
    medium, result = str(facts.get("medium", "")), str(facts.get("result", ""))
    closing = str(facts.get("closing", ""))
    words = str(facts.get("text", ""))
    parts = [
        MEDIA.get(medium) or ACTIONS.get(medium, medium),
        RESULTS.get(result, result),
        CLOSINGS.get(closing, closing),
        text("by {day}", day=day_in(facts["until"])) if facts.get("until") else "",
        _of_standing(str(facts.get("standing", ""))),
        text("against the contact policy") if facts.get("breaks_policy") else "",
        f"“{words if len(words) <= _SHORT else words[:_SHORT] + '…'}”" if words else "",
    ]
    return [part for part in parts if part]


def _of_standing(standing: str) -> str:
    match standing:
        case "waiting":
            return text("waits for a decision")
        case "refused":
            return text("not accepted")
        case "noted":
            return text("only noted")
    return ""
