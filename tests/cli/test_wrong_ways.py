"""Wrong numbers, a missing variable, rules that somebody spoilt: a sentence that names the cure."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import Ended, inside, make_office

HUGE = "1" * 23

WITH_NUMBERS = (
    ("jobs", "again", HUGE),
    ("quarantine", "--run", HUGE),
    ("steps", "--limit", HUGE),
    ("deliveries", "--step", f"-{HUGE}"),
)


@pytest.mark.parametrize("words", WITH_NUMBERS, ids=" ".join)
def test_a_number_that_no_row_can_have_is_refused_by_name(
    office: Path, words: tuple[str, ...]
) -> None:
    ended = inside(office, *words)
    assert (ended.code, ended.has_traceback) == (2, False)
    assert "no number here is so large" in ended.err or "at least" in ended.err


def test_every_whole_number_of_every_command_has_an_end() -> None:
    """The brothers of the ones above."""
    from incasso.cli.commands import COMMANDS, AllCommands

    found = []
    waiting = [AllCommands(name="incasso").get_command(None, name) for name in COMMANDS]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            if parameter.type.name.startswith("int"):
                with pytest.raises(Exception, match=r"so large|range|at most"):
                    parameter.type.convert(HUGE, parameter, None)
                found.append(parameter.name)
    assert {"number", "limit", "run", "step", "days", "seed"} <= set(found)


def test_an_unset_variable_for_the_database_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    config = folder / "plugins.toml"
    config.write_text(
        config.read_text().replace("[hub]", '[hub]\ndatabase = { env = "ACME_DATABASE" }')
    )
    for words in (("init",), ("clients",), ("run",)):
        ended = inside(folder, *words)
        assert (ended.code, ended.has_traceback) == (2, False), words
        assert "ACME_DATABASE" in ended.err, words
    assert not list(folder.glob("*.db"))


def spoilt(folder: Path) -> None:
    """Somebody writes a word where days stand."""
    with closing(sqlite3.connect(folder / "incasso.db")) as database, database:
        (number, definition), *_ = database.execute("SELECT id, definition FROM iter_versions")
        iter = json.loads(definition)
        iter["stages"][0]["days"] = "soon"
        database.execute(
            "UPDATE iter_versions SET definition = ? WHERE id = ?", (json.dumps(iter), number)
        )


def test_a_spoilt_iter_is_named_by_whatever_reads_it(office: Path) -> None:
    spoilt(office)

    def told(*words: str) -> Ended:
        ended = inside(office, *words)
        assert "Unexpected" not in ended.err
        assert not ended.has_traceback
        return ended

    for words in (("plan",), ("iters", "export"), ("simulate", "--days", "3")):
        ended = told(*words)
        assert ended.code == 1, words
        assert "stages[0].days" in ended.err, (words, ended)
        assert "incasso verify" in ended.err
    assert told("verify").code == 1


def test_sales_see_only_clients_that_somebody_named(office: Path) -> None:
    inside(office, "users", "add", "piero", "--role", "sales", "--by", "admin")
    assert inside(office, "clients", "--by", "piero", "--format", "json").rows() == []
    told = ("users", "scope", "piero", "--source", "acme", "--by", "admin")
    assert inside(office, *told).code == 0
    assert inside(office, "clients", "--by", "piero", "--format", "json").rows()
