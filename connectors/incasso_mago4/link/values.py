"""Texts of Mago's XML as the database driver would give them, so that one mapping reads both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from incasso.api import Problem
from incasso.api import text as sentence

Fields = Mapping[str, str]
Reader = Callable[[str], Any]

_FLAGS: Final = {"true": "1", "false": "0", "1": "1", "0": "0"}


class BadValueError(Exception):
    """A field that cannot be read; `problem` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        self.problem = Problem(
            code="bad_value", field=field, message=message, hint=sentence("look at it in Mago")
        )
        super().__init__(message)


def value(fields: Fields, name: str, read: Reader) -> Any:
    """A field, or None if the profile leaves it out. Raises BadValueError."""
    found = fields.get(name)
    if found is None:
        return None
    try:
        return read(found.strip())
    except (ValueError, InvalidOperation):
        raise BadValueError(
            name, sentence("{found!r} is no {words}", found=found[:60], words=_WORDS[read])
        ) from None


def text(found: str) -> str:
    """As it came."""
    return found


def flag(found: str) -> str:
    """`true` and `false` as the database keeps them, '1' and '0'; empty is no."""
    return _FLAGS.get(found.lower()) or _wrong(found)


def whole(found: str) -> int:
    """A number, an id or an enum; empty is 0."""
    return int(found) if found else 0


def amount(found: str) -> Decimal:
    """Money, exactly as written; empty is 0."""
    value = Decimal(found or "0")
    if not value.is_finite():
        raise ValueError(found)
    return value


def day(found: str) -> date | None:
    """An ISO date, with or without a time behind it."""
    return date.fromisoformat(found[:10]) if found else None


def _wrong(found: str) -> str:
    if found:
        raise ValueError(found)
    return "0"


_WORDS: Final[Mapping[Reader, str]] = {
    text: "text",
    flag: sentence("true or false"),
    whole: "number",
    amount: "amount",
    day: "date",
}
