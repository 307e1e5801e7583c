"""A message as Openapi's SMS v2 shows it, and what its state means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from incasso.api import Attachment, DeliveryState, DeliveryUpdate, Money, Text, text

STATES: Final[Mapping[str, DeliveryState]] = {
    "DELIVERED": DeliveryState.DELIVERED,
    "UNDELIVERABLE": DeliveryState.BOUNCED,
    "EXPIRED": DeliveryState.EXPIRED,
    "REJECTED": DeliveryState.REFUSED,
}
UNDER_WAY: Final = frozenset({"NEW", "PENDING"})
_NOTES: Final[Mapping[str, Text]] = {
    "DELIVERED": text("delivered to the telephone"),
    "UNDELIVERABLE": text("the network could not deliver it"),
    "EXPIRED": text("not delivered within 48 hours"),
    "REJECTED": text("the network refused it"),
}
_MADE: Final = ("createdAt", "created_at", "creationTimestamp", "dateCreated", "timestamp")
"""The published description names no field for the time; these have been seen."""
_MILLISECONDS: Final = 10**11
"""A number above this counts milliseconds since 1970, below it seconds."""


def record(content: bytes) -> Any:
    """What is inside an answer, which wraps it in `data`. Raises ValueError."""
    told = msgspec.json.decode(content)
    return told["data"] if isinstance(told, dict) and "data" in told else told


def messages_in(found: Any) -> list[dict[str, Any]]:
    """The messages of a list, or the one that stands alone."""
    items = found if isinstance(found, list) else [found]
    return [each for each in items if isinstance(each, dict) and _word(each, "id")]


def custom_of(message: Mapping[str, Any]) -> str | None:
    """Our delivery id, where the service shows it; None if it does not."""
    callback = message.get("callback")
    custom = callback.get("custom") if isinstance(callback, dict) else message.get("custom")
    if isinstance(custom, dict):
        custom = custom.get("delivery")
    return str(custom) if custom else None


def made_at(message: Mapping[str, Any]) -> datetime | None:
    """When it was made, in UTC; None if that is not shown."""
    for name in _MADE:
        if (given := message.get(name)) is not None:
            return _instant(given)
    return None


def update_of(message: Mapping[str, Any], at: datetime) -> DeliveryUpdate | None:
    """The news in a message that the service itself has shown; None while it is under way."""
    state, ref = _word(message, "state").upper(), _word(message, "id")
    if state in UNDER_WAY or not state:
        return None
    return DeliveryUpdate(
        ref=ref,
        receipt_ref=ref,
        update_id=f"{ref}-{state.lower()}",
        state=STATES.get(state, DeliveryState.UNREADABLE),
        at=at,
        note=_NOTES.get(state, text("Openapi says {status}", status=state)),
        evidence=proof(ref, message),
        cost=cost_of(message),
    )


def cost_of(message: Mapping[str, Any]) -> Money | None:
    """What it cost, in euro; Openapi tells it late for some countries, and 0 until then."""
    try:
        price = Decimal(str(message.get("totalPrice") or 0))
    except InvalidOperation:
        return None
    return Money(amount=price, currency="EUR") if price > 0 else None


def proof(ref: str, message: Mapping[str, Any]) -> Attachment:
    """What the service said, without the words of the message and the secret of the callback."""
    kept = {key: value for key, value in message.items() if key not in ("message", "callback")}
    return Attachment(
        filename=f"{ref}-{_word(message, 'state').lower() or 'made'}.json",
        media_type="application/json",
        content=msgspec.json.encode(kept),
    )


def _instant(given: Any) -> datetime | None:
    try:
        if isinstance(given, (int, float)) or str(given).isdigit():
            seconds = float(given)
            return datetime.fromtimestamp(
                seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC
            )
        at = datetime.fromisoformat(str(given).replace(" ", "T"))
    except (ValueError, OverflowError, OSError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def _word(message: Mapping[str, Any], name: str) -> str:
    given = message.get(name)
    return given if isinstance(given, str) else ""
