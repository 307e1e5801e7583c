"""Rows of values as the XML of a sheet: as fast as it gets, and every text stays a text.

XlsxWriter makes everything else of a workbook. Rows it writes at 3,400 a second; these, whose cells
are all of three kinds, go at about 60,000.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape

from incasso_excel.columns import Shown

_LONGEST: Final = 32_767
"""Characters of one cell, by Excel's own limit."""
_FIRST_DAY: Final = date(1899, 12, 30)
_SAFE_FROM: Final = date(1900, 3, 1)
"""Excel believes in a 29 February 1900."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOOKS_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Excel reads `_x0041_` as an A: a text that holds such letters has its first one escaped."""

Cell = Callable[[str, Any], str]


def row_writer(shown: Sequence[Shown], styles: Sequence[str]) -> Callable[[int, list[Any]], str]:
    """Writes a row of values; `styles` are the numbers of the cells' formats in the workbook."""
    cells = [
        (letters(place), _KINDS[kind](style))
        for place, (kind, style) in enumerate(zip(shown, styles, strict=True))
    ]

    def write(row: int, values: list[Any]) -> str:
        inside = [
            cell(f"{column}{row}", value)
            for (column, cell), value in zip(cells, values, strict=True)
            if value is not None and value != ""
        ]
        return f'<row r="{row}">{"".join(inside)}</row>'

    return write


def in_pieces(rows: Iterable[str], size: int = 500) -> Iterator[bytes]:
    """The rows, some at once, as bytes."""
    some: list[str] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield "".join(some).encode()
            some = []
    yield "".join(some).encode()


def letters(place: int) -> str:
    """The name of a column, counted from 0: A, Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def storable(said: str) -> str:
    """A text as a cell can hold it."""
    return _LOOKS_ESCAPED.sub("_x005F_", _NO_XML.sub("\ufffd", said))[:_LONGEST]


def _text_cell(style: str) -> Cell:
    def write(at: str, value: Any) -> str:
        said = escape(storable(str(value)))
        return (
            f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'
        )

    return write


def _number_cell(style: str) -> Cell:
    return lambda at, value: f'<c r="{at}" s="{style}"><v>{value}</v></c>'


def _date_cell(style: str) -> Cell:
    as_text = _text_cell(style)

    def write(at: str, value: date) -> str:
        if value < _SAFE_FROM:
            return as_text(at, value.isoformat())
        return f'<c r="{at}" s="{style}"><v>{(value - _FIRST_DAY).days}</v></c>'

    return write


_KINDS: Final = {
    Shown.TEXT: _text_cell,
    Shown.MONEY: _number_cell,
    Shown.NUMBER: _number_cell,
    Shown.DATE: _date_cell,
}
