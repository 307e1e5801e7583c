"""What a cell may hold, and the error raised when it cannot be read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from incasso.api import Problem
from incasso.api import text as sentence

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | time | timedelta
"""Text from a CSV file; from Excel also numbers and dates, which are never read again as text."""

LONGEST_CELL: Final = 10_000
LONGEST_CODE: Final = 128
LONGEST_RAW: Final = 2_000


class CellError(ValueError):
    """A cell that cannot be understood."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def problem(self, field: str) -> Problem:
        """The same problem as the operator will read it."""
        return Problem(code=self.code, message=self.message, field=field, hint=self.hint)


def text_of(cell: Cell) -> str:
    """The cell as text: trimmed, without protective apostrophe, whole numbers without `.0`.

    Raises CellError for bytes that are not text and for cells beyond 10,000 characters.
    """
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


def clean(text: str) -> str:
    """Trims a text cell; refuses what a database or a letter cannot hold."""
    text = text.strip(" \t\r\n\xa0\u202f\ufeff")
    if len(text) > LONGEST_CELL:
        raise CellError(
            "too_long",
            sentence(
                "the cell has {n} characters, {longest_cell} are allowed",
                n=len(text),
                longest_cell=LONGEST_CELL,
            ),
            sentence("look for a quote that is never closed, or for a wrong separator"),
        )
    # Writers put an apostrophe before =, +, -, @ and long digits so that Excel leaves them alone.
    if text[:1] == "'" and text[1:2] and (text[1] in "=+-@" or text[1].isdigit()):
        text = text[1:]
    if text and not text.isprintable():
        return _without_controls(text)
    return text


def _without_controls(text: str) -> str:
    if "\x00" in text:
        raise CellError(
            "nul", sentence("the cell holds a NUL byte"), sentence("export the file again")
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise CellError(
            "encoding",
            sentence("the cell holds bytes that are not valid in the file's encoding"),
            sentence("save the file as UTF-8, or name its encoding in the settings"),
        )
    return "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127))


def code_of(cell: Cell) -> str:
    """An identifier: text of at most 128 characters; leading zeros stay."""
    code = text_of(cell)
    if len(code) > LONGEST_CODE:
        raise CellError(
            "too_long", sentence("the code has {n} characters, 128 are allowed", n=len(code))
        )
    return code


def is_blank(cell: Cell | None) -> bool:
    """Whether it is empty or only blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\xa0\ufeff"))
