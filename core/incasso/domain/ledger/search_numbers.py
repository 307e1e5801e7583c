"""What a question means as a document number or as an amount."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

BEFORE_THE_NUMBER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz /-._0#"
"""What stands before the first figure that counts: `FT 0012/2026` is looked up under `12/2026`."""

_SEPARATORS: Final = ("/", "-", ".", " ", "")
_WIDEST: Final = 7
_GROUPS: Final = re.compile(r"\d+")
_NUMBER_AND_YEAR: Final = re.compile(r"0*(\d{1,7})\W+((?:19|20)\d\d)")
_YEAR_AND_NUMBER: Final = re.compile(r"((?:19|20)\d\d)\W+0*(\d{1,7})")

_ITALIAN: Final = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d{1,2})?")
_ENGLISH: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{1,2}")
_MOST_FIGURES: Final = 13


def number_part(number: str) -> str:
    """A document number from its first figure that counts, as the index of numbers has it."""
    return number.lstrip(BEFORE_THE_NUMBER)


def numbers_meant(question: str) -> list[str]:
    """The ways in which the number may be written, the typed one first; none without a figure."""
    typed = number_part(question.strip())
    if not _GROUPS.search(typed):
        return []
    found = [typed]
    bare = question.strip().lstrip(BEFORE_THE_NUMBER.replace("0", ""))
    if numbered := _NUMBER_AND_YEAR.fullmatch(bare):
        found += _both_ways(numbered[1], numbered[2])
    elif numbered := _YEAR_AND_NUMBER.fullmatch(bare):
        found += _both_ways(numbered[2], numbered[1])
    return list(dict.fromkeys(found))


def _both_ways(number: str, year: str) -> list[str]:
    """`12/2026` and `2026/00012`, with each separator."""
    first = [f"{number}{between}{year}" for between in _SEPARATORS[:-1]]
    padded = dict.fromkeys(number.zfill(width) for width in range(1, _WIDEST + 1))
    return first + [f"{year}{between}{each}" for each in padded for between in _SEPARATORS]


def amount_meant(question: str) -> Decimal | None:
    """`1.234,56`, `1234,56` and `1,234.56` are an amount; `12` too, and a code as well."""
    typed = question.replace("€", "").replace("EUR", "").strip().replace(" ", "")
    if _ITALIAN.fullmatch(typed):
        plain = typed.replace(".", "").replace(",", ".")
    elif _ENGLISH.fullmatch(typed):
        plain = typed.replace(",", "")
    else:
        return None
    return Decimal(plain) if len(plain) <= _MOST_FIGURES else None
