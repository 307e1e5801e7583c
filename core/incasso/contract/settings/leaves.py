"""Single values: msgspec converts them to the declared type, exactly or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin

import msgspec

from incasso.contract.settings.spelling import nearest
from incasso.contract.settings.wrong import UnfitError
from incasso.contract.text import Text, text

_MOST_DIGITS: Final = 30
_LONGEST_TOLD: Final = 40


def convert(value: Any, wanted: Any, *, texts: bool = True) -> Any:
    """A single value. With `texts` a text is read as a number or a flag too: from a reference
    every value is text.

    Raises UnfitError.
    """
    if wanted is Any:
        return value
    if wanted is Decimal and not _exact(value):
        raise UnfitError(*_cure(value, wanted))
    try:
        return msgspec.convert(value, wanted, strict=not (texts and isinstance(value, str)))
    except msgspec.ValidationError:
        raise UnfitError(*(_quoted(value, wanted) or _cure(value, wanted))) from None


def _exact(value: Any) -> bool:
    """Whether an amount is exact and sane: a float may have lost cents, 1e999999999 takes a day."""
    if isinstance(value, float):
        return False
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        return False
    return number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS


def _quoted(value: Any, wanted: Any) -> tuple[Text, Text] | None:
    """The cure of a number or a flag that only its quotes make a text."""
    if not isinstance(value, str):
        return None
    try:
        plain = msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError:
        return None
    problem, _ = _must_be(wanted, shown(value))
    return problem, text("write it without quotes: {value}", value=str(plain).lower())


def _cure(value: Any, wanted: Any) -> tuple[str, str]:
    """What is wrong with a value, and how to write it."""
    if choices := _choices(wanted):
        return text("{value} is not possible", value=shown(value)), nearest(str(value), choices)
    return _must_be(wanted, shown(value))


def _choices(wanted: Any) -> Iterable[str]:
    if get_origin(wanted) is Literal:
        return [str(each) for each in get_args(wanted)]
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return [str(member.value) for member in wanted]
    return ()


def _must_be(wanted: Any, value: str) -> tuple[Text, Text]:
    if wanted is bool:
        sentence = text("must be true or false, not {value}", value=value)
        return sentence, text("write true or false, without quotes")
    if wanted is int:
        sentence = text("must be a whole number, not {value}", value=value)
        return sentence, text("write a number without decimals")
    if wanted is Decimal:
        sentence = text("must be an exact number, not {value}", value=value)
        return sentence, text('write it in quotes, with a point: "50.00"')
    if wanted is date:
        return text("must be a date, not {value}", value=value), text("write 2026-11-23")
    return text("must be a text, not {value}", value=value), text("write it in quotes")


def shown(value: Any) -> str:
    """A value as a person wrote it, shortened for the message."""
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    written = str(value) if isinstance(value, (Decimal, date)) else written
    return written if len(written) <= _LONGEST_TOLD else written[: _LONGEST_TOLD - 3] + "…"
