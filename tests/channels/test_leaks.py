"""No secret, token or word of a message stays in anything that a run leaves, whatever its servers
answer: one office with a channel of every kind, one broken day, and a search through all of it."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.channels.every_kind import BODY, DAY, USER, EveryKind, every_kind
from tests.cli.command import Ended, inside

KEEPS_TEXTS = {("templates", "parts")}
"""Columns that hold texts of messages; everything else is about them."""


class Left:
    """Everything that a day left: what was printed, every column, every file but the archive's."""

    def __init__(self, office: EveryKind, printed: list[Ended]) -> None:
        self.secrets = [each.secret for each in office.servers.values()]
        self.places = {f"printed {n}": each.out + each.err for n, each in enumerate(printed)}
        with closing(sqlite3.connect(office.folder / "incasso.db")) as database:
            tables = [name for (name,) in database.execute(_TABLES)]
            for table in tables:
                for column in database.execute(f'PRAGMA table_info("{table}")').fetchall():
                    if (table, column[1]) not in KEEPS_TEXTS:
                        self._column(database, table, column[1])
        files = (path for path in (office.folder / "archive").rglob("*") if path.is_file())
        self.archived = any(BODY.encode() in path.read_bytes() for path in files)
        for path in office.folder.rglob("*"):
            if path.is_file() and not _is_original(path, office.folder):
                self.places[str(path)] = path.read_bytes().decode("latin-1")

    def _column(self, database: sqlite3.Connection, table: str, column: str) -> None:
        rows = database.execute(f'SELECT "{column}" FROM "{table}"').fetchall()
        words = [
            each.decode("latin-1") if isinstance(each, bytes) else str(each) for (each,) in rows
        ]
        self.places[f"{table}.{column}"] = "\n".join(words)

    def where(self, word: str) -> list[str]:
        """The places that hold it."""
        return [place for place, words in self.places.items() if word in words]


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


def _is_original(path: Path, folder: Path) -> bool:
    """What the office wrote itself, and the exact bytes that are proof."""
    relative = path.relative_to(folder)
    archived = relative.parts[0] == "archive" and relative.parts[1] != "left"
    own = path.suffix in (".toml", ".secret", ".csv", ".key") or path.name.startswith("incasso.db")
    return archived or own


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """Each server refuses the login; put right, it echoes what it is asked, login and all."""
    with every_kind(tmp_path_factory.mktemp("leaks") / "office") as office:
        office.planned()
        # Nothing answers where certified mail is checked, so it could not begin again.
        refused = [name for name in office.servers if name != "pec"]
        for name in refused:
            office.secret(name, f"{office.servers[name].secret}-no-longer")
        printed = [office.tries("--debug", "dispatch", "--on", DAY, "--really-send")]
        for name in refused:
            office.secret(name, office.servers[name].secret)
            printed.append(office.do("check", name))
        for server in office.servers.values():
            server.echo()
        printed += [
            office.tries("--debug", "dispatch", "--on", DAY, "--really-send"),
            office.tries("--debug", "collect", "--on", DAY),
            office.tries("--debug", "check"),
            office.tries("--debug", "run", "--on", DAY, "--really-send"),
            office.tries("check", "--format", "json"),
            *(office.tries(name, "--format", "json") for name in _LISTS),
            office.tries("history", "mail"),
            inside(office.folder, "verify"),
        ]
        yield Left(office, printed)


_LISTS = ("deliveries", "steps", "journal", "jobs", "quarantine", "delivery-news")


def forms(secret: str) -> list[str]:
    """As a server, a library or an address may write it."""
    plain = b64encode(f"\0{USER}\0{secret}".encode()).decode()
    basic = [b64encode(f"{user}:{secret}".encode()).decode() for user in (USER, "acme")]
    lone = b64encode(secret.encode()).decode()
    return [secret, quote(secret, safe=""), secret.encode().hex(), plain, *basic, lone]


def test_the_day_was_as_bad_as_meant(left: Left) -> None:
    """A search that cannot find anything proves nothing."""
    assert left.where("has stopped")
    assert "calls.error" in left.where("answered 500")
    assert "deliveries.reason" in left.where("try later")
    assert len(left.places) > 300
    assert left.archived, "the word did stand in what left"


def test_no_secret_is_anywhere(left: Left) -> None:
    for secret in left.secrets:
        for form in forms(secret):
            assert left.where(form) == [], form


def test_no_word_of_a_message_is_anywhere(left: Left) -> None:
    assert left.where(BODY) == []
