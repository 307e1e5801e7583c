"""What the tracking of a letter means. The codes depend on the product: 03 is "comes back" for a
registered letter and something else for a judicial act, so there is no table for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from incasso.api import (
    DeliveryState,
    DeliveryUpdate,
    PostalOutcome,
    in_a_row,
    text,
)
from incasso_postal.answers import Event, Posted
from incasso_postal.products import Product

_REGISTERED: Final = {
    "00": PostalOutcome.ACCEPTED,
    "01": PostalOutcome.DELIVERED,
    "02": PostalOutcome.HELD,
    "03": PostalOutcome.RETURNING,
    "04": PostalOutcome.DELIVERED,
    "99": PostalOutcome.UNDER_WAY,
}
_PRIORITY: Final = {"00": PostalOutcome.ACCEPTED, "C": PostalOutcome.DELIVERED}

CODES: Final[Mapping[Product, Mapping[str, PostalOutcome]]] = {
    Product.REGISTERED: _REGISTERED,
    Product.PRIORITY: _PRIORITY,
}

_TO_SENDER: Final = re.compile(r"\bmittente\b", re.IGNORECASE)
_REASONS: Final = (
    (
        re.compile(r"compiut\w* giacenza|giacenza (?:compiuta|scaduta)", re.I),
        PostalOutcome.UNCLAIMED,
    ),
    (re.compile(r"rifiut|respint", re.I), PostalOutcome.REFUSED),
    (re.compile(r"irreperibil", re.I), PostalOutcome.UNTRACEABLE),
    (re.compile(r"sconosciut", re.I), PostalOutcome.UNKNOWN),
    (re.compile(r"trasferit", re.I), PostalOutcome.MOVED),
    (re.compile(r"decedut", re.I), PostalOutcome.DECEASED),
    (
        re.compile(r"indirizzo (?:errato|inesatto|inesistente|insufficiente|incompleto)", re.I),
        PostalOutcome.WRONG_ADDRESS,
    ),
    (re.compile(r"smarrit|furto|rapina|danneggiat|deteriorat", re.I), PostalOutcome.LOST),
)
_COLLECTED: Final = re.compile(r"ritirat\w* (?:in|presso|all)\b|\bin giacenza\b", re.IGNORECASE)


def outcome_of(product: Product, event: Event) -> PostalOutcome | None:
    """What an event means; None if nobody can tell.

    The code says *that* a letter was delivered or comes back, only the words beside it say why.
    """
    known = CODES.get(product, {}).get(event.code)
    reason = _reason(event.words)
    if known is PostalOutcome.DELIVERED and _TO_SENDER.search(event.words):
        known = PostalOutcome.RETURNING  # "consegnata al mittente": it was handed back to us
    if known is PostalOutcome.RETURNING:
        return reason or known
    if known is PostalOutcome.DELIVERED:
        if reason in (PostalOutcome.UNCLAIMED, PostalOutcome.REFUSED):
            return reason
        return PostalOutcome.COLLECTED if _COLLECTED.search(event.words) else known
    return reason if known is None and event.final and reason else known


def news_of(product: Product, ref: str, letter: Posted, event: Event) -> DeliveryUpdate:
    """The news in one event."""
    outcome = outcome_of(product, event)
    said = [
        text("the post says “{words}”", words=event.words)
        if event.words
        else text("code {code} of the post", code=event.code or "?")
    ]
    state, bad_address = DeliveryState.SENT, False
    if outcome is not None:
        meaning = outcome.meaning
        said.insert(0, meaning.words)
        state, bad_address = meaning.state, meaning.bad_address
    elif event.final:
        state = DeliveryState.UNREADABLE
    return DeliveryUpdate(
        ref=ref,
        update_id=f"{letter.recipient or letter.number}:{event.code}:{event.at:%Y%m%d%H%M%S}",
        state=state,
        at=event.at,
        bad_address=bad_address,
        note=in_a_row(said),
        tracking=letter.tracking,
    )


def _reason(words: str) -> PostalOutcome | None:
    return next((outcome for pattern, outcome in _REASONS if pattern.search(words)), None)
