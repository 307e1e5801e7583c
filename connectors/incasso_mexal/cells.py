"""What a field of Mexal may hold, whether it came as JSON or out of the SQL replica, made typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from incasso.api import Problem
from incasso.api import text as sentence

NO_DATES: Final = frozenset({"", "0", "00000000", "17991231", "18991230", "18991231", "19000101"})
"""What programs write for "no date"; no credit is that old."""

LONGEST_TEXT: Final = 10_000
_CENTS: Final = Decimal("0.01")
_NOISE: Final = Decimal("0.000001")
_DAY: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[ T].*)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,12})?", re.ASCII)
_CONTROLS: Final = {code: None for code in (*range(32), 127) if code not in (9, 10)}


class CellError(ValueError):
    """A field that cannot be understood."""

    def __init__(self, field: str, message: str, hint: str = "", code: str = "bad_value") -> None:
        super().__init__(f"{field}: {message}")
        self.problem = Problem(code=code, field=field, message=message, hint=hint)


def text(value: Any, field: str) -> str:
    """Text without the blanks that Mexal pads codes with, and without control characters."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise CellError(
            field,
            sentence("{shown} is no text", shown=shown(value)),
            sentence("look at the record in Mexal"),
        )
    plain = str(value).strip(" \t\r\n\xa0\0")
    if len(plain) > LONGEST_TEXT:
        raise CellError(
            field, sentence("the text has {n} characters", n=len(plain)), code="too_long"
        )
    return plain if plain.isprintable() else plain.translate(_CONTROLS).strip()


def day(value: Any, field: str) -> date | None:
    """A day out of AAAAMMGG, of a date column or of a date-time; None where there is none."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return None if value.strftime("%Y%m%d") in NO_DATES else value
    plain = text(value, field)
    if plain in NO_DATES or plain.replace("-", "")[:8] in NO_DATES:
        return None
    match = _DAY.fullmatch(plain)
    try:
        if match is None:
            raise ValueError(plain)
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise CellError(
            field,
            sentence("{plain!r} is no date", plain=plain),
            sentence("correct it in Mexal"),
            "bad_date",
        ) from None


def amount(value: Any, field: str) -> Decimal | None:
    """An exact amount; None if there is none. Refuses what is no number or has more than cents.

    A float column of the replica is taken as the shortest text that names it; the noise of a
    binary number (12.300000000000001) is dropped, a true third decimal is refused.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float):
        value = Decimal(repr(value))  # 0.30000000000000004 has more digits than any amount
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise CellError(
            field,
            sentence("{shown} is no amount", shown=shown(value)),
            sentence("correct it in Mexal"),
            "bad_amount",
        )
    exact = _decimal(value, field)
    if exact is None:
        return None
    rounded = exact.quantize(_CENTS)
    if abs(exact - rounded) > _NOISE:
        raise CellError(
            field,
            sentence("{exact} has more than two decimals", exact=exact),
            code="too_many_decimals",
        )
    return rounded


def _decimal(value: int | str | Decimal, field: str) -> Decimal | None:
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            raise CellError(
                field, sentence("{value!r} is no amount", value=value[:40]), code="bad_amount"
            )
    try:
        exact = Decimal(value)
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** 13:
        raise CellError(
            field, sentence("{value} cannot be an amount", value=str(value)[:40]), code="bad_amount"
        )
    return exact


def whole(value: Any, field: str) -> int:
    """A whole number; 0 where the field is empty, as Mexal means it."""
    if value is None or value == "":
        return 0
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    plain = text(value, field)
    if not plain:
        return 0
    try:
        number = Decimal(plain)
        if number != number.to_integral_value():
            raise ValueError(plain)
        return int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise CellError(field, sentence("{plain!r} is no whole number", plain=plain[:40])) from None


def is_yes(value: Any) -> bool:
    """Whether a flag of Mexal is set: S, or anything that does not mean no."""
    return value not in (None, False, 0) and str(value).strip().upper() not in ("", "N", "0")


def first_of(texts: Iterable[str]) -> str:
    """The first that is not empty."""
    return next((each for each in texts if each), "")


def shown(value: Any) -> str:
    """A value for an error message, cut short."""
    shown_value = repr(value)
    return shown_value if len(shown_value) <= 40 else shown_value[:37] + "…"
