"""The rows of the file behind some open items, cell by cell as they stand there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from incasso.api import InstallmentRecord, SourceRow, text
from incasso_csv.reading.keyed import KeyedLedger
from incasso_csv.reading.ledger import Ledger

_PAGE: Final = 5_000


def source_rows(ledger: KeyedLedger | Ledger, keys: Collection[str]) -> tuple[SourceRow, ...]:
    """The row of each key, in the order of the file. Reads the file twice."""
    places = dict(_places(ledger, frozenset(keys)))
    if not places:
        return ()
    names = _names(ledger)
    return tuple(
        SourceRow(
            external_id=places[row.number],
            where=text("{file}, row {row}", file=ledger.reader.file, row=row.number),
            fields=tuple(_filled(names, row.cells)),
        )
        for row in ledger.table.rows(ledger.found.layout.width)
        if row.number in places
    )


def _places(ledger: KeyedLedger | Ledger, keys: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Row number and key of what is wanted."""
    for page in ledger.pages(None, _PAGE):
        for item, row in zip(page.items, page.rows, strict=False):
            if isinstance(item, InstallmentRecord) and item.key in keys and row is not None:
                yield row, item.key


def _names(ledger: KeyedLedger | Ledger) -> Sequence[str]:
    """The headings of the columns; none for a layout without a table."""
    heading = getattr(ledger.found.layout, "heading", None)
    return () if heading is None else heading.names


def _filled(names: Sequence[str], cells: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for number, cell in enumerate(cells):
        shown = "" if cell is None else str(cell).strip()
        if shown:
            named = names[number].strip() if number < len(names) else ""
            yield named or text("column {number}", number=number + 1), shown
