"""First name and surname of a private person, out of what an ERP keeps in one field.

Ledgers write "ROSSI MARIO" as often as "Mario Rossi". The Italian tax code tells which is which:
it begins with three letters of the surname and three of the first name (D.M. 23 December 1976).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_VOWELS: Final = frozenset("AEIOU")
_WORD: Final = re.compile(r"[^\W\d_]+")
_OF_A_PERSON: Final = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9A-Z]{7}")


def first_name_first(name: str, tax_code: str = "") -> str:
    """The name as one is addressed: first name, then surname, not in capitals.

    The order of the ledger stays where the tax code is missing or fits neither order.
    """
    words = name.split()
    shown = " ".join(words)
    if (place := _surname_ends(words, tax_code)) is not None:
        shown = " ".join([*words[place:], *words[:place]])
    return _WORD.sub(_capitalised, shown) if shown.isupper() or shown.islower() else shown


def is_name_of(name: str, tax_code: str) -> bool | None:
    """Whether the name is that of the code's person, not of a firm; None without such a code."""
    words = name.split()
    if not _OF_A_PERSON.fullmatch(_code(tax_code)):
        return None
    turned = [_surname_ends(words[cut:] + words[:cut], tax_code) for cut in range(len(words))]
    return any(place is not None for place in turned)


def _surname_ends(words: list[str], tax_code: str) -> int | None:
    """After how many words the surname ends, if it stands first; else None."""
    code = _code(tax_code)
    if not _OF_A_PERSON.fullmatch(code):
        return None
    for place in range(1, len(words)):
        surname, first = _letters(words[:place]), _letters(words[place:])
        if _of_surname(surname) == code[:3] and _of_first_name(first) == code[3:6]:
            return place
    return None


def _code(tax_code: str) -> str:
    return "".join(tax_code.upper().split())


def _letters(words: list[str]) -> str:
    bare = unicodedata.normalize("NFKD", "".join(words)).upper()
    return "".join(each for each in bare if "A" <= each <= "Z")


def _of_surname(letters: str) -> str:
    return _three(_consonants(letters), letters)


def _of_first_name(letters: str) -> str:
    """With four consonants or more the second is passed over."""
    found = _consonants(letters)
    return _three(found[0] + found[2:] if len(found) > 3 else found, letters)


def _consonants(letters: str) -> str:
    return "".join(each for each in letters if each not in _VOWELS)


def _three(consonants: str, letters: str) -> str:
    vowels = "".join(each for each in letters if each in _VOWELS)
    return (consonants + vowels + "XXX")[:3]


def _capitalised(word: re.Match[str]) -> str:
    return word[0].capitalize()
