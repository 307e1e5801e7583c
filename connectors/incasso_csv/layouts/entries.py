"""What a layout makes of rows: entries to turn into records, totals to verify, rows it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias

from incasso.api import Problem
from incasso_csv.cells.values import Cell
from incasso_csv.files.tables import Row


class Entry(NamedTuple):
    """One open item or client, its cells by field name."""

    row: int
    fields: Mapping[str, Cell]
    raw: str
    """The row and the values carried down to it: equal text means an equal record."""


class Total(NamedTuple):
    """A row of totals by the program that wrote the file."""

    row: int
    fields: Mapping[str, Cell]
    raw: str
    grand: bool
    """A total of the whole file, not of one client or page."""


class Broken(NamedTuple):
    """A row that the layout cannot place."""

    row: int
    raw: str
    problem: Problem
    key: str = ""


Item: TypeAlias = Entry | Total | Broken


class Layout(Protocol):
    """One way of laying out a ledger in rows; it may carry state from row to row."""

    @property
    def name(self) -> str:
        """Its name in the check."""
        ...

    @property
    def width(self) -> int:
        """Cells that every row must have; 0 where rows differ by nature."""
        ...

    def read(self, rows: Iterable[Row]) -> Iterator[Item]:
        """The items of a file, from the beginning at each call."""
        ...
