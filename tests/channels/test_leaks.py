"""No secret, token or word of a message stays in anything that a run leaves, whatever its servers
answer: one office with a channel of every kind, one broken day, and a search through all of it."""

from __future__ import annotations

import sqlite3
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from incasso.testing.network import closed_port
from tests.channels.every_kind import BODY, DAY, USER, EveryKind, every_kind
from tests.cli.command import Ended, inside, plain_environment
from tests.cli.test_jobs import jobs, never, wait_for
from tests.started import started

KEEPS_TEXTS = {("templates", "parts")}
"""Columns that hold texts of messages; everything else is about them."""


class Left:
    """Everything that a day left: what was printed, every column, every file but the archive's."""

    def __init__(self, office: EveryKind, printed: list[Ended]) -> None:
        served = office.servers.values()
        self.secrets = [each.secret for each in served]
        self.made = [secret for each in served for secret in each.more()]
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
            _worked(office),
            _served(office),
        ]
        yield Left(office, printed)


def _worked(office: EveryKind) -> Ended:
    """A worker's own log of a run, in which everything fails."""
    never(office.folder, f"sqlite:///{office.folder / 'incasso.db'}")
    office.do("jobs", "start", "run")
    with started(
        [*COMMAND, "worker"], cwd=office.folder, env=plain_environment(), **_CAUGHT
    ) as process:
        # Parts that failed are tried again in a minute; the run itself is over before.
        wait_for(lambda: all(each["task"] != "cycle" for each in _running(office)))
        process.terminate()
        out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


def _running(office: EveryKind) -> list[dict[str, Any]]:
    return jobs(office.folder, "--state", "running")


def _served(office: EveryKind) -> Ended:
    """What `serve` answers and logs: its pages, its numbers, and callbacks that are not right."""
    port = closed_port()
    with started(
        [*COMMAND, "serve", "--port", str(port)],
        cwd=office.folder,
        env=plain_environment(),
        **_CAUGHT,
    ) as process:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_for(lambda: _answers(client))
            said = [client.get(path) for path in _PAGES]
            said += [
                client.post(f"/{way}/{name}", content=server.secret)
                for name, server in office.servers.items()
                for way in ("hooks", "api/v1/callbacks")
            ]
        process.terminate()
        out, err = process.communicate(timeout=60)
    answers = "\n".join(f"{each.status_code} {each.headers} {each.text}" for each in said)
    return Ended(process.returncode, out + answers, err)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").status_code > 0
    except httpx.TransportError:
        return False


COMMAND = [sys.executable, "-m", "incasso.cli.main"]
_CAUGHT: Any = {"stdout": PIPE, "stderr": PIPE, "text": True}
_PAGES = ("/", "/metrics", "/health", "/health/ready", "/api/v1/openapi.json", "/api/v1/nothing")
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
    assert left.where("cannot read Bearer ********"), "the interface behind a token"
    assert left.where("535 5.7.3 Authentication unsuccessful ********"), "the relay behind one"
    assert left.where("Failed, try later: PASS ********"), "the fax server"
    assert left.where("Google refuses"), "the token endpoint"
    assert len(left.places) > 300
    assert left.archived, "the word did stand in what left"


def test_no_secret_is_anywhere(left: Left) -> None:
    for secret in left.secrets:
        for form in forms(secret):
            assert left.where(form) == [], form


def test_what_was_made_to_sign_in_is_nowhere(left: Left) -> None:
    """Tokens, and the signed claims that they are asked for with; each is cut in some places."""
    assert len(left.made) > 5
    for secret in left.made:
        for part in (secret, secret[-40:], secret[60:120]):
            assert left.where(part) == [], part


def test_no_word_of_a_message_is_anywhere(left: Left) -> None:
    assert left.where(BODY) == []
