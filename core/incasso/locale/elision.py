"""Italian articles before a number: "l'8 ottobre", "dell'11 luglio", "dell'8,05%".

The article loses its vowel where the number, read aloud, begins with one: otto, undici, ottanta,
ottocento. What counts is the word, so "08/10/2026" is read as "otto". The first of a month is
"primo", not "uno": no elision.
"""

from __future__ import annotations

import re
from typing import Final

_ELIDED: Final = {
    "il": "l'", "del": "dell'", "dal": "dall'", "al": "all'", "nel": "nell'", "sul": "sull'",
}  # fmt: skip

_MONTHS: Final = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
)

# Bold marks and an office's own tags may stand between the article and its number.
_BETWEEN: Final = r"((?:[\ue000-\ue001]|<[^<>]*>)*)"

_NUMBER: Final = (
    r"(0?8|11)(?=[ \xa0](?:" + _MONTHS + r")\b|/\d\d/\d\d)"  # a day
    r"|(11|8\d?|8\d\d|1)(?=(?:,\d+)?[ \xa0]?%)"  # a rate: l'1%, l'8%, l'80%, l'11,5%
)
_ARTICLE: Final = re.compile(
    r"\b([Ii]l|[Dd]el|[Dd]al|[Aa]l|[Nn]el|[Ss]ul)[ \xa0]" + _BETWEEN + "(?:" + _NUMBER + ")"
)

# Every article ends in "l". Most texts have nothing to join, and this finds it out at once.
_PERHAPS: Final = re.compile(r"l[ \xa0]" + _BETWEEN + r"(?:0?8|11|1[ \xa0,%])")


def elided(text: str) -> str:
    """The text with its articles elided before dates and rates; all else stays."""
    return _ARTICLE.sub(_joined, text) if _PERHAPS.search(text) else text


def _joined(found: re.Match[str]) -> str:
    article, between = found[1], found[2]
    short = _ELIDED[article.lower()]
    if article[0].isupper():
        short = short.capitalize()
    return short + between + (found[3] or found[4])
