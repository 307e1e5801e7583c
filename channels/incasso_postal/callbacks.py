"""The request by which the service announces that something happened to a letter."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec


@dataclass(frozen=True, kw_only=True)
class Announced:
    """A letter of which there is news."""

    mark: str
    """Our delivery id, as the service repeats it."""
    digest: str
    """Of what was said, so that the same again is the same."""


def announced(content: bytes) -> tuple[Announced, ...]:
    """The letters that a request names; nothing of what it says about them is believed."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    marks = dict.fromkeys(_marks(found, depth=4))
    digest = sha256(content).hexdigest()[:24]
    return tuple(Announced(mark=mark, digest=f"{mark}:{digest}") for mark in marks)


def _marks(given: Any, depth: int) -> list[str]:
    """Every `custom`, wherever the setting `field` of the service has put the letter."""
    if depth == 0:
        return []
    if isinstance(given, list):
        return [mark for each in given[:200] for mark in _marks(each, depth - 1)]
    if not isinstance(given, dict):
        return []
    found = given.get("custom")
    own = [found] if isinstance(found, str) and 0 < len(found) <= 128 else []
    return own + [mark for each in given.values() for mark in _marks(each, depth - 1)]
