"""Spoiled workbooks are read or refused in one sentence, through the connector itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from incasso.api import PluginError
from tests.csv.reading import read
from tests.fuzzing import each_spoiled

WORDS: Final = (
    b'r="XFD1048576"',
    b't="s"><v>99999999</v>',
    b't="e"><v>#REF!</v>',
    b'<row r="4294967296">',
    b"<v>1e400</v>",
    b'<dimension ref="A1:XFD1048576"/>',
)


def _book() -> bytes:
    book, written = openpyxl.Workbook(), BytesIO()
    table = book.active
    assert table is not None
    table.append(["Codice cliente", "Cliente", "Scadenza", "Importo"])
    for number in range(5):
        table.append([f"C{number}", f"Cliente {number}", date(2026, 10, number + 1), 10.5])
    book.save(written)
    return written.getvalue()


BOOK: Final = _book()
SHEET: Final = "xl/worksheets/sheet1.xml"


@pytest.fixture
def reads_or_says_why(tmp_path: Path) -> Callable[[bytes], None]:
    path = tmp_path / "ledger.xlsx"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            read(path)
        except PluginError as error:
            assert 0 < len(str(error)) < 1000
            assert "ledger.xlsx" in str(error) or "column" in str(error)

    return check


def test_spoiled_archives(reads_or_says_why: Callable[[bytes], None]) -> None:
    each_spoiled("workbooks", [BOOK], reads_or_says_why)


def test_spoiled_sheets(reads_or_says_why: Callable[[bytes], None]) -> None:
    """The archive is sound, so that the reader of the sheet meets the damage."""
    with ZipFile(BytesIO(BOOK)) as book:
        parts = {name: book.read(name) for name in book.namelist()}

    def check(content: bytes) -> None:
        written = BytesIO()
        with ZipFile(written, "w", ZIP_DEFLATED) as book:
            for name, part in parts.items():
                book.writestr(name, content if name == SHEET else part)
        reads_or_says_why(written.getvalue())

    each_spoiled("sheets", [parts[SHEET]], check, words=WORDS)
