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


FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""Beyond them a day is a typing mistake, and adding days to 31/12/9999 is no date any more."""


class UnclearError(ValueError):
    """It can be read in several ways; the message says how to write it."""


def read_day(words: str, language: str) -> date:
    """2026-10-15, 15/10/2026, 15/10/26. Raises UnclearError, also for 10/11/2026 in English
    and for days before 1900 or after 2199.
    """
    found = _DAY_FIRST.fullmatch(words.strip())
    try:
        read = date.fromisoformat(words.strip()) if found is None else _day_first(found)
    except ValueError:
        problem = text("'{words}' is not a date; write it as 2026-11-23 or 23/11/2026", words=words)
        raise UnclearError(problem) from None
    if not FIRST_DAY <= read <= LAST_DAY:
        raise UnclearError(
            text("'{words}' is too far away: the year lies between 1900 and 2199", words=words)
        )
    if found and language != ITALIAN and read.day <= 12 and read.day != read.month:
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


def _day_first(found: re.Match[str]) -> date:
    day, month, year = (int(part) for part in found.groups() if part and part.isdigit())
    return date(year if year > 99 else 2000 + year, month, day)


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
