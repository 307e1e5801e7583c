"""Values out of Mago's XML: texts become dates, amounts and yes or no, or a problem in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from incasso.api import Problem

CENT: Final = Decimal("0.01")
_FIRST_DAY: Final = date(1900, 1, 1)
_YES: Final = ("true", "1")
_NO: Final = ("false", "0", "")


class BadValueError(Exception):
    """A field that cannot be read; `problem` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        self.problem = Problem(code="bad_value", field=field, message=message)
        super().__init__(message)


def text(fields: Mapping[str, str], name: str) -> str:
    """A text without padding and control characters."""
    found = fields.get(name, "")
    return " ".join(found.split()) if found else ""


def yes(fields: Mapping[str, str], name: str) -> bool:
    """A Boolean; one that is missing is no."""
    found = fields.get(name, "").strip().lower()
    if found in _YES:
        return True
    if found in _NO:
        return False
    raise BadValueError(name, f"{found!r} is neither true nor false")


def whole(fields: Mapping[str, str], name: str, default: int | None = None) -> int:
    """A number or an enum; one that is missing is the default, or a problem without one."""
    found = fields.get(name, "").strip()
    if not found and default is not None:
        return default
    try:
        return int(found)
    except ValueError:
        raise BadValueError(name, f"{found!r} is no number") from None


def amount(fields: Mapping[str, str], name: str) -> Decimal:
    """Money, rounded to cents: Mago keeps it as binary floats."""
    found = fields.get(name, "").strip()
    try:
        value = Decimal(found)
        if not value.is_finite():
            raise InvalidOperation
        return value.quantize(CENT)
    except InvalidOperation:
        raise BadValueError(name, f"{found!r} is no amount") from None


def day(fields: Mapping[str, str], name: str) -> date | None:
    """A date; everything before 1900 is Mago's way to say that there is none."""
    found = fields.get(name, "").strip()
    if not found:
        return None
    try:
        value = date.fromisoformat(found[:10])
    except ValueError:
        raise BadValueError(name, f"{found!r} is no date") from None
    return value if value >= _FIRST_DAY else None
