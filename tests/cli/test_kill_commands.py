"""Every command that changes something, killed at random instants.

One office lives through a story of commands, once undisturbed and once with each command killed
again and again. An act is one transaction: after a kill the office is as it was before it, or as it
is after it. Work that takes several (a sync, a dispatch) is begun again after each kill: when it
ends by itself, the office is the same as if nobody had killed it, and each message left once.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from incasso.domain.acts.act import acts
from incasso.services.office.office import open_office
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables import metadata
from incasso.store.tables.columns import Instant
from incasso.store.tables.recovery import steps
from tests.cli.command import DAY, inside, make_office
from tests.databases import PostgresServer
from tests.killing import ENOUGH, KILLS, Patience, Victim, victim

pytestmark = [pytest.mark.kill, pytest.mark.slow]

LATER: Final = "2026-12-04"
SEND: Final = f"--on {LATER} --really-send"

AGENCY: Final = """
[[provider]]
key = "rossi"
kind = "agency"
services = ["phone"]
price_list = "rossi"

[[price_list]]
key = "rossi"
version = [{ from = 2026-01-01, rate = [{ percent = "8" }] }]
"""

STORY: Final = (
    "init",
    "users add anna --role credit_manager --by admin",
    "users add carlo --role operator --by admin",
    "users scope carlo --agent A1 --by admin",
    "tokens add negozio --scope credit-status --by admin",
    f"iters import iters.toml --on {DAY}",
    f"providers import fornitori.toml --on {DAY}",
    f"sync --on {DAY}",
    f"plan --on {DAY}",
    f"dispatch --on {DAY} --really-send",
    "act promise 1001 --until 2026-11-27 --on 2026-11-24",
    "act undo --on 2026-11-24",
    "act plan 1001 --pay 2026-12-09=610 --pay 2026-12-21=610 --on 2026-11-24",
    "act release 1001 --what plan --on 2026-11-24 --why prova",
    "act hold 1002 --until 2026-11-30 --on 2026-11-24 --why prova",
    "act release 1002 --on 2026-11-25 --why prova",
    "act dispute 1002 --department vendite --on 2026-11-24 --why prova",
    "act answer-dispute 1002 --result rejected --answer no --on 2026-11-25 --why prova",
    "act contact 1001 --kind call --text pagano --on 2026-11-25",
    "act correct 1003 --from telefonata --email verdi@panificio.example.it --on 2026-11-25",
    "act correct 1002 --from registro --pec bianchi@pec.example.it --on 2026-11-25",
    "act refuse 1003 --from telefonata --medium sms --on 2026-11-25 --why prova",
    "act consent 1003 --from modulo --medium sms --on 2026-11-25",
    "act set-contact 1003 --role titolare --from telefonata --fax 0111234567 --on 2026-11-25",
    "act end-contact 1003 --role titolare --on 2026-11-25",
    "act extend 2026/118-2 --days 10 --on 2026-11-25 --why prova",
    "act assign 1001 --to anna --on 2026-11-25 --why prova",
    "act park 1002 --into management --on 2026-11-25 --why prova",
    "act release 1002 --what park --on 2026-11-25 --why prova",
    "act exclude 1003 --on 2026-11-25 --why prova",
    "act include 1003 --on 2026-11-25 --why prova",
    "act block-orders 1001 --on 2026-11-25 --why prova",
    "act release-orders 1001 --on 2026-11-25 --why prova",
    "act add 2026/118-1 --to 2026-12-04 --on 2026-11-25 --why prova",
    "act move case:2 --to 2026-12-04 --on 2026-11-25 --why prova",
    "act skip case:3 --on 2026-11-25 --why prova",
    "act stages 2026/131-1 iters.toml --on 2026-11-25 --why prova",
    "act iter 1003 bonifico --on 2026-11-25 --why prova",
    "act enter 2026/131-1 --stage diffida --on 2026-11-26 --why prova",
    f"run {SEND}",
    "act done step:call_1 --outcome fatto --on 2026-12-04",
    "act edit step:diffida --closing saluti --on 2026-12-04 --why prova",
    "act reject step:diffida --until 2026-12-07 --on 2026-12-04 --why prova",
    "sync --on 2026-12-07",
    "plan --on 2026-12-07",
    "act approve step:diffida --on 2026-12-07",
    "dispatch --on 2026-12-07 --really-send",
    "collect",
    "users disable carlo --by admin",
    "tokens revoke negozio --by admin",
    "backup copie",
    "restore copie --replace",
    "recover --on 2026-12-07",
    "upgrade",
    f"run {SEND.replace(LATER, '2026-12-09')}",
)

COPIES: Final = ("backup", "restore", "recover", "upgrade")

WORK: Final = ("init", "sync", "plan", "dispatch", "run", "collect", *COPIES)
"""Commands of several transactions: begun again, they go on."""

NEEDS_MORE: Final = {
    *("charges", "judge", "letter", "resolve", "unmark", "write-back"),
    *("reply-answered", "reply-assign", "reply-done", "reply-hand-over"),
}
"""Acts on what this office has not: they are one transaction like the others."""

TIMES: Final = max(2, KILLS // 4)
"""Kills of each command: there are many."""

EVERY: Final = 6 if KILLS < 100 else 1
"""Each run of the tests kills every sixth command, others on the other database; a soak all."""

OF_RUNS: Final = ("calls", "sync_runs")
"""Tables that say what was tried and how long it took: a killed run is one more."""

BEGUN: Final = ".begun"
"""Kinds of event that say the same."""

DRAWN: Final = re.compile("[0-9a-f]{16,}")
"""Ids of deliveries and hashes of what holds them: drawn anew in each run."""

Rows = dict[str, Counter[tuple[str, ...]]]


def test_every_act_is_in_the_story() -> None:
    told = {words.split()[1] for words in STORY if words.startswith("act ")}
    assert {each.name().replace("_", "-") for each in acts()} == told | NEEDS_MORE


def test_killed_commands(
    database: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INCASSO_USER", "anna")
    with places(database, request, tmp_path) as offices:
        undisturbed, before = offices.new("undisturbed"), tmp_path / "before"
        with victim("tests.cli.kill_worker", offices.new("warm"), *STORY) as process:
            for number, words in enumerate(STORY):
                chosen = number % EVERY == (EVERY // 2 if database == "sqlite" else 0)
                if chosen:
                    offices.copy(undisturbed, before)
                words = with_step(undisturbed, words)
                ended = inside(undisturbed, *words.split())
                assert ended.code == 0, (words, ended)
                if chosen:
                    trial = Trial(offices, process, before, words, seed=number)
                    trial.killed_and_done(undisturbed)


class Offices:
    """Folders with a database each, that can be copied as they stand."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self._folder, self._server = folder, server
        self._urls: dict[Path, str] = {}

    def new(self, name: str) -> Path:
        """An office with nothing but its files."""
        place = make_office(self._folder / name)
        (place / "fornitori.toml").write_text(AGENCY, encoding="utf-8")
        if self._server is not None:
            self._connect(place, self._server.create(migrated=False))
        return place

    def copy(self, place: Path, to: Path) -> None:
        """Put what stands in one place into another, whatever was there."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(place, to)
        if self._server is not None:
            if to in self._urls:
                self._server.drop(self._urls[to])
            self._connect(to, self._server.create_like(self._urls[place]))

    def _connect(self, place: Path, url: str) -> None:
        config = place / "plugins.toml"
        lines = [
            line
            for line in config.read_text("utf-8").splitlines(keepends=True)
            if not line.startswith("database")
        ]
        config.write_text("".join(lines).replace("[hub]", f'[hub]\ndatabase = "{url}"'), "utf-8")
        self._urls[place] = url

    def close(self) -> None:
        for url in self._urls.values():
            assert self._server is not None
            self._server.drop(url)


@contextmanager
def places(database: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Offices]:
    server = request.getfixturevalue("postgres") if database == "postgresql" else None
    offices = Offices(folder, server)
    try:
        yield offices
    finally:
        offices.close()


class Trial:
    """One command of the story, in a copy of the office that is disturbed."""

    def __init__(
        self, offices: Offices, process: Victim, before: Path, words: str, *, seed: int
    ) -> None:
        self._offices, self._process, self._words = offices, process, words
        self._from, self._place = before, before.with_name("disturbed")
        self._patience = Patience(seed, 0.15)

    def killed_and_done(self, undisturbed: Path) -> None:
        """Kill it as often as asked, then let it end; the office is as if nobody had."""
        self._offices.copy(self._from, self._place)
        before, after, kills = state(self._place), state(undisturbed), 0
        for _ in range(ENOUGH):
            kills += self._killed()
            now = state(self._place)
            if not self._is_work:
                assert now in (before, after), (self._words, differences(now, before, after))
            if kills >= TIMES:
                break
            if now == after:
                self._offices.copy(self._from, self._place)
        if state(self._place) != after:
            self._process.run(self._place, *self._words.split())
        now = state(self._place)
        assert now == after, (self._words, differences(now, after))
        assert sent(self._place) == sent(undisturbed), "each message once"
        if not self._words.startswith("restore"):  # behind its anchor until it recovers
            assert verified(self._place) == (), self._words

    def _killed(self) -> bool:
        after = self._patience.next()
        killed, worked = self._process.run(self._place, *self._words.split(), kill_after=after)
        if not killed:
            self._patience.ended(worked)
        return killed

    @property
    def _is_work(self) -> bool:
        return self._words.split()[0] in WORK


@contextmanager
def opened(place: Path) -> Iterator[Store]:
    with open_office(place / "plugins.toml") as office:
        yield office.store


def state(place: Path) -> Rows:
    """All rows of all tables, without what is drawn anew in each run."""
    with opened(place) as store, store.read() as connection:
        there = set(sa.inspect(connection).get_table_names())
        return {
            table.name: Counter(
                tuple(DRAWN.sub("*", str(value)) for value in row)
                for row in connection.execute(sa.select(*_lasting(table)))
                if not str(row[0]).endswith(BEGUN)
            )
            for table in metadata.tables.values()
            if table.name in there and table.name not in OF_RUNS
        }


def _lasting(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    if table.name.startswith("journal"):
        return [table.c.kind] if "kind" in table.c else [sa.literal(1)]
    return [
        column
        for column in table.c
        if not (
            column.primary_key
            or column.foreign_keys
            or isinstance(column.type, (Instant, sa.LargeBinary))
        )
    ] or [sa.literal(1)]


def with_step(place: Path, words: str) -> str:
    """The same words with the number of the step of a stage that waits for somebody."""
    if not (found := re.search("step:([a-z_0-9]+)", words)):
        return words
    query = sa.select(steps.c.id).where(
        steps.c.stage == found[1], steps.c.status.in_(["ready", "proposed"])
    )
    with opened(place) as store, store.read() as connection:
        number = connection.execute(query).scalar_one()
    return words.replace(found[0], f"step:{number}")


def differences(now: Rows, *expected: Rows) -> list[str]:
    """The rows that are here and not there, and the other way round."""
    return [
        f"{table}: has {list((rows - other.get(table, Counter())).items())[:3]}"
        f" lacks {list((other.get(table, Counter()) - rows).items())[:3]}"
        for other in expected
        for table, rows in now.items()
        if rows != other.get(table)
    ]


def sent(place: Path) -> Counter[tuple[str, str]]:
    """What lies in the folder of the channel: to whom, and which step."""
    files = (json.loads(path.read_bytes()) for path in (place / "outbox").rglob("*.json"))
    return Counter((each["to"], each["step"]) for each in files)


def verified(place: Path) -> tuple[str, ...]:
    with opened(place) as store:
        return verify_store(store).problems
