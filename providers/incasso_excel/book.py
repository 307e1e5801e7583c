"""A lot as a workbook, written as a stream: the skeleton with all its rows put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from incasso.api import Batch, LotSheet, Money, PlacementDossier, RejectedError, Written, text
from incasso_excel.columns import Column, columns, values
from incasso_excel.rows import in_pieces, row_writer
from incasso_excel.skeleton import skeleton

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CREDITS: Final = "xl/worksheets/sheet1.xml"
_SHAPES: Final = re.compile(r'<row r="2".*?</row>', re.DOTALL)
_STYLE: Final = re.compile(r'<c r="[A-Z]+2" s="(\d+)"')
_SIZE: Final = re.compile(r"<dimension [^>]*/>")
"""It would say two rows, and some programs believe it."""
_END: Final = "</sheetData>"
_MOST_ROWS: Final = 1_048_575
"""Of a sheet, without its heading."""
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 3
"""Compression: the best levels take three times as long for a tenth less."""


class Count:
    """What was written so far."""

    def __init__(self) -> None:
        self.placements = 0
        self.rows = 0
        self._sums: dict[str, Decimal] = {}

    def add(self, dossier: PlacementDossier) -> None:
        """One more placement."""
        self.placements += 1
        self.rows += len(dossier.credits)
        if self.rows > _MOST_ROWS:
            raise RejectedError(
                text("a sheet holds {most} rows: split the lot", most=_MOST_ROWS), code="rows"
            )
        money = dossier.total
        self._sums[money.currency] = self._sums.get(money.currency, Decimal(0)) + money.amount

    @property
    def sums(self) -> tuple[Money, ...]:
        """The total of each currency."""
        return tuple(Money(amount=self._sums[each], currency=each) for each in sorted(self._sums))


def write_lot(
    batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
) -> Written:
    """The whole lot as one workbook; memory does not grow with its rows."""
    wanted, count = columns(lot.fields), Count()

    def rows(write: Callable[[int, list[Any]], str]) -> Iterator[str]:
        row = 1
        for dossier in dossiers:
            count.add(dossier)
            for credit in values(dossier, wanted, lot.language):
                row += 1
                yield write(row, credit)

    _write(skeleton(batch, lot, wanted), wanted, rows, sink)
    return Written(
        filename=f"{batch.sequence:06d}-{lot.lot}.xlsx",
        media_type=MEDIA_TYPE,
        items=count.placements,
        rows=count.rows,
        sums=count.sums,
    )


def _write(
    bare: bytes,
    wanted: tuple[Column, ...],
    rows: Callable[[Callable[[int, list[Any]], str]], Iterator[str]],
    sink: BinaryIO,
) -> None:
    with (
        ZipFile(BytesIO(bare)) as source,
        ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            entry = ZipInfo(name, _MADE)
            entry.compress_type = ZIP_DEFLATED
            if name != _CREDITS:
                target.writestr(entry, content)
                continue
            before, styles, after = _opened(content.decode())
            write = row_writer([each.shown for each in wanted], styles)
            with target.open(entry, "w", force_zip64=True) as sheet:
                sheet.write(before.encode())
                for piece in in_pieces(rows(write)):
                    sheet.write(piece)
                sheet.write(after.encode())


def _opened(sheet: str) -> tuple[str, list[str], str]:
    """The XML before the rows, the style of each column, the XML after them."""
    shapes = _SHAPES.search(sheet)
    if shapes is None:
        raise AssertionError("the skeleton has no row that shows the formats")
    place = sheet.index(_END)
    before = _SIZE.sub("", sheet[: shapes.start()])
    return before, _STYLE.findall(shapes[0]), sheet[place:]
