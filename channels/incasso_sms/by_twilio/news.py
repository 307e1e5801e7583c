"""What Twilio says of a message, by poll or by callback, as news for the hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from incasso.api import Attachment, DeliveryState, DeliveryUpdate, Money, Text, text
from incasso_sms.by_twilio.errors import BAD_NUMBER, FILTERED, OPTED_OUT, PASSING, STOPPED

_STATES: Final[Mapping[str, DeliveryState]] = {
    # Handed to the network; without its receipt it stays so for ever.
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "partially_delivered": DeliveryState.SENT,
    "undelivered": DeliveryState.BOUNCED,
    "failed": DeliveryState.REFUSED,
    "canceled": DeliveryState.REFUSED,
}
_NOTES: Final[Mapping[str, Text]] = {
    "sent": text("handed to the network"),
    "delivered": text("delivered to the telephone"),
    "read": text("read"),
}
_UNDER_WAY: Final = frozenset({"accepted", "scheduled", "queued", "sending"})
NO_CODE: Final = 0


def update_of(
    sid: str,
    status: str,
    code: int,
    *,
    at: datetime,
    evidence: Attachment,
    delivery: str = "",
    cost: Money | None = None,
) -> DeliveryUpdate | None:
    """The news in a status; None while it is under way. `delivery`: our id, where it came back."""
    if status in _UNDER_WAY or not status:
        return None
    state = _STATES.get(status, DeliveryState.UNREADABLE)
    if code == OPTED_OUT:
        state = DeliveryState.OPTED_OUT
    return DeliveryUpdate(
        ref=delivery or sid,
        receipt_ref=sid,
        update_id=f"{sid}-{status}",
        state=state,
        at=at,
        bad_address=code in BAD_NUMBER,
        note=_note(status, code),
        evidence=evidence,
        cost=cost,
    )


def cost_of(price: str | None, unit: str | None, currency: str) -> Money | None:
    """What the message cost in the end, if it is told in the currency that the office expects.

    Twilio writes what it takes as a negative amount, and nothing until it is known.
    """
    if not price or not currency or (unit or "").upper() != currency:
        return None
    try:
        return Money(amount=abs(Decimal(price)), currency=currency)
    except InvalidOperation:
        return None


def _note(status: str, code: int) -> Text | str:
    if code == OPTED_OUT:
        return STOPPED
    if code in BAD_NUMBER:
        return text("no such mobile ({code})", code=str(code))
    if code in FILTERED:
        return text("the network let the text or its sender not pass ({code})", code=str(code))
    if why := PASSING.get(code):
        return text("{why} ({code})", why=why, code=str(code))
    if code:
        return text("Twilio says {status} ({code})", status=status, code=str(code))
    return _NOTES.get(status, text("Twilio says {status}", status=status))
