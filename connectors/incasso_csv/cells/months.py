"""Dates with the name of a month, in Italian, English, German and French: `15-mar-2026`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from incasso_csv.cells.words import normal

_NAMES: Final = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
)
_IRREGULAR: Final = {"mrz": 3, "janner": 1, "maerz": 3}
_SHORTEST: Final = 3

_DAY: Final = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?"
_FORMS: Final = (
    re.compile(rf"{_DAY} ?(?P<month>[a-z]+) ?(?P<year>\d{{4}}|\d{{2}})(?: .*)?", re.ASCII),
    re.compile(rf"(?P<month>[a-z]+) {_DAY} (?P<year>\d{{4}})(?: .*)?", re.ASCII),
)


def named_day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a date that names its month; None for any other text.

    The year may have two digits. A word that may be two months (`jui`: juin or juillet) is none.
    """
    words = normal(text)
    for form in _FORMS:
        found = form.fullmatch(words)
        if found and (month := month_of(found["month"])):
            return int(found["year"]), month, int(found["day"])
    return None


@lru_cache(maxsize=256)
def month_of(word: str) -> int | None:
    """The number of the only month that begins with these three letters or more."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    numbers = {
        number
        for names in _NAMES
        for number, name in enumerate(names.split(), start=1)
        if name.startswith(word)
    }
    return numbers.pop() if len(numbers) == 1 and len(word) >= _SHORTEST else None
