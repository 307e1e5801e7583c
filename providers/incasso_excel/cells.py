"""What one cell means: a text, a day, an amount. What is not certain is not guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from incasso.api import Text, apart, text

_FIRST_DAY: Final = date(1899, 12, 30)
_SERIALS: Final = range(36_526, 73_051)
"""Days as Excel counts them, from 2000 to 2099."""
_EXACT: Final = 10**15
"""A larger whole number has lost digits in a cell."""
_DAY: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_CENT: Final = Decimal("0.01")
_NEAR: Final = Decimal("0.000001")
_PLAIN: Final = re.compile(r"-?\d+")
_COMMA: Final = re.compile(r"-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}")
_POINT: Final = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)\.\d{1,2}")
_SIGNS: Final = re.compile(r"[€\s]|EUR")


class CellError(Exception):
    """A cell cannot be read; `words` says why."""

    def __init__(self, words: Text) -> None:
        super().__init__(words)
        self.words = words


def text_of(cell: apart.Cell) -> str:
    """A text without the spaces around it; a number as it was typed. Raises CellError."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float | int):
        if abs(cell) >= _EXACT:
            raise CellError(text("the number has lost its last digits: format the cell as text"))
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, time | timedelta):
        return str(cell)
    return " ".join(cell.split()) if "\n" not in cell else cell.strip()


def day_of(cell: apart.Cell) -> date | None:
    """A day: a date cell, its serial number, 30/11/2026 or 2026-11-30. Raises CellError."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if cell == int(cell) and int(cell) in _SERIALS:
            return _FIRST_DAY + timedelta(days=int(cell))
        raise CellError(text("“{said}” is no day", said=text_of(cell)))
    said = text_of(cell)
    return _written_day(said) if said else None


def _written_day(said: str) -> date:
    try:
        if found := _DAY.fullmatch(said):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
        return date.fromisoformat(said[:10])
    except ValueError:
        raise CellError(text("“{said}” is no day", said=said[:40])) from None


def amount_of(cell: apart.Cell) -> Decimal | None:
    """An amount in cents. Raises CellError where two readings are possible, or neither."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _of_number(cell)
    said = _SIGNS.sub("", text_of(cell))
    if not said:
        return None
    if _COMMA.fullmatch(said):
        return Decimal(said.replace(".", "").replace(",", "."))
    if _POINT.fullmatch(said):
        return Decimal(said.replace(",", ""))
    if _PLAIN.fullmatch(said):
        return Decimal(said)
    if re.fullmatch(r"-?\d{1,3}[.,]\d{3}", said):
        raise CellError(
            text("“{said}” may be thousands or a fraction: write it with two decimals", said=said)
        )
    raise CellError(text("“{said}” is no amount", said=said[:40]))


def _of_number(cell: float) -> Decimal:
    try:
        exact = Decimal(repr(cell))
        rounded = exact.quantize(_CENT)
    except InvalidOperation:
        raise CellError(text("“{said}” is no amount", said=str(cell))) from None
    if abs(exact - rounded) > _NEAR:
        raise CellError(text("“{said}” has more than two decimals", said=repr(cell)))
    return rounded
