"""One workbook cannot stop the hub: its size is known before it is read, damage is said."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from incasso.api import ConfigurationError, TemporaryError
from incasso_csv.files import workbook_size
from incasso_csv.files.workbook_size import Extent, extent, refuse_oversized
from tests.csv.reading import read, sheet

HEAD = ["Codice cliente", "Cliente", "Scadenza", "Importo"]
ROW = ["C1", "Uno Srl", "31/10/2026", 9.5]


@pytest.mark.parametrize("stray", ["XFD1048576", "ZZ200000", "A1048576", "XFD2"])
def test_a_stray_cell_far_away_is_refused_before_memory_is_reserved(
    stray: str, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    book.active[stray] = " "
    book.save(path)
    if stray == "XFD2":  # sixteen thousand columns of two rows are nothing
        assert len(read(path).records) == 1
        return
    with pytest.raises(ConfigurationError, match=r"Sheet.*delete what lies beyond the table"):
        read(path)


def test_what_is_large_and_full_is_read() -> None:
    assert Extent(rows=1_048_576, columns=38, cells=20_000_000).fits
    assert not Extent(rows=1_048_576, columns=39, cells=40_000_000).fits
    assert not Extent(rows=1_048_576, columns=38, cells=1_900_000).fits
    assert Extent(rows=20_000, columns=100, cells=1).fits


def test_cells_are_found_across_the_chunks_read(monkeypatch: pytest.MonkeyPatch) -> None:
    part = b'<row r="7"><c r="B7" s="1"/></row><row spans="1:2" r="12"><c s="2" r="AB12"/></row>'
    for size in range(60, len(part) + 1):
        monkeypatch.setattr(workbook_size, "_CHUNK", size)
        found = extent(BytesIO(part))
        assert (found.rows, found.columns) == (12, 28), size


def test_an_archive_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    monkeypatch.setattr(workbook_size, "MOST_BYTES", 1_000_000)
    with ZipFile(path, "a", ZIP_DEFLATED) as book:
        book.writestr("xl/media/picture.bin", bytes(2_000_000))
    with pytest.raises(ConfigurationError, match="save the ledger as CSV"):
        refuse_oversized(path)  # the child of `read` has the limit that offices have


def test_a_damaged_sheet_is_named(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, *[ROW] * 400])
    with ZipFile(path) as book:
        member = book.getinfo("xl/worksheets/sheet1.xml")
        begin = member.header_offset + 30 + len(member.filename)
    content = bytearray(path.read_bytes())
    content[begin + 200 : begin + 260] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(TemporaryError, match=r"is damaged: its sheet Sheet .*nothing was changed"):
        read(path)
