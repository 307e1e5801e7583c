"""One table to read, whether it lies in a text file or in a workbook: numbered rows of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from incasso.api import ConfigurationError, Problem, TemporaryError, apart
from incasso.api import text as sentence
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.files.lines import blocks, ends_inside_quotes, last_row, split, text_row
from incasso_csv.files.shape import FileStamp, Shape, look_at, stamp_of
from incasso_csv.files.workbook import SheetHead, sheet_head, sheet_rows
from incasso_csv.layouts.row_kinds import is_footer
from incasso_csv.settings import CsvSettings

_HEAD: Final = 400
"""Rows looked at to find the heading and the style of each column."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Row(NamedTuple):
    """One row as read: its number in Excel, its cells, its text for digests and quarantine."""

    number: int
    cells: Sequence[Cell]
    raw: str


class Table(Protocol):
    """Rows that can be read more than once; `head` holds the first ones."""

    path: Path
    stamp: FileStamp
    head: tuple[Row, ...]

    def rows(self, width: int = 0) -> Iterator[Row]:
        """Every row, blank ones included. `width`: cells that a row must have, 0 if unknown."""
        ...


def open_table(path: Path, settings: CsvSettings) -> TextTable | SheetTable:
    """The table in a file, whose kind is detected by its first bytes, not its name.

    Raises TemporaryError for a missing, empty or locked file, ConfigurationError for one that is no
    table.
    """
    stamp_of(path)
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise TemporaryError(
            sentence("{path} cannot be read: {strerror}", path=str(path), strerror=error.strerror)
        ) from error
    if magic in _WORKBOOKS:
        return SheetTable(path, settings.sheet)
    return TextTable(path, look_at(path, settings.encoding, settings.separator))


@dataclass
class TextTable:
    """A CSV file, or any text with a separator."""

    path: Path
    shape: Shape
    head: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.head = tuple(islice(self.rows(), _HEAD))

    @property
    def stamp(self) -> FileStamp:
        """The file's identity when it was looked at."""
        return self.shape.stamp

    def rows(self, width: int = 0) -> Iterator[Row]:
        """Every row of the file."""
        separator = self.shape.separator
        for number, text in self.texts(width):
            yield Row(number, split(text, separator), text)

    def texts(self, width: int = 0) -> Iterator[tuple[int, str]]:
        """Every row of the file, not yet cut into cells."""
        for number, lines in blocks(self.path, self.shape, width):
            for offset, line in enumerate(lines):
                yield number + offset, text_row(line, self.shape)

    def refuse_if_cut(self, width: int) -> None:
        """Raise TemporaryError if the file ends in the middle of a row.

        An export that is still being written, or an interrupted copy, must not make the rest of the
        ledger look paid.
        """
        last, finished = last_row(self.path, self.shape, width)
        short = len(split(last, self.shape.separator)) < width and not is_footer(last)
        if (short and not finished) or ends_inside_quotes(last, self.shape.separator):
            raise TemporaryError(
                sentence(
                    "{path} ends in the middle of a row: the export is still being written or "
                    "was cut off; nothing was changed",
                    path=self.path,
                )
            )


class SheetTable:
    """One sheet of an Excel workbook; its numbers and dates arrive as numbers and dates.

    It is read apart, in a child process, so that no workbook can end the hub.
    """

    def __init__(self, path: Path, sheet: str = "") -> None:
        self.path = path
        self.stamp = stamp_of(path)
        with _told(path):
            head = apart.run(
                sheet_head,
                str(path.absolute()),
                sheet,
                _HEAD,
                answer=SheetHead,
                bounds=apart.WORKBOOK,
            )
        self.sheet = head.sheet
        self.head = tuple(_numbered([head.rows]))
        if not any(not is_blank(cell) for row in self.head for cell in row.cells):
            raise TemporaryError(sentence("{path} is empty; nothing was changed", path=str(path)))

    def rows(self, width: int = 0) -> Iterator[Row]:
        """Every row of the sheet, numbered as Excel numbers them."""
        del width
        place, stamp = str(self.path.absolute()), list(self.stamp)
        with _told(self.path):
            parts = apart.stream(sheet_rows, place, self.sheet, stamp, bounds=apart.WORKBOOK)
            yield from _numbered(parts)

    def refuse_if_cut(self, width: int) -> None:
        """A workbook that opens is complete: the ZIP directory is at its end."""


def _numbered(parts: Iterable[bytes]) -> Iterator[Row]:
    rows = (row for part in parts for row in apart.unpacked_rows(part))
    for number, cells in enumerate(rows, start=1):
        yield Row(number, cells, ";".join(map(str, cells)))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What a workbook did to its reader, as an error of this source."""
    try:
        yield
    except ConfigurationError as error:
        cure = sentence("correct the file, or the sheet's name in plugins.toml")
        problem = Problem(code="workbook", message=str(error), hint=error.hint or cure)
        raise ConfigurationError((problem,)) from None
    except apart.ReadApartError as error:
        if error.cause is apart.Cause.MEMORY:
            raise ConfigurationError(
                sentence("{path}: {why}; save it as CSV", path=str(path), why=str(error))
            ) from None
        raise TemporaryError(
            sentence(
                "{path}: {why}; export it again, or save it as CSV (nothing was changed)",
                path=str(path),
                why=str(error),
            )
        ) from None
