"""Whose invoice it is: VAT numbers and tax codes compared as the tax office would."""

from __future__ import annotations

import re
from typing import Final

from incasso.fatturapa.records import Party

_SEPARATORS: Final = re.compile(r"[^A-Z0-9]")
_COUNTRIES: Final = (
    "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK "
    "SM XI"
)
_COUNTRY: Final = re.compile(rf"({'|'.join(_COUNTRIES.split())})(?=[0-9A-Z]*[0-9])")
_SHORTEST: Final = 11
"""Digits of an Italian number: spreadsheets take the zeros before it away."""
_PERSON: Final = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9A-Z]{7}")
"""An Italian tax code of a person begins with letters that are no country."""


def tax_number(written: str) -> str:
    """A VAT number or tax code to compare: upper case, no separators, no country before it.

    Empty for what identifies nobody, such as eleven zeros.
    """
    bare = _SEPARATORS.sub("", written.upper())
    if not _PERSON.fullmatch(bare) and (country := _COUNTRY.match(bare)):
        bare = bare[country.end() :]
    return bare.zfill(_SHORTEST) if bare.strip("0") else ""


def same_party(vat: str, tax_code: str, party: Party) -> bool | None:
    """Whether a client of the ledger is this party; None if the ledger does not tell.

    One equal number is enough: many ledgers hold the VAT number in both fields or in the wrong
    one.
    """
    known = {tax_number(vat), tax_number(tax_code)} - {""}
    if not known:
        return None
    return bool(known & ({tax_number(party.vat), tax_number(party.tax_code)} - {""}))
