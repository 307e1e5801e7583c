"""No workbook ends the hub: it is read apart, and what it does to its reader is one sentence."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from incasso.apart import pool
from incasso.api import ConfigurationError, TemporaryError, apart
from incasso_csv.files.tables import SheetTable
from tests.cli.command import inside, make_office, well
from tests.csv.reading import read, sheet

HEAD = ["Codice cliente", "Cliente", "Scadenza", "Importo"]
ROW = ["C1", "Uno Srl", "31/10/2026", 9.5]
MEMORY = "it is too large: reading it needs more than 200 MB of memory"

Spoil = Callable[[Path], None]


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little memory that a small bomb is enough for a test."""
    monkeypatch.setattr(apart, "WORKBOOK", apart.Bounds(megabytes=200, seconds=60))


def _parts(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write the parts of a workbook again, changed."""
    with ZipFile(path) as book:
        parts = {name: change(name, book.read(name)) for name in book.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def _many_texts(path: Path) -> None:
    """A small archive with a list of texts that fills the memory."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = "<si><t>a</t></si>" * 3_000_000
    with ZipFile(path, "a", ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}">{texts}</sst>')


def _repeated(path: Path) -> None:
    """OpenDocument repeats a cell by number."""
    name = "urn:oasis:names:tc:opendocument:xmlns"
    table = (
        f'<office:document-content xmlns:office="{name}:office:1.0" xmlns:table="{name}:table:1.0"'
        f' xmlns:text="{name}:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="A"><table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell office:value-type="string" table:number-columns-repeated="50">'
        "<text:p>x</text:p>"
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", table)


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(("spoil", "name"), [(_many_texts, "a.xlsx"), (_repeated, "a.ods")])
def test_a_bomb_costs_its_source_only(spoil: Spoil, name: str, tmp_path: Path) -> None:
    path = sheet(tmp_path / "book.xlsx", [HEAD, ROW]).rename(tmp_path / name)
    spoil(path)
    assert path.stat().st_size < 2_000_000
    with pytest.raises((ConfigurationError, TemporaryError), match=MEMORY):
        read(path)


def test_an_archive_that_admits_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    _stated_size(path, "xl/styles.xml", 3_000_000_000)
    with pytest.raises(ConfigurationError, match=r"unpacks to 3\.0 GB"):
        read(path)


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, *[ROW] * 500])
    _stated_size(path, "xl/worksheets/sheet1.xml", 100)
    with pytest.raises(TemporaryError, match="is damaged: its sheet Sheet"):
        read(path)


def _stated_size(path: Path, member: str, size: int) -> None:
    """Lie in the directory of the archive about one part."""
    content = bytearray(path.read_bytes())
    at = content.rindex(member.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    content[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(content)


def test_a_workbook_in_a_workbook_is_no_more_than_a_part(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    with ZipFile(path, "a") as book:
        book.writestr("xl/embeddings/inner.xlsx", path.read_bytes())
    assert len(read(path).records) == 1


@pytest.mark.parametrize(
    "trick",
    [
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_entities_tell_nothing_and_grow_nothing(trick: bytes, part: str, tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])

    def poison(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, tag, rest = content.partition(b"<" + (b"workbook" if "book" in part else b"worksh"))
        return head + trick + tag + rest.replace(b"Uno Srl", b"&f;&b;")

    _parts(path, poison)
    try:
        names = [str(each) for row in SheetTable(path).rows() for each in row.cells]
    except (ConfigurationError, TemporaryError) as error:
        assert "ledger.xlsx" in str(error)
    else:
        assert not any("root:" in each or "haha" in each for each in names)


def test_what_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    monkeypatch.setattr(apart, "WORKBOOK", apart.Bounds(megabytes=4096, seconds=0))
    with pytest.raises(TemporaryError, match=r"longer than 0 seconds.*nothing was changed"):
        read(path)


def test_a_reader_killed_in_the_middle_loses_nothing_silently(tmp_path: Path) -> None:
    """Half a ledger would make the other half look paid."""
    book = openpyxl.Workbook(write_only=True)
    table = book.create_sheet("A")
    for number in range(12_000):
        table.append([f"K{number}", "x" * 60])
    path = tmp_path / "ledger.xlsx"
    book.save(path)
    pool.close()
    opened = SheetTable(path)
    (child,) = pool.idle()
    rows = opened.rows()
    assert next(rows).cells[0] == "K0"
    os.kill(child, signal.SIGKILL)
    with pytest.raises(TemporaryError, match=r"reader fail \(SIGKILL\).*nothing was changed"):
        list(rows)
    assert len(list(opened.rows())) == 12_000


def test_a_workbook_that_changes_between_two_looks_is_read_later(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [HEAD, ROW])
    opened = SheetTable(path)
    sheet(path, [HEAD, ROW, ROW])
    with pytest.raises(TemporaryError, match="was changed while it was read"):
        list(opened.rows())


def test_empty_columns_before_the_table_keep_their_letters(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [[], [], [None, None, *HEAD], [None, None, *ROW]])
    rows = list(SheetTable(path).rows())
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert rows[2].cells == ["", "", *HEAD]
    assert len(read(path).records) == 1


BOMB = """
[connectors.bomb]
plugin = "csv"
installments = "ledger/bomb.xlsx"
"""


@pytest.mark.parametrize("command", ["check --format json", "sync"])
def test_the_other_sources_go_on(command: str, tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    path = sheet(office / "ledger/bomb.xlsx", [HEAD, ROW])
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    book.active["XFD1048576"] = " "
    book.save(path)
    with (office / "plugins.toml").open("a", encoding="utf-8") as file:
        file.write(BOMB)
    well(office, "init")
    ended = inside(office, *command.split())
    assert ended.code == (1 if command == "sync" else 2)
    assert "bomb.xlsx" in ended.err + ended.out
    assert "1048576" in ended.err + ended.out
    assert not ended.has_traceback
    if command == "sync":
        assert len(inside(office, "installments", "--format", "json").rows()) == 4
