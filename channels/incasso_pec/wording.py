"""What a receipt says happened, in the office's words: the provider's own follow behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from incasso.api import DeliveryState, Text, mail, text
from incasso_pec.receipts.notice import Event, Notice

_FULL: Final = re.compile(r"pien[ao]|quota|spazio|\bfull\b", re.IGNORECASE)
_VIRUS: Final = "virus"

_PLAIN: Final[Mapping[Event, Text]] = {
    Event.ACCEPTED: text("accepted by our provider"),
    Event.ON_ITS_WAY: text("on its way between the providers"),
    Event.DELIVERED: text("delivered into the recipient's mailbox"),
}
_CAUSES: Final[Mapping[mail.Cause, Text]] = {
    mail.Cause.SPACE: text("the recipient's mailbox is full"),
    mail.Cause.ADDRESS: text("there is no such certified mailbox"),
    mail.Cause.CONTENT: text("the recipient's provider refuses the content"),
}
_ERRORS: Final[Mapping[str, Text]] = {
    "no-dest": text("there is no such certified mailbox"),
    "no-dominio": text("there is no such domain of certified mail"),
    _VIRUS: text("the recipient's provider found a virus in it"),
}


def what_happened(notice: Notice, state: DeliveryState) -> Text | None:
    """One sentence; None for what nobody knows. `state`: what it means for the message."""
    match state:
        case DeliveryState.REFUSED if notice.event is Event.ACCEPTED:
            return text(
                "the address is no certified mailbox: it got an ordinary mail, without any proof"
            )
        case DeliveryState.REFUSED if notice.error == _VIRUS:
            return text("our provider found a virus in it and did not take it")
        case DeliveryState.REFUSED:
            return text("our provider did not accept it")
        case DeliveryState.BOUNCED:
            return _not_delivered(notice)
        case DeliveryState.EXPIRED:
            return text("not delivered within 24 hours")
        case DeliveryState.DELAYED:
            return text("not delivered after 12 hours; the provider goes on trying")
    return _PLAIN.get(notice.event)


def _not_delivered(notice: Notice) -> Text:
    """By the provider's words, which are more exact than its classes."""
    if is_full(notice):
        return _CAUSES[mail.Cause.SPACE]
    by_words = _CAUSES.get(mail.cause_of(notice.detail)) if notice.error != _VIRUS else None
    return by_words or _ERRORS.get(notice.error) or text("the recipient's provider refused it")


def is_full(notice: Notice) -> bool:
    """Whether the recipient's mailbox takes no more."""
    return _FULL.search(notice.detail) is not None
