"""VAT numbers and tax codes, compared independently of spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_SEPARATORS: Final = re.compile(r"[^A-Z0-9]")
_COUNTRIES: Final = (
    "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK "
    "SM XI"
)
_COUNTRY: Final = re.compile(rf"({'|'.join(_COUNTRIES.split())})(?=[0-9A-Z]*[0-9])")
_SHORTEST: Final = 11
"""Digits of an Italian number: spreadsheets remove its leading zeros."""
_PERSON: Final = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9A-Z]{7}")
"""A person's Italian tax code begins with letters that are no country code."""


def tax_number(written: str) -> str:
    """A VAT number or tax code to compare: upper case, no separators, no country prefix.

    Empty for placeholders such as eleven zeros.
    """
    bare = _SEPARATORS.sub("", written.upper())
    if not _PERSON.fullmatch(bare) and (country := _COUNTRY.match(bare)):
        bare = bare[country.end() :]
    return bare.zfill(_SHORTEST) if bare.strip("0") else ""


def same_party(one: Iterable[str], other: Iterable[str]) -> bool | None:
    """Whether two sets of VAT numbers and tax codes belong to one party; None if one is empty.

    One equal number is enough: many ledgers hold the VAT number in both fields or in the wrong one.
    """
    known, given = ({tax_number(each) for each in numbers} - {""} for numbers in (one, other))
    return bool(known & given) if known and given else None
