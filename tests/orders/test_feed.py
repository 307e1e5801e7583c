"""The neutral feed: written whole by each dispatch, by acts and by hand; formulas stay text."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest

from incasso.contract.errors import ConfigurationError
from incasso.contract.ledger import ClientRecord
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders
from incasso.domain.office.actor import Scope
from incasso.domain.plain_cell import csv_text, plain_cell
from incasso.plugins.settings.config import load_config
from incasso.services.orders import feed
from incasso.services.orders.feed import feed_problems, write_feed
from tests.doing import do
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, dispatched, erp, owes

FIELDS = ["source", "client", "name", "vat", "blocked_since", "reason", "blocked_by"]


def test_each_dispatch_writes_it(on_sqlite: MakeOrders, tmp_path: Path) -> None:
    feeds = (tmp_path / "out/blocked.csv", tmp_path / "out/blocked.json")
    ledger = erp()
    office = on_sqlite(feeds=feeds, acme=ledger)
    office.day()
    with feeds[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == FIELDS
    told = json.loads(feeds[1].read_text(encoding="utf-8"))
    assert rows == told, "both tell the same"
    assert (told[0]["client"], told[0]["blocked_since"]) == ("C1", "2026-11-23")
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert json.loads(feeds[1].read_text(encoding="utf-8")) == []
    assert feeds[0].read_text(encoding="utf-8").strip() == ",".join(FIELDS)
    assert sorted(path.name for path in feeds[0].parent.iterdir()) == [
        "blocked.csv",
        "blocked.json",
    ]


def test_an_act_writes_it_at_once(on_sqlite: MakeOrders, tmp_path: Path) -> None:
    feed = tmp_path / "blocked.json"
    office = on_sqlite(feeds=(feed,), acme=erp(owes(due_date=ON)))
    office.day()
    do(office.hub, BlockOrders(subject="C1", why="fallimento"))
    assert json.loads(feed.read_text(encoding="utf-8"))[0]["reason"] == "fallimento"
    do(office.hub, ReleaseOrders(subject="C1", why="omonimo"))
    assert json.loads(feed.read_text(encoding="utf-8")) == []


def test_a_file_that_cannot_be_written_is_told_and_stops_nothing(
    on_sqlite: MakeOrders, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be", encoding="utf-8")
    feed = tmp_path / "taken" / "blocked.csv"
    office = on_sqlite(feeds=(feed,), acme=erp())
    report = dispatched(office.day())
    (notice,) = report.notices
    assert str(feed) in notice
    assert report.carried_out == {"block_orders": 1}


def test_a_file_that_cannot_be_replaced_stays_whole(
    on_sqlite: MakeOrders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = tmp_path / "out" / "blocked.csv"
    office = on_sqlite(feeds=(feed,), acme=erp())
    office.day()
    before = feed.read_bytes()
    do(office.hub, ReleaseOrders(subject="C1", why="pagato"))
    feed.write_bytes(before)

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    (problem,) = feed_problems(office.hub)
    monkeypatch.undo()
    assert "the disk is full" in problem
    assert feed.read_bytes() == before
    assert [path.name for path in feed.parent.iterdir()] == ["blocked.csv"]


def test_a_name_that_is_a_formula(on_sqlite: MakeOrders, tmp_path: Path) -> None:
    ledger = erp()
    ledger.put(ClientRecord(code="C1", name='=HYPERLINK("http://example.it";"Rossi, srl")'))
    office = on_sqlite(acme=ledger)
    office.day()
    assert (
        write_feed(office.hub.config, office.store, Scope.everything(), tmp_path / "one.CSV") == 1
    )
    with (tmp_path / "one.CSV").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["name"] == '\'=HYPERLINK("http://example.it";"Rossi, srl")'
    write_feed(office.hub.config, office.store, Scope.everything(), tmp_path / "one.json")
    narrow = Scope(agents=frozenset({"A9"}))
    assert write_feed(office.hub.config, office.store, narrow, tmp_path / "none.json") == 0
    assert json.loads((tmp_path / "one.json").read_text())[0]["name"].startswith("=HYPER")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Rossi & C.", "Rossi & C."),
        ("-12", "-12"),
        ("+39 02 5550101", "+39 02 5550101"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd|'x'!A0", "'-2+3+cmd|'x'!A0"),
        ("\t=1", "'\t'=1"),
        ("\tRossi", "'\tRossi"),
        ("Rossi;=cmd|' /C calc'!A0", "Rossi;'=cmd|' /C calc'!A0"),
        ('Rossi; "=1', "Rossi;' \"=1"),
        ("Rossi\r\n@x", "Rossi\r\n'@x"),
        ("Rossi;-12;+39 02", "Rossi;-12;+39 02"),
        ("\u200b=1", "'\u200b=1"),
        ("Bianchi; - sconto", "Bianchi; - sconto"),
        ("Rossi, - = e figli", "Rossi, - = e figli"),
        ("＝1", "'＝1"),
    ],
)
def test_what_a_spreadsheet_would_run_stays_text(text: str, shown: str) -> None:
    assert plain_cell(text) == shown


def test_an_italian_excel_finds_no_formula_whatever_a_client_is_called() -> None:
    """It splits lines at semicolons, and a quote in the middle keeps nothing together."""
    names = ["Rossi;=1+1", 'a";"=1+1', "x\n=1+1;y", "-2;@A", "a\t=1", '";=HYPERLINK("x")']
    lines = csv_text(["name", "vat"], ([name, None] for name in names)).splitlines()
    cells = [cell.strip('" ') for line in lines for cell in re.split("[;\t]", line)]
    assert [cell for cell in cells if cell.startswith(("=", "@", "+"))] == []
    read = csv.DictReader(StringIO(csv_text(["name"], [["a;b"]])))
    assert [row["name"] for row in read] == ["a;b"]


def test_another_ending_is_refused(on_sqlite: MakeOrders, tmp_path: Path) -> None:
    office = on_sqlite(acme=erp())
    with pytest.raises(ConfigurationError, match="must end in"):
        write_feed(office.hub.config, office.store, Scope.everything(), tmp_path / "blocked.xls")


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ('blocks_feed = "out/b.csv"', ["out/b.csv"]),
        ('blocks_feed = ["b.csv", "b.json"]', ["b.csv", "b.json"]),
        ("", []),
    ],
)
def test_the_setting(tmp_path: Path, line: str, paths: list[str]) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f"[hub]\n{line}\n", encoding="utf-8")
    assert load_config(file).blocks_feed == tuple(tmp_path / path for path in paths)


@pytest.mark.parametrize("value", ['"b.xml"', '["b.csv", "b"]', "3", "[3]"])
def test_a_wrong_setting_is_told(tmp_path: Path, value: str) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f"[hub]\nblocks_feed = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        load_config(file)


def test_a_mark_that_turns_a_line_round_stands_as_its_code_in_the_csv() -> None:
    row: dict[str, object] = dict.fromkeys(feed.COLUMNS)
    made = feed.as_csv([row | {"client": "C1", "name": "fattura\u202efdp srl"}]).decode()
    assert made.splitlines()[1] == r",C1,fattura\u202efdp srl,,,,"
