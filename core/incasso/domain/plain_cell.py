"""Text for a table that people may open in Excel: what looks like a formula stays text.

A client called `=HYPERLINK(…)` must not run when an export is opened (OWASP, CSV injection). A code
or number such as `-12` or `+39021234567` is left alone: programs look up clients by it.
"""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = "=@\t\r\n＝＠＋－"
_NUMBER: Final = re.compile(r"[+-][\w ./]*")


def plain_cell(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would take it for a formula."""
    if text.startswith(tuple(_SIGNS)) or (
        text.startswith(("+", "-")) and not _NUMBER.fullmatch(text)
    ):
        return f"'{text}"
    return text
