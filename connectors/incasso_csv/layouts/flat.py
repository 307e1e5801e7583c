"""The common layout: a heading, then one open item per row; also prints with client lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from incasso.api import Problem, text
from incasso_csv.cells.kinds import is_suppliers
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.files.tables import Row
from incasso_csv.layouts.entries import Broken, Entry, Item, Total
from incasso_csv.layouts.headings import Heading
from incasso_csv.layouts.row_kinds import (
    client_line,
    is_blank_row,
    is_carried_forward,
    is_grand,
    is_heading_again,
    is_remark,
    outline,
    total_words,
)

_SUPPLIERS = frozenset("f k supplier suppliers vendor vendors lieferant fournisseur".split())
AMOUNTS = ("amount", "residual", "paid", "debit", "credit")


@dataclass(frozen=True)
class Flat:
    """One record per row under a heading, or without any if a mapping gives the positions."""

    heading: Heading
    constants: Mapping[str, Cell] = field(default_factory=dict)
    carries: bool = False
    """Hierarchical print: a line announces the client of the rows below it."""
    first_data: int = 0
    """The number of rows before the data."""
    titles: frozenset[str] = frozenset()
    """The rows above the heading, which prints repeat on every page."""
    marker: str = "due_date"
    """The field without which a row is not an item: totals and remarks leave it blank."""
    widths: frozenset[int] = frozenset()
    """Headerless files: the row widths that are data."""
    name: str = "flat"

    @property
    def width(self) -> int:
        """Cells that every row must have."""
        return 0 if self.widths else self.heading.width

    def read(self, rows: Iterable[Row]) -> Iterator[Item]:
        """Items in the order of the file."""
        carried: Mapping[str, Cell] = {}
        for position, row in enumerate(rows):
            if position < self.first_data or is_blank_row(row.cells):
                continue
            fields = self.fields(row.cells)
            if is_blank(fields.get(self.marker)):
                if (item := self._aside(row, fields)) is not None:
                    yield item
                    continue
                if outline(row.cells) in self.titles:
                    continue
                if self.carries and (client := client_line(row.cells)):
                    carried = client
                    continue
                if self._skips(row, fields):
                    continue
            elif is_heading_again(row.cells, self.heading.names) and self.heading.row >= 0:
                continue
            yield self._entry(row, fields, carried)

    def fields(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """The mapped cells of one row."""
        have = len(cells)
        return {name: cells[at] for name, at in self.heading.columns.items() if at < have}

    def _aside(self, row: Row, fields: Mapping[str, Cell]) -> Item | None:
        words = total_words(row.cells, 1 if "key" in self.heading.columns else 2)
        if not words or is_carried_forward(words):
            return None
        return Total(row.number, fields, row.raw, is_grand(words))

    def _skips(self, row: Row, fields: Mapping[str, Cell]) -> bool:
        """Whether a row is a remark, without amounts; where rows have keys, none is one."""
        if is_carried_forward(total_words(row.cells) or "-"):
            return True
        if "key" in self.heading.columns or self.marker != "due_date":
            return False
        speaks = any(not is_blank(fields.get(name)) for name in AMOUNTS)
        return (is_remark(row.cells) and not speaks) or (self.carries and not speaks)

    def _entry(self, row: Row, fields: dict[str, Cell], carried: Mapping[str, Cell]) -> Item:
        if problem := self._wrong_width(row.cells):
            key = fields.get("key", "")
            return Broken(row.number, row.raw, problem, str(key).strip()[:128])
        if carried:
            fields = {**fields, **carried}
            return Entry(row.number, {**self.constants, **fields}, f"{carried}{row.raw}")
        return Entry(
            row.number, {**self.constants, **fields} if self.constants else fields, row.raw
        )

    def _wrong_width(self, cells: Sequence[Cell]) -> Problem | None:
        have = len(cells)
        if self.widths:
            # Excel gives every row the width of the widest.
            filled = max((at for at, cell in enumerate(cells, 1) if not is_blank(cell)), default=0)
            widest = max(self.widths)
            fits = have in self.widths or (have > widest and min(self.widths) <= filled <= widest)
        else:
            fits = have >= self.width and all(is_blank(cell) for cell in cells[self.width :])
        if fits:
            return None
        wanted = sorted(self.widths) or [self.width]
        return Problem(
            code="row_width",
            message=text(
                "the row has {have} cells, expected are {wanted}", have=have, wanted=wanted
            ),
            hint=text("look for a separator or a line end inside a text"),
        )


def is_supplier(fields: Mapping[str, Cell], client_accounts: Sequence[str] = ()) -> bool:
    """Whether a row of a mixed list is a payable.

    Recognised by a column, by the kind of document, or by an account with another prefix than
    those of clients.
    """
    party = normal(str(fields.get("party", "")))
    if party in _SUPPLIERS or party.startswith("for"):
        return True
    if is_suppliers(normal(str(fields.get("document_kind", "")))):
        return True
    account = str(fields.get("client", "") or fields.get("code", "")).strip(" '")
    return bool(client_accounts and account) and not account.startswith(tuple(client_accounts))
