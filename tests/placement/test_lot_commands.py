"""A lot by the real commands, from the filter to the closing, to an agency that works in Excel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import DAY, Ended, inside, make_office, well

PROVIDER = """
[[provider]]
key = "rossi"
kind = "agency"
services = ["extrajudicial"]

[provider.mandate]
number = "M-1"
from = 2026-01-01
lot_days = 30

[[provider.licence]]
number = "12/2024"
office = "Milano"
until = 2027-03-31

[provider.data_agreement]
from = 2026-01-01
"""
CARRIER = """
[providers.rossi]
plugin = "excel"

[providers.rossi.folder]
place = "local"
path = "scambio"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with a read ledger, and an agency with its papers."""
    monkeypatch.setenv("INCASSO_USER", "admin")
    folder = make_office(tmp_path / "office")
    (folder / "scambio").mkdir()
    (folder / "fornitori.toml").write_text(PROVIDER, encoding="utf-8")
    with (folder / "plugins.toml").open("a", encoding="utf-8") as config:
        config.write(CARRIER)
    for words in ("init", f"sync --on {DAY}", f"providers import fornitori.toml --on {DAY}"):
        well(folder, *words.split())
    return folder


def lot(folder: Path, words: str) -> Ended:
    return well(folder, "lots", *words.split(), "--on", DAY)


def told(folder: Path, words: str) -> Any:
    """The only row that a command gives."""
    [row] = json.loads(well(folder, *words.split(), "--format", "json").out)
    return row


def test_from_the_filter_to_the_closing(folder: Path) -> None:
    made = lot(folder, "compose --provider rossi --service extrajudicial").out
    assert "L-2026-0001 for rossi" in made
    for words in ("freeze l-2026-0001", "approve L-2026-0001"):
        lot(folder, words)
    lot(folder, "send L-2026-0001")
    assert list((folder / "scambio").rglob("*.xlsx")) == [], "with --on nothing leaves"
    lot(folder, "send L-2026-0001 --really-send")
    [sent] = (folder / "scambio").rglob("*.xlsx")
    shown = told(folder, "lots show L-2026-0001")
    assert (shown["state"], shown["until"]) == ("handed_over", "2026-12-23")
    [batch] = shown["batches"]
    assert (batch["state"], batch["filename"]) == ("sent", sent.name)
    [account] = shown["account"]
    assert account["open"] == account["placed"] == shown["sums"]["EUR"]
    lot(folder, "recall L-2026-0001 --why prova")
    well(folder, "exchange", "out", "--on", DAY)
    assert len(list((folder / "scambio").rglob("*.xlsx"))) == 2
    assert "closed" in lot(folder, "close L-2026-0001").out
    assert told(folder, "lots list")["state"] == "closed"
    assert "All is as it was written" in well(folder, "verify").out


WRONG = (
    ("show L-2026-0009", "There is no lot “L-2026-0009”"),
    ("freeze pippo", "There is no lot “pippo”"),
    ("compose --provider bianchi --service extrajudicial", "No provider is called bianchi"),
    ("compose --provider rossi --service phone --share 1 --share 2", "one share"),
    ("compose --provider rossi --service phone --rule TO", "is not VALUE=PROVIDER"),
    ("compose --provider rossi --service pesca", "pesca"),
    ("place 9999 --provider rossi --service extrajudicial", "9999"),
)


def test_what_cannot_be_done_is_said(folder: Path) -> None:
    for words, said in WRONG:
        ended = inside(folder, "lots", *words.split())
        assert ended.code != 0 and not ended.has_traceback, words
        assert said in ended.err.replace("\n", " "), words
