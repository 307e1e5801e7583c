"""Yesterday's database put back: nothing leaves until `recover` has accounted for what left."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.command import DAY, inside, make_office, well

NEXT_DAY = "2026-12-09"


def lived_office(folder: Path) -> Path:
    """An office that sent on one day, was copied, and sent again on another."""
    make_office(folder)
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    well(folder, "run", "--on", DAY, "--really-send")
    shutil.copy(folder / "incasso.db", folder / "copy.db")
    well(folder, "run", "--on", NEXT_DAY, "--really-send")
    return folder


def put_back(folder: Path) -> None:
    """The copy takes the database's place, as after a broken disk."""
    for beside in folder.glob("incasso.db*"):
        beside.unlink()
    shutil.copy(folder / "copy.db", folder / "incasso.db")


def sent(folder: Path) -> list[str]:
    """The messages in the outbox."""
    return sorted(path.stem for path in (folder / "outbox").rglob("*.json"))


def test_a_database_put_back_sends_nothing_and_says_why(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    anchor = (office / "archive/journal-head.json").read_bytes()
    before = sent(office)
    put_back(office)
    for command in ("run", "dispatch"):
        ended = inside(office, command, "--on", NEXT_DAY, "--really-send")
        assert ended.code == 1
        assert "older than its journal's anchor" in ended.err
        assert "incasso recover" in ended.err
        assert ended.err.count("\n") == 1
    assert sent(office) == before
    for words in (["clients"], ["plan", "--on", NEXT_DAY], ["dispatch", "--on", NEXT_DAY]):
        ended = inside(office, *words)
        assert ended.code == 0
        assert "older than its journal's anchor" in ended.err
    assert (office / "archive/journal-head.json").read_bytes() == anchor
    ended = inside(office, "verify")
    assert ended.code == 1
    assert "was cut" in ended.err or "rewritten" in ended.err


def test_an_empty_database_beside_an_old_archive_sends_nothing(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    ended = inside(office, "init")
    assert ended.code == 0
    ended = inside(office, "run", "--on", NEXT_DAY, "--really-send")
    assert ended.code == 1
    assert "incasso recover" in ended.err


def test_the_key_is_made_once_and_named(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    assert "incasso.key" in well(office, "init").out
    key = (office / "incasso.key").read_bytes()
    assert "incasso.key" not in well(office, "init").out
    assert (office / "incasso.key").read_bytes() == key
    (office / "incasso.key").unlink()
    well(office, "init")
    assert not (office / "incasso.key").exists()
    assert "incasso.key" in inside(office, "verify").err
