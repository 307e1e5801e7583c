"""How large the sheets of an Excel workbook are, found out before anything is read.

A reader reserves memory for every cell up to the last one: a single blank cell at XFD1048576 makes
it ask for 550 GB, and the whole hub is ended by the operating system.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from lxml import etree

from incasso.api import ConfigurationError, TemporaryError, text

MOST_CELLS: Final = 40_000_000
"""A million rows of 38 columns; about a gigabyte in memory."""
MOST_BYTES: Final = 2_000_000_000
"""Unpacked, all parts together."""
_SPARSE: Final = 20
"""A large sheet may have so many places for each cell that is there."""
_LARGE: Final = 2_000_000
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 64

_ROW: Final = re.compile(rb'<row\b[^>]*?\br="(\d{1,9})"')
_WIDE: Final = re.compile(rb'<c\b[^>]*?\br="([A-Z]{2,3})(\d{1,9})"')
_NARROW: Final = 26
"""Columns up to Z are taken for granted: cells with one letter are not looked at."""
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Extent(NamedTuple):
    """How far the cells of a sheet reach, and how many there are."""

    rows: int
    columns: int
    cells: int

    @property
    def fits(self) -> bool:
        """Whether it may be read."""
        area = self.rows * self.columns
        return area <= MOST_CELLS and (area <= _LARGE or area <= self.cells * _SPARSE)


def refuse_oversized(path: Path) -> None:
    """Raises ConfigurationError for a workbook too large to read, TemporaryError for a damaged one.

    Looks at XLSX files; others have limits of their own format.
    """
    try:
        with ZipFile(path) as book:
            _refuse_bytes(path, book)
            for name, member in _sheets(book):
                _refuse_extent(path, name, _extent_of(path, name, book, member))
    except (BadZipFile, OSError, EOFError):
        return  # the reader says what is wrong with a file that is no archive


def _refuse_bytes(path: Path, book: ZipFile) -> None:
    size = sum(member.file_size for member in book.infolist())
    if size > MOST_BYTES:
        raise ConfigurationError(
            text(
                "{path} unpacks to {size} GB, {most} are allowed: save the ledger as CSV",
                path=str(path),
                size=round(size / 1e9, 1),
                most=round(MOST_BYTES / 1e9, 1),
            )
        )


def _refuse_extent(path: Path, sheet: str, extent: Extent) -> None:
    if not extent.fits:
        raise ConfigurationError(
            text(
                "{path}, sheet {sheet}: its {cells} cells reach to row {rows} and column "
                "{columns}, which is too large to read; delete what lies beyond the table, or "
                "save it as CSV",
                path=str(path),
                sheet=sheet,
                cells=extent.cells,
                rows=extent.rows,
                columns=extent.columns,
            )
        )


def _extent_of(path: Path, sheet: str, book: ZipFile, member: str) -> Extent:
    try:
        with book.open(member) as stream:
            return extent(stream)
    except (zlib.error, BadZipFile, EOFError):
        raise TemporaryError(
            text(
                "{path} is damaged: its sheet {sheet} cannot be unpacked; export it again "
                "(nothing was changed)",
                path=str(path),
                sheet=sheet,
            )
        ) from None


def extent(stream: IO[bytes]) -> Extent:
    """The extent of one sheet's XML."""
    rows = cells = 0
    columns = _NARROW
    before = b""
    while chunk := stream.read(_CHUNK):
        cells += chunk.count(b"<c ")
        part = before + chunk
        rows = max(rows, *map(int, _ROW.findall(part)), 0)
        for letters, row in _WIDE.findall(part):
            rows, columns = max(rows, int(row)), max(columns, _number(letters))
        before = part[-_OVERLAP:]
    return Extent(rows, columns, cells)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(book: ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet; none for workbooks of another format."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    targets = {
        each.get("Id"): str(each.get("Target", "")).lstrip("/")
        for each in _xml(book, "xl/_rels/workbook.xml.rels").iter("{*}Relationship")
    }
    for sheet in _xml(book, "xl/workbook.xml").iter("{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        member = target if target in names else f"xl/{target}"
        if member in names:
            yield str(sheet.get("name", member)), member


def _xml(book: ZipFile, member: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(book.read(member), parser)
    except (etree.XMLSyntaxError, zlib.error):
        return etree.Element("nothing")
