"""The words by which a client is found, and those of a question: written alike, however they are
typed.

Accents, capitals, apostrophes and the points of abbreviations make no difference: `S.R.L.` is
`srl`, `D'Angelò` is `dangelo`, and also `angelo`. A word's last letters may be missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from incasso.domain.ledger.tax_numbers import tax_number

LONGEST: Final = 40
"""Letters of a word that are kept."""

MOST: Final = 6
"""Words of a question that are looked for; who types more has found it by then."""

LEGAL_FORMS: Final = frozenset(
    "srl spa snc sas srls ss sapa scarl scrl coop scpa gmbh ag kg sa sarl ltd inc llc bv".split()
)
"""What half of all clients have in their names: looked for only where nothing else is asked."""

_APOSTROPHES: Final = re.compile(r"['’‘`´]")
_ABBREVIATION: Final = re.compile(r"\b(\w)\.\s?(?=\w\b)")
_MARKS: Final = frozenset("'`´’‘.")
"""What makes a text more than words one after the other."""

_WORD: Final = re.compile(r"[^\W_]+")
_NO_FIGURES: Final = re.compile(r"\D+")
_FIGURES: Final = re.compile(r"[\d\s+/().\-]*\d[\d\s+/().\-]*")
_AFTER_APOSTROPHE: Final = re.compile(r"\b\w{1,4}['’‘`´](\w{3,})")
_WITH_COUNTRY: Final = re.compile(r"[A-Za-z]{2}[\s-]?\d[\d\s]{7,}")


def words(text: str) -> list[str]:
    """The words of a text in their order."""
    if text.isascii() and _MARKS.isdisjoint(text):
        return [word[:LONGEST] for word in _WORD.findall(text.casefold())]
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("'", text))
        text = "".join(each for each in decomposed if not unicodedata.combining(each))
    text = _ABBREVIATION.sub(r"\1", _APOSTROPHES.sub("", text.casefold()))
    return [word[:LONGEST] for word in _WORD.findall(text)]


def words_of_client(
    *,
    code: str,
    name: str,
    vat: str,
    tax_code: str,
    emails: Iterable[str],
    phones: Iterable[str],
) -> set[str]:
    """Every word that finds a client."""
    of_code = words(code)
    found = {*words(name), *of_code, "".join(of_code)[:LONGEST]}
    if not _MARKS.isdisjoint(name):
        for rest in _AFTER_APOSTROPHE.findall(name):
            found.update(words(rest))
    found.add(code.lstrip("0").casefold() if code.isdecimal() else "")
    found.update(tax_number(number).casefold() for number in {vat, tax_code} if number)
    for address in emails:
        found.update(words_of_address(address))
    found.update(map(figures, phones))
    found.discard("")
    return found


def words_of_address(address: str) -> list[str]:
    """The words of a mail address without its `it` or `com`, which all have.

    Half typed, as in `info@rossi`, it has none yet.
    """
    name, at, domain = address.rpartition("@")
    return words(f"{name} {domain.rpartition('.')[0] or domain}" if at else address)


def figures(number: str) -> str:
    """A telephone number's figures, without the country's for an Italian one."""
    bare = _NO_FIGURES.sub("", number)
    if number.strip().startswith("+39"):
        return bare[2:][:LONGEST]
    return bare.removeprefix("0039")[:LONGEST]


def asked(question: str) -> list[list[str]]:
    """What a question may mean: the words of each meaning have all to be there."""
    typed: list[str] = []
    for part in question.split():
        typed += words_of_address(part) if "@" in part else [part]
    plain = words(" ".join(typed))
    plain = [word for word in plain if word not in LEGAL_FORMS] or plain
    meanings = [plain[:MOST]] if plain else []
    if _FIGURES.fullmatch(question):
        meanings.append([figures(question)])
    if _WITH_COUNTRY.fullmatch(question):
        meanings.append([figures(question)])
    return [each for number, each in enumerate(meanings) if each not in meanings[:number]]
