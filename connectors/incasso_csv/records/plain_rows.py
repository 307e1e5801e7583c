"""Splits a row in the documented form; declines any other quickly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, TypeVar

from incasso_csv.layouts.headings import Heading

T = TypeVar("T")

_LONGEST_ROW: Final = 4_000
_REMEMBERED: Final = 20_000


class PlainRows:
    """Rows without quotes, blanks at the edge of a cell, control characters or odd widths."""

    def __init__(self, heading: Heading, separator: str, fields: Sequence[str]) -> None:
        positions = [heading.columns.get(name, -1) for name in fields]
        self._pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(*positions)
        self._width = heading.width
        self._separator = separator
        # An apostrophe that begins a cell protects it from Excel; within a cell it is a letter.
        self._odd = (f"{separator} ", f" {separator}", f"{separator}'")

    def cells(self, row: str) -> tuple[str, ...] | None:
        """The cells of the wanted fields in their order, empty for missing columns; or None."""
        first, second, third = self._odd
        if not row.isprintable() or len(row) > _LONGEST_ROW or '"' in row:
            return None
        if first in row or second in row or third in row or row[:1] in " '" or row[-1] == " ":
            return None
        cells = row.split(self._separator)
        if len(cells) != self._width:
            return None
        cells.append("")
        return self._pick(cells)


class Remembered(dict[str, T]):
    """A reader of cells with a cache: a ledger has few different dates, methods, currencies."""

    def __init__(self, read: Callable[[str], T], blank: T) -> None:
        super().__init__({"": blank})
        self._read = read
        self._blank = blank

    def __missing__(self, text: str) -> T:
        value = self._read(text)
        if len(self) > _REMEMBERED:
            self.clear()
            self[""] = self._blank
        self[text] = value
        return value
