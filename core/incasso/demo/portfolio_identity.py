"""Invented identities with true check digits: VAT numbers, tax codes, bodies and people."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from stdnum import luhn
from stdnum.at import uid as austrian
from stdnum.ch import uid as swiss
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale

_CONSONANTS: Final = frozenset("BCDFGHJKLMNPQRSTVWXYZ")
_MONTHS: Final = "ABCDEHLMPRST"
_TOWNS: Final = ("F205", "H501", "L219", "A944", "G224", "A662", "D612", "F839")


def italian_vat(dice: Random) -> str:
    """Eleven digits with the right last one; the sequence is beyond those handed out so far."""
    body = f"{dice.randrange(9_500_000, 9_999_999)}{dice.randrange(1, 101):03d}"
    return body + str(luhn.calc_check_digit(body))


def foreign_vat(country: str, dice: Random) -> str:
    """The VAT number of a German, Austrian, French or Swiss company."""
    if country == "DE":
        body = str(dice.randrange(90_000_000, 99_999_999))
        return f"DE{body}{mod_11_10.calc_check_digit(body)}"
    if country == "AT":
        body = f"U{dice.randrange(9_000_000, 9_999_999)}"
        return f"AT{body}{austrian.calc_check_digit(body)}"
    if country == "FR":
        body = str(dice.randrange(90_000_000, 99_999_999))
        siren = body + str(luhn.calc_check_digit(body))
        return f"FR{int(siren + '12') % 97:02d}{siren}"
    body = str(dice.randrange(90_000_000, 99_999_999))
    check = swiss.calc_check_digit(body)
    if check == "10":  # no such number exists: the next one does
        return foreign_vat(country, dice)
    return f"CHE{body}{check}"


def tax_code(surname: str, first_name: str, dice: Random) -> str:
    """The codice fiscale of somebody born between 1950 and 2000."""
    born = date(1950, 1, 1) + timedelta(days=dice.randrange(18_000))
    day = born.day + (40 if first_name.endswith("a") else 0)
    body = (
        f"{_letters(surname)}{_letters(first_name, first_name=True)}"
        f"{born.year % 100:02d}{_MONTHS[born.month - 1]}{day:02d}{dice.choice(_TOWNS)}"
    )
    return body + str(codicefiscale.calc_check_digit(body))


def _letters(name: str, *, first_name: bool = False) -> str:
    """Three letters: consonants first, then vowels; of four consonants of a first name not the
    second."""
    upper = "".join(letter for letter in name.upper() if letter.isalpha())
    consonants = [letter for letter in upper if letter in _CONSONANTS]
    if first_name and len(consonants) > 3:
        consonants = [consonants[0], *consonants[2:]]
    vowels = [letter for letter in upper if letter not in _CONSONANTS]
    return "".join([*consonants, *vowels, "X", "X"])[:3]
