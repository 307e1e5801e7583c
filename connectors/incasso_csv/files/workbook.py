"""An Excel workbook as the child process reads it: its sheet and first rows, then every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

from incasso.api import ConfigurationError, TemporaryError, apart
from incasso.api import text as sentence
from incasso_csv.files.shape import stamp_of

_AT_ONCE: Final = 500


class SheetHead(msgspec.Struct, frozen=True, array_like=True):
    """Which sheet is read, and its first rows as `apart.packed_rows` packs them."""

    sheet: str
    rows: bytes


def sheet_head(path: str, sheet: str, most: int) -> SheetHead:
    """The sheet of that name, else the first one with rows, and its first rows.

    Raises ConfigurationError for a workbook too large or without that sheet, TemporaryError for a
    damaged one.
    """
    from incasso_csv.files.workbook_size import refuse_oversized

    refuse_oversized(Path(path))
    book = _opened(path)
    if sheet and sheet not in book.sheet_names:
        raise ConfigurationError(
            sentence(
                "{path} has no sheet {sheet!r}; it has {known}",
                path=path,
                sheet=sheet,
                known=", ".join(book.sheet_names),
            )
        )
    name, found = _chosen(path, book, sheet)
    rows = [] if found is None else list(islice(_rows(found), most))
    return SheetHead(name, apart.packed_rows(rows))


def sheet_rows(path: str, sheet: str, stamp: Sequence[int]) -> Iterator[bytes]:
    """Every row, some at once, as `apart.packed_rows` packs them.

    `stamp` is that of the file when its head was read: TemporaryError if it is another now.
    """
    if list(stamp_of(Path(path))) != list(stamp):
        raise TemporaryError(
            sentence("{path} was changed while it was read; it is read again later", path=path)
        )
    rows = _rows(_sheet(path, _opened(path), sheet))
    while some := list(islice(rows, _AT_ONCE)):
        yield apart.packed_rows(some)


def _chosen(path: str, book: CalamineWorkbook, sheet: str) -> tuple[str, CalamineSheet | None]:
    """The named sheet, else the first with two rows, else the first."""
    if sheet:
        return sheet, _sheet(path, book, sheet)
    names: list[str] = book.sheet_names
    for name in names:
        found = _sheet(path, book, name)
        if found.height > 1:
            return name, found
    return (names[0], _sheet(path, book, names[0])) if names else ("", None)


def _rows(sheet: CalamineSheet) -> Iterator[list[apart.Cell]]:
    """As Excel numbers and letters them: the empty columns before the first are there too."""
    before: list[apart.Cell] = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + row


def _sheet(path: str, book: CalamineWorkbook, name: str) -> CalamineSheet:
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise TemporaryError(
            sentence(
                "{path} is damaged: its sheet {sheet} cannot be read ({error}); export it "
                "again (nothing was changed)",
                path=path,
                sheet=name,
                error=str(error),
            )
        ) from None


def _opened(path: str) -> CalamineWorkbook:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        raise ConfigurationError(
            sentence("{path} is protected by a password; save it without", path=path)
        ) from None
    except python_calamine.ZipError:
        raise TemporaryError(
            sentence(
                "{path} is a broken workbook: still being written, or cut off; nothing was changed",
                path=path,
            )
        ) from None
    except (python_calamine.CalamineError, OSError) as error:
        raise ConfigurationError(
            sentence("{path} cannot be opened as a workbook: {error}", path=path, error=str(error))
        ) from error
