"""Ageing reports with one row per client and no documents: one open item per client and bucket."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from incasso.api import ConfigurationError, Problem
from incasso.api import text as sentence
from incasso_csv.cells.amounts import Mark, read_amount
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.values import Cell, CellError, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.files.tables import Row
from incasso_csv.layouts.entries import Broken, Entry, Item, Total
from incasso_csv.layouts.row_kinds import (
    client_line,
    is_blank_row,
    is_heading_again,
    total_words,
)

_BUCKET: Final = re.compile(r"(?:scadenze )?in scadenza al (\d{2} \d{2} \d{4})")
_REMARKS: Final = ("di cui insoluti", "di cui anticipate", "di cui bloccate", "giorni medi ritardo")


@dataclass(frozen=True)
class Summary:
    """`Scaduto` and the dated buckets of a report such as "Situazione sintetica scadenze".

    A bucket's due date is the date in its heading. What is already overdue has no date: it gets the
    last day of the month before the first bucket, the same for a whole month, so that the item
    keeps its key and its age.
    """

    names: tuple[str, ...]
    first_data: int
    buckets: dict[int, date]
    total: int | None
    remarks: dict[int, str]
    mark: Mark = ","
    name: str = "summary"
    width: int = 0

    def read(self, rows: Iterable[Row]) -> Iterator[Item]:
        """One item per client and bucket that is not zero."""
        for position, row in enumerate(rows):
            if position < self.first_data or is_blank_row(row.cells):
                continue
            if is_heading_again(row.cells, self.names):
                continue
            yield from self._items(row)

    def _items(self, row: Row) -> Iterator[Item]:
        try:
            amounts = {at: self._amount(row, at) for at in self.buckets}
            stated = None if self.total is None else self._amount(row, self.total)
        except CellError as error:
            yield Broken(row.number, row.raw, error.problem("amount"))
            return
        there = sum(amounts.values(), Decimal(0))
        if total_words(row.cells[:1]):
            yield Total(row.number, {"residual": stated or there}, row.raw, True)
        elif stated is not None and stated != there:
            yield Broken(row.number, row.raw, _does_not_add_up(stated, there))
        elif client := client_line(row.cells[:1]):
            for at, amount in amounts.items():
                if amount:
                    yield self._entry(row, dict(client), at, amount)
        else:
            yield Broken(row.number, row.raw, _no_client(row.cells[0]))

    def _amount(self, row: Row, at: int) -> Decimal:
        cell = row.cells[at] if at < len(row.cells) else ""
        return read_amount(cell, self.mark) or Decimal(0)

    def _entry(self, row: Row, client: dict[str, Cell], at: int, amount: Decimal) -> Entry:
        due = self.buckets[at]
        bucket = "scaduto" if due == min(self.buckets.values()) else due.isoformat()
        fields: dict[str, Cell] = {
            **client,
            "key": f"{client.get('client') or normal(str(client['client_name']))[:90]}|{bucket}",
            "due_date": due,
            "residual": amount,
            "notes": self._notes(row),
        }
        return Entry(row.number, fields, f"{at}|{row.raw}")

    def _notes(self, row: Row) -> str:
        parts = (
            f"{self.names[at]}: {str(row.cells[at]).strip()[:40]}"
            for at in self.remarks
            if at < len(row.cells) and not is_blank(row.cells[at]) and row.cells[at] != 0
        )
        return "; ".join(parts)


def find_summary(rows: Sequence[Sequence[Cell]], mark: Mark) -> Summary | None:
    """The layout, if one of the first rows has `Scaduto` and dated buckets; else None."""
    for index, row in enumerate(rows[:40]):
        words = [normal(cell) if isinstance(cell, str) else "" for cell in row]
        dated = {at: found[1] for at, word in enumerate(words) if (found := _BUCKET.search(word))}
        if "scaduto" not in words or not dated:
            continue
        buckets = {at: _day(text) for at, text in dated.items()}
        first = min(buckets.values())
        buckets[words.index("scaduto")] = first.replace(day=1) - timedelta(days=1)
        return Summary(
            names=tuple(cell if isinstance(cell, str) else "" for cell in row),
            first_data=index + 1,
            buckets=dict(sorted(buckets.items())),
            total=words.index("totale") if "totale" in words else None,
            remarks={at: word for at, word in enumerate(words) if word in _REMARKS},
            mark=mark,
        )
    return None


def _day(text: str) -> date:
    """The day in a bucket's heading. Raises ConfigurationError: all amounts below depend on it."""
    words = sentence("{text!r} in a heading is not a date", text=text)
    problem = Problem(code="bad_date", field="due_date", message=words)
    try:
        day = read_date(text.replace(" ", "/"))
    except CellError as error:
        raise ConfigurationError((error.problem("due_date"),)) from None
    if day is None:
        raise ConfigurationError((problem,))
    return day


def _does_not_add_up(stated: Decimal, there: Decimal) -> Problem:
    return Problem(
        code="does_not_add_up",
        field="amount",
        message=sentence(
            "the row's total is {stated}, its columns give {there}", stated=stated, there=there
        ),
        hint=sentence("a column of the report is missing from the export"),
    )


def _no_client(cell: Cell) -> Problem:
    return Problem(
        code="missing",
        field="client",
        message=sentence("{cell!r} is not a code and a name", cell=str(cell)[:60]),
    )
