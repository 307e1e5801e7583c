"""A provider's own workbook, filled in: everything else in it stays as it was.

openpyxl holds the whole workbook in memory, about 50 bytes a character: a large lot is better sent
in our own layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from incasso.api import Batch, ConfigurationError, LotSheet, PlacementDossier, Written, text
from incasso_excel.book import MEDIA_TYPE, Count
from incasso_excel.columns import Column, Shown, columns, values
from incasso_excel.mapping import LotMapping
from incasso_excel.rows import storable
from incasso_excel.words import plain

_INSTANT: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FORMATS: Final = {Shown.TEXT: "@", Shown.DATE: "dd/mm/yyyy", Shown.MONEY: "#,##0.00"}


def fill_lot(
    mapping: LotMapping,
    base: Path,
    batch: Batch,
    lot: LotSheet,
    dossiers: Iterator[PlacementDossier],
    sink: BinaryIO,
) -> Written:
    """Their workbook with a row for each credit below its headings.

    Raises ConfigurationError where the template lacks the sheet or a heading of the mapping.
    """
    import openpyxl

    book = openpyxl.load_workbook(base / mapping.template, keep_vba=_has_macros(mapping))
    sheet = _sheet(book, mapping)
    wanted, count, row = columns(lot.fields), Count(), mapping.heading_row
    put = _putter(sheet, mapping, wanted)
    for dossier in dossiers:
        count.add(dossier)
        for credit in values(dossier, wanted, lot.language):
            row += 1
            put(row, credit)
    _save(book, batch, sink)
    return Written(
        filename=f"{batch.sequence:06d}-{lot.lot}{Path(mapping.template).suffix}",
        media_type=MEDIA_TYPE,
        items=count.placements,
        rows=count.rows,
        sums=count.sums,
    )


def _save(book: Any, batch: Batch, sink: BinaryIO) -> None:
    """openpyxl writes the present time into the file: the same lot must give the same bytes."""
    kept = BytesIO()
    book.save(kept)
    with ZipFile(kept) as source, ZipFile(sink, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                at = f"{batch.at:%Y-%m-%dT%H:%M:%SZ}".encode()
                content = _INSTANT.sub(at, content)
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, content)


def _has_macros(mapping: LotMapping) -> bool:
    return mapping.template.lower().endswith(".xlsm")


def _sheet(book: Any, mapping: LotMapping) -> Any:
    if not mapping.sheet:
        return book.worksheets[0]
    if mapping.sheet not in book.sheetnames:
        raise ConfigurationError(
            text(
                "{file} has no sheet {sheet}; it has {known}",
                file=mapping.template,
                sheet=mapping.sheet,
                known=", ".join(book.sheetnames),
            )
        )
    return book[mapping.sheet]


def _putter(
    sheet: Any, mapping: LotMapping, wanted: tuple[Column, ...]
) -> Callable[[int, list[Any]], None]:
    places = _places(sheet, mapping)
    by_field = {column.field: (number, column.shown) for number, column in enumerate(wanted)}
    taken = [
        (places[plain(heading)], *by_field[field])
        for heading, field in mapping.columns.items()
        if field in by_field
    ]
    same = [(places[plain(heading)], said) for heading, said in mapping.constants.items()]

    def put(row: int, credit: list[Any]) -> None:
        for place, number, shown in taken:
            _set(sheet.cell(row, place), credit[number], shown)
        for place, said in same:
            _set(sheet.cell(row, place), said, Shown.TEXT)

    return put


def _places(sheet: Any, mapping: LotMapping) -> dict[str, int]:
    """Where each heading of the mapping stands in their sheet."""
    cells = next(sheet.iter_rows(min_row=mapping.heading_row, max_row=mapping.heading_row))
    found = {plain(str(cell.value)): cell.column for cell in cells if cell.value is not None}
    wanted = (*mapping.columns, *mapping.constants)
    if missing := [each for each in wanted if plain(each) not in found]:
        raise ConfigurationError(
            text(
                "row {row} of {file} has no heading {names}",
                row=mapping.heading_row,
                file=mapping.template,
                names=", ".join(missing),
            )
        )
    return found


def _set(cell: Any, value: Any, shown: Shown) -> None:
    if value is None or value == "":
        return
    if shown is Shown.TEXT:
        cell.value = storable(str(value))
        cell.data_type = "s"  # else a name that begins with = becomes a formula
    else:
        cell.value = value
    if cell.number_format == "General" and shown in _FORMATS:
        cell.number_format = _FORMATS[shown]
