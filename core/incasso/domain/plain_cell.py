"""CSV that people may open in Excel: what looks like a formula stays text.

A client called `=HYPERLINK(…)` must not run when an export is opened (OWASP, CSV injection). Nor
may `Rossi;=HYPERLINK(…)`: an Italian Excel splits every line of the file at semicolons, and a quote
in the middle of a line keeps nothing together. A code or number such as `-12` or `+39021234567` is
left alone: programs look up clients by it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from io import StringIO
from typing import Any, Final

_SEPARATOR: Final = re.compile(r"([;\t\r\n])")
_SIGNS: Final = ("=", "@", "+", "-", "＝", "＠", "＋", "－")
_NUMBER: Final = re.compile(r"[+-][\w ./]*")


def plain_cell(text: str) -> str:
    """The text, with an apostrophe wherever a spreadsheet would take what follows for a formula:
    before it all, and behind each semicolon, tab and line break."""
    pieces = _SEPARATOR.split(text)
    if len(pieces) > 1 and not pieces[0] and pieces[1] != ";":
        pieces[0] = "'"  # a tab or line break in front is dropped by some, with what it hides
    return "".join(f"'{piece}" if _is_formula(piece) else piece for piece in pieces)


def csv_text(columns: Iterable[str], rows: Iterable[Iterable[Any]], separator: str = ",") -> str:
    """A whole CSV with a heading, commas and CRLF, every text of it plain; None is empty.

    The one way in which the hub writes CSV for people and programs. A file that people fill in has
    semicolons, because an Italian Excel opens it in columns only then.
    """
    made = StringIO(newline="")
    writer = csv.writer(made, delimiter=separator)
    writer.writerow([plain_cell(column) for column in columns])
    for row in rows:
        writer.writerow(["" if value is None else plain_cell(str(value)) for value in row])
    return made.getvalue()


def _is_formula(piece: str) -> bool:
    seen = piece.lstrip('" ')
    while seen and _is_unseen(seen[0]):
        seen = seen[1:].lstrip('" ')
    if not seen.startswith(_SIGNS):
        return False
    return not _NUMBER.fullmatch(seen.rstrip('" '))


def _is_unseen(character: str) -> bool:
    """Spaces of every kind, controls, and marks that show nothing."""
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")
