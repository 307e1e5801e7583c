"""What happened at the service after a cursor, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from incasso.api import (
    CallContext,
    Cursor,
    CursorExpiredError,
    Page,
    PlacementUpdate,
    Problem,
    Text,
    Unreadable,
    UpdateItem,
    nearest,
    text,
)
from incasso_webservice.mapping import Updates
from incasso_webservice.service import Service, found_text, listed, read

_WHERE: Final = "updates"
_CODED: Final = ("kind", "result", "closing", "refused")


def pull(
    service: Service, updates: Updates, since: Cursor | None, ctx: CallContext
) -> Iterator[Page[UpdateItem]]:
    """Page by page until nothing new comes. Raises CursorExpiredError."""
    cursor = since
    while True:
        params = {updates.after: cursor} if cursor else {}
        expired = updates.expired_with if cursor else ()
        answer = service.get(ctx, updates.path, params=params, returns=expired)
        if answer.status in expired:
            raise CursorExpiredError
        said = read(answer)
        items = tuple(item_of(updates, each) for each in listed(said, updates.items))
        following = found_text(said, updates.cursor) or cursor
        yield Page(items=items, cursor=following)
        if not items or not following or following == cursor:
            return
        cursor = following


def item_of(updates: Updates, said: Any) -> UpdateItem:
    """One item as an update, or why it is none."""
    words = {field: found_text(said, place) for field, place in updates.fields.items()}
    problems = tuple(_wrong_codes(updates, words))
    if problems:
        return _unreadable(words, said, *problems)
    try:
        return msgspec.convert(_plain(updates, words), PlacementUpdate, strict=False)
    except (msgspec.ValidationError, ValueError, InvalidOperation) as error:
        return _unreadable(words, said, _problem("", str(error)))


def _plain(updates: Updates, words: Mapping[str, str]) -> dict[str, Any]:
    """The fields as msgspec turns them into values; empty ones are left away."""
    made: dict[str, Any] = {
        field: said
        for field, said in words.items()
        if said and field not in ("placement", "theirs", "amount", "currency", *_CODED)
    }
    made["placement"] = {
        "ours": words.get("placement", ""),
        "theirs": words.get("theirs", ""),
    }
    made |= {field: _ours(updates, field, words[field]) for field in _CODED if words.get(field)}
    made["at"] = _instant(words["at"], updates.zone)
    made["code"] = words.get("code") or words["kind"]
    for field in ("on", "until", "due_date"):
        if field in made:
            made[field] = made[field][:10]  # services often write a day as an instant
    if amount := words.get("amount"):
        currency = words.get("currency") or updates.currency
        made["amount"] = {"amount": _amount(amount, updates.cents), "currency": currency}
    return made


def _amount(said: str, cents: bool) -> Decimal:
    amount = Decimal(said)
    if not amount.is_finite():
        raise ValueError(said)
    return amount / 100 if cents else amount


def _instant(said: str, zone: str) -> datetime:
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _codes(updates: Updates, field: str) -> Mapping[str, str]:
    return {
        "kind": updates.kinds,
        "result": updates.results,
        "closing": updates.closings,
        "refused": updates.reasons,
    }[field]


def _ours(updates: Updates, field: str, said: str) -> str:
    return _codes(updates, field).get(said, said)


def _wrong_codes(updates: Updates, words: Mapping[str, str]) -> Iterator[Problem]:
    for field in ("update_id", "at", "kind"):
        if not words.get(field):
            place = updates.fields[field]
            yield _problem(field, text("the item has no “{place}”", place=place))
    for field in _CODED:
        said = words.get(field, "")
        codes = _codes(updates, field)
        if said and codes and said not in codes:
            told = text("the mapping does not say what “{code}” means", code=said[:80])
            yield _problem(field, told, nearest(said, codes))


def _problem(field: str, told: Text | str, hint: str = "") -> Problem:
    return Problem(code="item", field=field, message=told, hint=hint)


def _unreadable(words: Mapping[str, str], said: Any, *problems: Problem) -> Unreadable:
    raw = msgspec.json.encode(said).decode()[:2000]
    return Unreadable(
        external_id=words.get("update_id", "")[:128], file=_WHERE, problems=problems, raw=raw
    )
