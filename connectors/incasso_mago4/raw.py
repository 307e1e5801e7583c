"""Raw columns turned into values: texts without padding, days without sentinels, exact money."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from incasso.api import text as sentence

FIRST_DAY: Final = date(1900, 1, 2)
"""Mago writes 1799-12-31 for "no date", other programs 1899-12-30 and 1900-01-01."""

THREE_DECIMALS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""ISO 4217."""

REMEMBERED: Final = 20_000

_CENT: Final = Decimal("0.01")
_MILL: Final = Decimal("0.001")
LARGEST: Final = 1e13
"""Beyond it a binary float can no longer hold single cents."""


class NotMoneyError(ValueError):
    """A number that is no amount."""


class _Texts(dict[Any, str]):
    """Agents, areas, customers: the same few codes occur in every row of a ledger.

    Only texts are remembered: equal numbers need not be written alike.
    """

    def __missing__(self, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            return _plain(str(value))
        if len(self) >= REMEMBERED:
            self.clear()
        self[value] = plain = _plain(value)
        return plain


text: Final[Callable[[Any], str]] = _Texts().__getitem__
"""A text without padding and control characters; NULL is empty. Ten are asked for per row."""


def _plain(raw: str) -> str:
    if raw.isprintable():
        return raw.strip()
    return " ".join("".join(each if each.isprintable() else " " for each in raw).split())


def paragraph(value: Any) -> str:
    """A longer text: line breaks stay."""
    if not value:
        return ""
    lines = str(value).splitlines()
    return "\n".join(line for line in map(text, lines) if line)


def flag(value: Any) -> bool:
    """A Boolean of Mago: '1', or what another server made of it."""
    if value == "0" or value is None:
        return False
    return value == "1" or value == 1 or (isinstance(value, str) and value.strip() == "1")


def day(value: Any) -> date | None:
    """A day, or None where Mago says that there is none."""
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date) or value < FIRST_DAY:
        return None
    return value


def number(value: Any) -> int:
    """A whole number; NULL is 0."""
    return int(value) if value is not None else 0


def money(value: float | int | str | Decimal | None, currency: str = "EUR") -> Decimal:
    """An amount, rounded at once to the decimals of its currency.

    Raises NotMoneyError for what is no number, or too large for a float to hold its cents.
    """
    if value is None:
        return Decimal("0.00")
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= LARGEST:
            raise NotMoneyError(sentence("{value!r} is no amount", value=value))
        value = Decimal(repr(value))
    elif not isinstance(value, Decimal):
        value = Decimal(value)
    step = _MILL if currency in THREE_DECIMALS else _CENT
    return value.quantize(step, ROUND_HALF_UP)
