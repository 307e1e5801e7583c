"""A workbook of a provider, read in a child process: which sheet, its rows, what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

import msgspec

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

from incasso.api import RejectedError, apart, text
from incasso_excel.words import HIDDEN

_AT_ONCE: Final = 500
_HEAD_ROWS: Final = 30
"""A heading stands in one of the first rows."""
_UNPACKED: Final = 1_000_000_000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Look(msgspec.Struct, frozen=True, array_like=True):
    """The sheets of a workbook with their first rows, and the words of the hidden one."""

    sheets: list[tuple[str, bytes]]
    hidden: dict[str, str]


def look(path: str, password: str) -> Look:
    """What a workbook holds. Raises RejectedError for what is none."""
    book = _opened(path, password)
    found = []
    for name in book.sheet_names:
        if not name.startswith("_"):
            rows = list(islice(_rows(book, name), _HEAD_ROWS))
            found.append((name, apart.packed_rows(rows)))
    return Look(found, _hidden(book))


def sheet_rows(path: str, password: str, sheet: str) -> Iterator[bytes]:
    """Every row of a sheet, some at once, as `apart.packed_rows` packs them."""
    rows = _rows(_opened(path, password), sheet)
    while some := list(islice(rows, _AT_ONCE)):
        yield apart.packed_rows(some)


def _rows(book: CalamineWorkbook, name: str) -> Iterator[list[apart.Cell]]:
    """From the very first row and column on, as Excel counts them."""
    sheet = book.get_sheet_by_name(name)
    first_row, first_column = sheet.start or (0, 0)
    for _ in range(first_row):
        yield []
    before: list[apart.Cell] = [""] * first_column
    for row in sheet.iter_rows():
        yield before + row


def _hidden(book: CalamineWorkbook) -> dict[str, str]:
    if HIDDEN not in book.sheet_names:
        return {}
    rows = islice(_rows(book, HIDDEN), 100)
    return {str(row[0])[:100]: str(row[1])[:200] for row in rows if len(row) > 1}


def _opened(path: str, password: str) -> CalamineWorkbook:
    import python_calamine

    given = _deciphered(path, password)
    _refuse_oversized(given)
    try:
        return python_calamine.CalamineWorkbook.from_path(given)
    except python_calamine.PasswordError:
        raise _locked() from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise RejectedError(
            text("the workbook cannot be opened: {why}", why=str(error)), code="form"
        ) from None


def _refuse_oversized(path: str) -> None:
    """A small file may hold a sheet without end."""
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except BadZipFile as error:
        raise RejectedError(
            text("the workbook cannot be opened: {why}", why=str(error)), code="form"
        ) from None
    if size > _UNPACKED:
        raise RejectedError(
            text("the workbook is larger than 1 GB once it is unpacked"), code="form"
        )


def _deciphered(path: str, password: str) -> str:
    """The path of the workbook without its password; itself if it has none."""
    with Path(path).open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return path
        file.seek(0)
        return _unlocked(path, file, password)


def _unlocked(path: str, file: Any, password: str) -> str:
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError, InvalidKeyError

    try:
        locked = msoffcrypto.OfficeFile(file)
        if not locked.is_encrypted():
            return path
        if not password:
            raise _locked()
        locked.load_key(password=password)
        open_path = Path(path).with_suffix(".open")
        with open_path.open("wb") as target:
            locked.decrypt(target)
    except InvalidKeyError:
        raise RejectedError(
            text("the workbook does not open with the password of the settings"), code="password"
        ) from None
    except (FileFormatError, OSError, ValueError) as error:
        raise RejectedError(
            text("the workbook cannot be opened: {why}", why=str(error)), code="form"
        ) from None
    return str(open_path)


def _locked() -> RejectedError:
    return RejectedError(
        text("the workbook is locked by a password: put it into the settings, or send it without"),
        code="password",
    )
