"""How an agency's REST service is spoken to: a TOML file beside plugins.toml, and no code.

`docs/howto/web-lots.md` shows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import msgspec

from incasso.api import (
    ActivityResult,
    ClosingReason,
    ConfigurationError,
    PlacementUpdate,
    Problem,
    RefusalReason,
    Text,
    UpdateKind,
    nearest,
    read_toml,
    text,
)
from incasso_webservice.filling import fields_of, known_fields


class Way(StrEnum):
    """How the hub proves who it is."""

    HEADER = "header"
    BASIC = "basic"
    OAUTH = "oauth"
    """Client credentials: `user` and `secret` are changed for a token that ends."""


class Amounts(StrEnum):
    """How an amount is written in the body of a request."""

    TEXT = "text"
    NUMBER = "number"
    CENTS = "cents"


class Access(msgspec.Struct, frozen=True):
    """How requests are signed in."""

    way: Way = Way.HEADER
    header: str = "Authorization"
    prefix: str = ""
    """Before the secret in the header: `"Bearer "`."""
    token_path: str = "/oauth/token"  # noqa: S105
    scope: str = ""


class Check(msgspec.Struct, frozen=True):
    """A request without effect that needs the login."""

    path: str
    identity: str
    """Where the answer names our account."""


class Place(msgspec.Struct, frozen=True):
    """The request that hands placements over, one by one or several at once."""

    path: str
    placement: dict[str, Any]
    credit: dict[str, Any] = {}
    """One of `{credits}`."""
    batch: dict[str, Any] = {}
    """Around several placements, with `{placements}` in it; absent: one by one."""
    at_most: int = 100
    """Placements in one request, if there is a `batch`."""
    amounts: Amounts = Amounts.TEXT
    key_header: str = ""
    """Header of an idempotency key, if the service knows one."""
    answers: str = ""
    """Of several: where the list of their answers is."""
    ours: str = ""
    """Of several: where each answer repeats our number."""
    id: str = "id"
    """Where the answer names the service's own number."""
    refused_with: tuple[int, ...] = (400, 409, 422)
    """Statuses that refuse one placement, with a body that says why."""
    error: str = "code"
    error_text: str = "message"
    errors: dict[str, str] = {}
    """Their code of an error, and our reason: `"DUP" = "duplicate"`."""


class Find(msgspec.Struct, frozen=True):
    """The request that asks whether the service has a placement of ours; 404: it has not."""

    path: str
    id: str = "id"


class Updates(msgspec.Struct, frozen=True):
    """The request that asks what happened."""

    path: str
    fields: dict[str, str]
    """Our field, and where it is in an item: `on = "value_date"`."""
    items: str = "items"
    after: str = "cursor"
    """The parameter that takes the cursor."""
    cursor: str = "next_cursor"
    """Where the answer holds the next one."""
    expired_with: tuple[int, ...] = (410,)
    kinds: dict[str, str] = {}
    results: dict[str, str] = {}
    closings: dict[str, str] = {}
    reasons: dict[str, str] = {}
    currency: str = "EUR"
    """Where an item names none."""
    cents: bool = False
    zone: str = "Europe/Rome"
    """Of instants without a time zone."""


class ServiceMapping(msgspec.Struct, frozen=True):
    """One agency's service."""

    check: Check
    place: Place
    updates: Updates
    access: Access = Access()
    find: Find | None = None


UPDATE_FIELDS: Final = (
    *(each for each in PlacementUpdate.__struct_fields__ if each != "evidence"),
    "theirs",
    "currency",
)
_LARGEST: Final = 500


def load(chosen: Path) -> ServiceMapping:
    """The mapping in a file. Raises ConfigurationError that names everything wrong in it."""
    try:
        given = chosen.read_text("utf-8")
    except OSError as error:
        told = text("cannot be read: {why}", why=error.strerror or "")
        raise _refused(chosen, [(told, "")]) from None
    except UnicodeDecodeError:
        raise _refused(chosen, [(text("is not UTF-8 text"), "")]) from None
    mapping, wrong = read_toml(ServiceMapping, given)
    if mapping is None:
        said = [(text("{key}: {problem}", key=e.key, problem=e.message), e.hint) for e in wrong]
        raise _refused(chosen, said)
    if problems := [*_of_placing(mapping), *_of_updates(mapping.updates)]:
        raise _refused(chosen, problems)
    return mapping


def _of_placing(mapping: ServiceMapping) -> Iterator[tuple[Text, str]]:
    place, find = mapping.place, mapping.find
    if not place.key_header and find is None:
        yield (
            text("place.key_header and [find] are both missing"),
            text("without one of them nobody can tell after a break whether a claim was taken"),
        )
    yield from _unknown("place.placement", fields_of(place.placement), known_fields("placement"))
    yield from _unknown("place.credit", fields_of(place.credit), known_fields("credit"))
    yield from _unknown("place.batch", fields_of(place.batch), known_fields("batch"))
    if "placement" not in fields_of(place.placement):
        yield text("place.placement: {field} is nowhere", field="{placement}"), ""
    if place.batch:
        if "placements" not in fields_of(place.batch):
            yield text("place.batch: {field} is nowhere", field="{placements}"), ""
        if not place.answers or not place.ours:
            yield text("place.answers and place.ours: a batch needs both"), ""
        if not place.key_header:
            yield text("place.key_header: a batch needs one"), ""
        if not 1 <= place.at_most <= _LARGEST:
            yield text("place.at_most: from 1 to {most}", most=_LARGEST), ""
    if find is not None and "{placement}" not in find.path:
        yield text("find.path: {field} is nowhere", field="{placement}"), ""
    yield from _unmeant("place.errors", place.errors.values(), RefusalReason)


def _of_updates(updates: Updates) -> Iterator[tuple[Text, str]]:
    yield from _unknown("updates.fields", updates.fields, UPDATE_FIELDS)
    for each in ("update_id", "at", "kind"):
        if each not in updates.fields:
            yield text("updates.fields: “{field}” is missing", field=each), ""
    if not {"placement", "theirs"} & set(updates.fields):
        yield text("updates.fields: needs “placement” (our number) or “theirs”"), ""
    yield from _unmeant("updates.kinds", updates.kinds.values(), UpdateKind)
    yield from _unmeant("updates.results", updates.results.values(), ActivityResult)
    yield from _unmeant("updates.closings", updates.closings.values(), ClosingReason)
    yield from _unmeant("updates.reasons", updates.reasons.values(), RefusalReason)
    if updates.zone not in available_timezones():
        yield text("updates.zone: “{zone}” is no time zone", zone=updates.zone), ""


def _unknown(key: str, fields: Iterable[str], known: Iterable[str]) -> Iterator[tuple[Text, str]]:
    names = tuple(known)
    for each in fields:
        if each not in names:
            told = text("{key}: “{field}” is no field of ours", key=key, field=each)
            yield told, nearest(each, names)


def _unmeant(key: str, words: Iterable[str], kind: type[StrEnum]) -> Iterator[tuple[Text, str]]:
    names = tuple(each.value for each in kind)
    for each in words:
        if each not in names:
            told = text("{key}: “{word}” means nothing here", key=key, word=each)
            yield told, nearest(each, names)


def _refused(chosen: Path, said: Iterable[tuple[Text, str]]) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                code="mapping",
                field="mapping",
                message=text("{name}: {problem}", name=chosen.name, problem=words),
                hint=hint,
            )
            for words, hint in said
        ]
    )
