"""Reads the cells of one entry and collects every problem in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from incasso.api import Problem
from incasso_csv.cells.values import Cell, CellError, is_blank, text_of

T = TypeVar("T")


class EntryCells:
    """Takes the cells of one entry and collects what is wrong instead of stopping at the first."""

    def __init__(self, fields: Mapping[str, Cell]) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def take(self, name: str, read: Callable[[Cell], T | None], default: T) -> T:
        """One field, read; the default if it is blank or wrong, in which case a problem is kept."""
        cell = self.fields.get(name)
        if cell is None or is_blank(cell):
            return default
        try:
            value = read(cell)
        except CellError as error:
            self.problems.append(error.problem(name))
            return default
        return default if value is None else value

    def text(self, name: str) -> str:
        """A text field."""
        return self.take(name, text_of, "")

    def missing(self, name: str, message: str) -> None:
        """Reports a missing required field, unless it is already reported."""
        if all(problem.field != name for problem in self.problems):
            self.problems.append(Problem(code="missing", field=name, message=message))
