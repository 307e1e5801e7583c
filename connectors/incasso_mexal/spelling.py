"""How Mexal spells countries, VAT numbers and addresses, brought into the hub's form."""

from __future__ import annotations

import re
from typing import Final

_COUNTRY: Final = re.compile("[A-Z]{2}")
_NATIONALITY: Final = re.compile(r"[A-Z](?=\d{11}$)")
_MAIL_SEPARATORS: Final = re.compile(r"[;,\s]+")


def country_code(written: str) -> str:
    """Two letters, or nothing: older companies have other codes in the field."""
    country = written.upper()
    return country if _COUNTRY.fullmatch(country) else ""


def vat_number(written: str, country: str) -> str:
    """Without blanks, country prefix and nationality letter; a row of zeros is no number."""
    plain = written.replace(" ", "").upper().removeprefix(country or "IT")
    plain = _NATIONALITY.sub("", plain)
    return "" if not plain.strip("0") else plain


def mail_address(written: str) -> str:
    """The first of several addresses in one field."""
    parts = [each for each in _MAIL_SEPARATORS.split(written) if "@" in each]
    return parts[0].lower() if parts else written
