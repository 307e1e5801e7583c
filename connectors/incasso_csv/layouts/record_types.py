"""Prints of old systems whose first column is the type of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incasso.api import Problem, text
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.files.tables import Row
from incasso_csv.layouts.entries import Broken, Entry, Item, Total
from incasso_csv.layouts.mapping import RecordType
from incasso_csv.layouts.row_kinds import is_blank_row

_TYPES: Final = frozenset({"10", "20", "25", "30", "40", "41", "42", "90", "91"})


def looks_like_record_types(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether every row begins with one of the usual types, 25 (a due date) among them."""
    types = {_type_of(row[0]) for row in rows if row and not is_blank_row(row)}
    return "25" in types and types <= _TYPES


@dataclass(frozen=True)
class RecordTypes:
    """Passes the client and the document on to the due dates that follow them."""

    records: Mapping[str, RecordType]
    name: str = "records"
    width: int = 0

    def read(self, rows: Iterable[Row]) -> Iterator[Item]:
        """Items in the order of the file; a type that the mapping does not know is refused."""
        client: dict[str, Cell] = {}
        document: dict[str, Cell] = {}
        for row in rows:
            if is_blank_row(row.cells):
                continue
            record = self.records.get(_type_of(row.cells[0]))
            if record is None:
                yield Broken(row.number, row.raw, _unknown(row.cells[0]))
                continue
            fields = _fields(record, row.cells)
            match record.role:
                case "client":
                    client, document = fields, {}
                case "document":
                    document = fields
                case "installment":
                    carried = {**client, **document}
                    yield Entry(row.number, {**carried, **fields}, f"{carried}{row.raw}")
                case "subtotal" | "total":
                    yield Total(row.number, fields, row.raw, record.role == "total")
                case "ignore":
                    pass


def _type_of(cell: Cell) -> str:
    """The type as text; other values are cut short and match no type."""
    whole = isinstance(cell, float) and cell.is_integer()
    return (f"{cell:.0f}" if whole else str(cell)).strip()[:20]


def _fields(record: RecordType, cells: Sequence[Cell]) -> dict[str, Cell]:
    """A zero means "no date" and "no value" in these prints."""
    named = zip(record.fields, cells, strict=False)
    return {name: cell for name, cell in named if name and not is_blank(cell)}


def _unknown(cell: Cell) -> Problem:
    return Problem(
        code="unknown_record_type",
        field="",
        message=text("row type {type_of!r} is not in the mapping", type_of=_type_of(cell)),
        hint=text(
            'add it to the mapping, with role = "ignore" if it says nothing about open items'
        ),
    )
