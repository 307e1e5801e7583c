"""Dates and amounts as people write them, beside the ISO form; what is ambiguous is refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.contract.text import text
from incasso.locale.language import ITALIAN

_DAY_FIRST: Final = re.compile(
    r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{2})"
)
_PLAIN: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}((\.[0-9]{3})+(,[0-9]+)?|(,[0-9]{3})+(\.[0-9]+)?)")
_EITHER: Final = re.compile(r"([+-]?[1-9][0-9]{0,2})[.,]([0-9]{3})")
"""1.000 is a thousand to one reader and one to another."""


class UnclearError(ValueError):
    """It can be read in several ways; the message says how to write it."""


def read_day(words: str, language: str) -> date:
    """2026-10-15, 15/10/2026, 15/10/26. Raises UnclearError, also for 10/11/2026 in English."""
    found = _DAY_FIRST.fullmatch(words.strip())
    try:
        if found is None:
            return date.fromisoformat(words.strip())
        day, month, year = (int(part) for part in found.groups() if part and part.isdigit())
        read = date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        problem = text("'{words}' is not a date; write it as 2026-11-23 or 23/11/2026", words=words)
        raise UnclearError(problem) from None
    if language != ITALIAN and read.day <= 12 and read.day != read.month:
        other = read.replace(month=read.day, day=read.month)
        raise UnclearError(
            text(
                "'{words}' can be two days; write it as {one} or {other}",
                words=words,
                one=read.isoformat(),
                other=other.isoformat(),
            )
        )
    return read


def read_amount(words: str) -> Decimal:
    """1250.00, 1250,00, 1.250,00, 1,250.00. Raises UnclearError, also for 1.250 and 1,250."""
    given = words.strip().replace(" ", "").replace("_", "")
    if found := _EITHER.fullmatch(given):
        many = "".join(found.groups())
        raise UnclearError(
            text(
                "'{words}' can be two amounts; write it as {many}, or with two decimals",
                words=words,
                many=many,
            )
        )
    if _PLAIN.fullmatch(given):
        return Decimal(given.replace(",", "."))
    if _GROUPED.fullmatch(given):
        return Decimal(_without_groups(given))
    raise UnclearError(
        text("'{words}' is not an amount; write it as 1250.00 or 1.250,00", words=words)
    )


def _without_groups(given: str) -> str:
    """The first sign groups thousands; another one after it is the decimal sign."""
    group = "." if "," not in given or 0 <= given.find(".") < given.find(",") else ","
    return given.replace(group, "").replace(",", ".")
