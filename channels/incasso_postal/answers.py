"""What the service says about a letter. Its answers are read leniently: examples, the published
specification and the service itself do not agree on every form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from incasso.api import HttpResponse

CURRENCY: Final = "EUR"
_WITH_EXACT_NUMBERS: Final = msgspec.json.Decoder(float_hook=Decimal)


class UnreadableAnswerError(Exception):
    """The answer is not what the service promises."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the tracking; codes mean different things for different products."""

    code: str
    words: str
    at: datetime
    final: bool


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A letter as the service has it. Until it is confirmed it is a draft and costs nothing."""

    number: str
    confirmed: bool
    state: str
    price: Decimal | None
    mark: str
    """Our delivery id, as we gave it."""
    recipient: str
    tracking: str
    """The number of the registered letter."""
    events: tuple[Event, ...]
    archived: bool
    """Whether the signed image of what came back is ready."""


def body_of(answer: HttpResponse) -> dict[str, Any]:
    """The answer's object. Raises UnreadableAnswerError."""
    try:
        found = _WITH_EXACT_NUMBERS.decode(answer.content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise UnreadableAnswerError from None
    if not isinstance(found, dict):
        raise UnreadableAnswerError
    return found


def posted_in(answer: HttpResponse) -> Posted:
    """The one letter of an answer. Raises UnreadableAnswerError."""
    for found in all_posted_in(answer):
        return found
    raise UnreadableAnswerError


def all_posted_in(answer: HttpResponse) -> Iterator[Posted]:
    """Every letter of a list; what is none is passed over."""
    data = body_of(answer).get("data")
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, dict) and (number := _text(each.get("id"))):
            yield _posted(each, number)


def events_in(data: Any) -> tuple[Event, ...]:
    """The lines of a tracking, oldest first."""
    found = filter(None, map(_event, data if isinstance(data, list) else ()))
    return tuple(sorted(found, key=lambda event: event.at))


def _posted(given: dict[str, Any], number: str) -> Posted:
    recipient = _first(given.get("destinatari"))
    return Posted(
        number=number,
        confirmed=given.get("confirmed") is True,
        state=_text(given.get("state")),
        price=_price(given.get("pricing")),
        mark=_mark(given),
        recipient=_text(recipient.get("id")),
        tracking=_text(recipient.get("NumeroRaccomandata")),
        events=events_in(recipient.get("tracking")),
        archived=_text(recipient.get("archiviazione")).upper() == "DONE",
    )


def _mark(given: dict[str, Any]) -> str:
    for place in ("callback", "opzioni"):
        inner = given.get(place)
        if isinstance(inner, dict) and (mark := _text(inner.get("custom"))):
            return mark
    return ""


def _price(given: Any) -> Decimal | None:
    """The sum, tax included: a number, or an object with `importo_totale`."""
    found = given.get("totale") if isinstance(given, dict) else None
    if isinstance(found, dict):
        found = found.get("importo_totale")
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        price = Decimal(found)
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 else None


def _event(given: Any) -> Event | None:
    if not isinstance(given, dict):
        return None
    try:
        at = datetime.fromtimestamp(int(given["timestamp"]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return None
    return Event(
        code=_text(given.get("type")),
        words=" ".join(_text(given.get("descrizione")).split())[:300],
        at=at,
        final=given.get("definitivo") is True,
    )


def _first(given: Any) -> dict[str, Any]:
    found = given[0] if isinstance(given, list) and given else given
    return found if isinstance(found, dict) else {}


def _text(given: Any) -> str:
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
