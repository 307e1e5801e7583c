"""What lies beside the ERP's own lists: situations, sums per client, the rows themselves."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from tests.cli.command import DAY, Ended, inside, well

CONFIG = """
[hub]
language = "{language}"

[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "items.csv"
"""
CLIENTS = "code,name\nC1,Rossi srl\nC2,=HYPERLINK(1)\n"
ITEMS = """key,client,document_number,due_date,residual,amount,presented_on,payment_method
A,C1,1,2026-10-31,100.50,200.00,,transfer
B,C1,2,2026-12-31,50.00,50.00,,transfer
C,C1,3,2026-10-01,-20.25,-20.25,,transfer
D,C2,4,2026-11-30,70.00,70.00,2026-11-01,riba
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "plugins.toml").write_text(CONFIG.format(language="en"), encoding="utf-8")
    return tmp_path


def exported(folder: Path, name: str, language: str = "en") -> Ended:
    words = ("check", "--read", "--on", DAY, "--export", name)
    return inside(folder, *words, language=language)


def table(path: Path, separator: str) -> list[list[str]]:
    return list(csv.reader(StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=separator))


def test_the_sums_per_client_are_written_and_the_hub_stays_as_it_is(folder: Path) -> None:
    well(folder, "init")
    ended = exported(folder, "sums.csv")
    assert ended.code == 0, ended
    assert "sums of 2 clients" in ended.err
    assert inside(folder, "clients", "--format", "json").rows() == [], "nothing was stored"
    heading, *lines = table(folder / "sums.csv", ",")
    assert len(heading) == 7
    assert lines == [
        ["acme", "C1", "Rossi srl", "EUR", "3", "130.25", "100.50"],
        ["acme", "C2", "'=HYPERLINK(1)", "EUR", "1", "70.00", "0"],
    ]


def test_an_italian_office_gets_what_its_spreadsheet_opens(folder: Path) -> None:
    (folder / "plugins.toml").write_text(CONFIG.format(language="it"), encoding="utf-8")
    assert exported(folder, "sums.csv", language="it").code == 0
    heading, first, _ = table(folder / "sums.csv", ";")
    assert "cliente" in " ".join(heading).lower()
    assert first[5:] == ["130,25", "100,50"]


@pytest.mark.parametrize("name", ["sums.xlsx", "nowhere/sums.csv"])
def test_a_file_that_cannot_be_written_is_said_in_one_sentence(folder: Path, name: str) -> None:
    ended = exported(folder, name)
    assert ended.code == 2 and not ended.has_traceback
    assert name.rpartition("/")[2] in ended.err


def test_an_export_needs_a_read(folder: Path) -> None:
    ended = inside(folder, "check", "--export", "sums.csv")
    assert ended.code == 2 and "--read" in ended.err


def test_explain_shows_the_row_of_the_file(folder: Path) -> None:
    well(folder, "init")
    well(folder, "sync", "--on", DAY)
    ended = inside(folder, "explain", "A", "--source", "--on", DAY)
    assert ended.code == 0, ended
    assert "items.csv, row 2" in ended.out
    assert "residual: 100.50" in ended.out and "amount: 200.00" in ended.out
    (found,) = inside(folder, "explain", "A", "--source", "--on", DAY, "--format", "json").rows()
    (row,) = found["source_rows"]
    assert row["where"].endswith("items.csv, row 2")
    assert Decimal(row["fields"]["residual"]) == Decimal("100.50")
    (plain,) = inside(folder, "explain", "A", "--on", DAY, "--format", "json").rows()
    assert "source_rows" not in plain


def test_a_row_that_left_the_file_is_said_to_be_gone(folder: Path) -> None:
    well(folder, "init")
    well(folder, "sync", "--on", DAY)
    (folder / "items.csv").write_text(ITEMS.replace("A,C1,1", "Z,C1,9"), encoding="utf-8")
    ended = inside(folder, "explain", "A", "--source", "--on", DAY)
    assert "the ERP has no row of it any more" in ended.out


def test_the_table_of_installments_says_how_each_stands(folder: Path) -> None:
    make_situation = ("installments", "--on", DAY)
    well(folder, "init")
    well(folder, "sync", "--on", DAY)
    out = inside(folder, *make_situation).out
    for word in ("overdue", "not due", "credit", "at the bank"):
        assert word in out
    only = inside(folder, *make_situation, "--situation", "at_bank", "--format", "json").rows()
    assert [row["key"] for row in only] == ["D"]
    wrong = inside(folder, *make_situation, "--situation", "somehow")
    assert wrong.code == 2 and "at_bank" in wrong.err
