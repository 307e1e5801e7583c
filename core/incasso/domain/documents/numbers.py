"""Document numbers compared: programs write 123/A, 123-A, 0123/A and FT 123/A for the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PARTS: Final = re.compile(r"[0-9]+|[A-Z]+")
_CREDIT_WORDS: Final = frozenset("NC NA CREDITO ACCREDITO".split())
_KIND_WORDS: Final = frozenset(
    "FT FTV FV FA FAT FATT FATTURA FC FD NC NA ND NOTA CREDITO DI DEBITO ACCREDITO DOC N NR NUM "
    "NUMERO PARCELLA".split()
)
"""What ERPs write before the number to say which kind of document it is."""


def normalised(number: str) -> str:
    """The number's letters and figures, upper case, without separators and leading zeros."""
    plain = unicodedata.normalize("NFKD", number).upper()
    parts = _PARTS.findall(plain)
    return " ".join(part.lstrip("0") or "0" if part.isdecimal() else part for part in parts)


def without_kind(number: str) -> str:
    """The same without words for the kind of document before it; equal for `FT 123` and `123`."""
    return _split(number)[1]


def sorted_digits(number: str) -> str:
    """Its figures alone, in order of size: equal for every way to write one number."""
    found = [part for part in normalised(number).split() if part.isdecimal()]
    return " ".join(sorted(found, key=lambda part: (len(part), part)))


def may_be_same(one: str, other: str) -> bool:
    """Whether two numbers may be one: `7` and `7/FE`, `A/7` and `7/A`; never `7/A` and `7/B`.

    Ledgers often leave out the series. It needs proof by client and day.
    """
    if not sorted_digits(one) or sorted_digits(one) != sorted_digits(other):
        return without_kind(one) == without_kind(other) != ""
    series, others = _series(one), _series(other)
    return not series or not others or series == others


def prefix(number: str) -> str:
    """The words for the kind of document before the number; often none."""
    return _split(number)[0]


def is_credit_note(number: str) -> bool:
    """Whether the number itself marks a credit note (`NC 12`)."""
    return not _CREDIT_WORDS.isdisjoint(prefix(number).split())


def _series(number: str) -> list[str]:
    return sorted(part for part in without_kind(number).split() if not part.isdecimal())


def _split(number: str) -> tuple[str, str]:
    parts = normalised(number).split()
    begin = 0
    while begin < len(parts) - 1 and parts[begin] in _KIND_WORDS:
        begin += 1
    return " ".join(parts[:begin]), " ".join(parts[begin:])
