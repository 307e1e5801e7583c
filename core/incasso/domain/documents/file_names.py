"""What the name of a PDF says about the document in it, by patterns such as `{year}/{number}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from incasso.contract.values import Value
from incasso.domain.fault import Fault, fault

_WORDS: Final[Mapping[str, str]] = {
    "number": r"[^/]+?",
    "date": r"\d{4}[-_.]\d{2}[-_.]\d{2}|\d{2}[-_.]\d{2}[-_.]\d{4}|\d{8}",
    "year": r"(?:19|20)\d{2}",
    "client": r"[^/]+?",
    "vat": r"[A-Za-z]{0,2}[0-9]{8,14}",
    "any": r"[^/]*?",
}
_WORD: Final = re.compile(r"\{(\w*)\}")


class NamedFile(Value, frozen=True, kw_only=True):
    """What one file name says; fields it does not give are empty."""

    number: str
    day: date | None = None
    year: int | None = None
    client: str = ""
    vat: str = ""


class PatternFault(StrEnum):
    """Why a pattern of file names cannot be used."""

    UNKNOWN_WORD = "unknown_word"
    NO_NUMBER = "no_number"
    TWICE = "twice"


def pattern_problem(pattern: str) -> Fault | None:
    """What is wrong with a pattern; None: nothing."""
    words = _WORD.findall(pattern)
    if unknown := [word for word in words if word not in _WORDS]:
        known = [f"{{{word}}}" for word in _WORDS]
        return fault(PatternFault.UNKNOWN_WORD, word=f"{{{unknown[0]}}}", known=known)
    if words.count("number") != 1:
        return fault(PatternFault.NO_NUMBER)
    if any(words.count(word) > 1 for word in words if word != "any"):
        return fault(PatternFault.TWICE)
    return None


def read_name(path: str, patterns: Iterable[str]) -> NamedFile | None:
    """What the first matching pattern reads in a path with `/` separators; None: none matches.

    A pattern is compared with the end of the path, without `.pdf`.
    """
    stem = re.sub(r"\.pdf$", "", path, flags=re.IGNORECASE)
    for pattern in patterns:
        if found := _compiled(pattern).search(stem):
            parts = found.groupdict()
            day = _day(parts.get("date") or "")
            if parts.get("date") and day is None:
                continue
            year = parts.get("year")
            return NamedFile(
                number=parts["number"],
                day=day,
                year=int(year) if year else None,
                client=parts.get("client") or "",
                vat=parts.get("vat") or "",
            )
    return None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = _WORD.split(re.sub(r"\.pdf$", "", pattern, flags=re.IGNORECASE))
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            made += re.escape(piece)
        else:
            made += f"(?:{_WORDS[piece]})" if piece == "any" else f"(?P<{piece}>{_WORDS[piece]})"
    return re.compile(rf"(?:^|/){made}$", re.IGNORECASE)


def _day(word: str) -> date | None:
    """2026-09-01, 20260901, 01-09-2026 or 01092026."""
    figures = re.sub(r"\D", "", word)
    for iso in (figures, figures[4:] + figures[2:4] + figures[:2]):
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            continue
        if 1950 <= day.year < 2100:
            return day
    return None
