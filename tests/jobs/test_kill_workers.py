"""Several processes at work, killed at any instant, and the server restarted in the middle: every
step is planned once, every message leaves at most once, no job is lost, and all can be proved.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import OPEN, Task
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.proof.verify import verify
from incasso.services.recovery.iters import import_file
from incasso.services.running import scheduler, setup
from incasso.store.office.runner import save_schedule
from incasso.store.tables import jobs, ledger, recovery, sending
from tests.channels.servers import SmtpServer
from tests.counting import tried
from tests.killing import KILLS, ROOT
from tests.postgres import embedded, restart
from tests.started import started

CLIENTS, EACH = 60, 3
SOURCES = ("alfa", "beta")

CONFIG = """
[hub]
database = "{url}"

[connectors.alfa]
plugin = "csv"
clients = "alfa/clients.csv"
installments = "alfa/installments.csv"
read = "full"

[connectors.beta]
plugin = "csv"
clients = "beta/clients.csv"
installments = "beta/installments.csv"
read = "full"

[channels.files]
plugin = "folder"
media = ["email"]
sources = ["alfa"]
folder = "outbox"

[channels.mail]
plugin = "smtp"
media = ["email"]
sources = ["beta"]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "crediti@beta.example.it"
allow_private_addresses = true
"""
ITERS = """
[contact_policy]
enabled = false

[[iter]]
key = "tutti"
label = "Tutti"
priority = 10

[[iter.stage]]
key = "sollecito"
label = "Sollecito"
anchor = "due_date"
days = 1
action = "send"
channels = ["email"]
template = "primo_sollecito"
mode = "auto"
advance_on = "sent"
"""


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize(("processes", "how"), [(2, "fast"), (4, "immediate")])
def test_killed_workers_do_everything_once(tmp_path: Path, processes: int, how: str) -> None:
    chance = random.Random(processes)
    kills = max(KILLS // 4, 2)
    with (
        TemporaryDirectory(prefix="pg") as folder,
        SmtpServer() as server,
        embedded(Path(folder)) as url,
        office(tmp_path, url, server.port) as hub,
    ):
        today = hub.today()
        with crew(tmp_path / "plugins.toml") as team:
            for day in range(2):
                write_ledgers(tmp_path, today, day)
                scheduler.start(hub, CLOCK, "run", today)
                for kill in range(kills):
                    team.fill(processes)
                    time.sleep(chance.uniform(0.5, 2.5))
                    team.kill(chance)
                    if day == 0 and kill == kills // 2:
                        restart(Path(folder), how)
                team.fill(processes)
                wait_until_over(hub)
            # What a kill left behind is for the next run.
            scheduler.start(hub, CLOCK, "run", today)
            wait_until_over(hub)
        assert_all_is_there(hub, tmp_path, server)


class Team:
    """The processes at work, forked by one that has imported everything."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._alive: list[int] = []

    def fill(self, count: int) -> None:
        """As many as there should be."""
        assert self._process.stdin is not None and self._process.stdout is not None
        while len(self._alive) < count:
            print("one more", file=self._process.stdin, flush=True)
            self._alive.append(int(self._process.stdout.readline()))

    def kill(self, chance: random.Random) -> None:
        """One of them, at whatever it does."""
        os.kill(self._alive.pop(chance.randrange(len(self._alive))), signal.SIGKILL)
        tried("kills")
        tried("kills in jobs")

    def stop(self) -> None:
        """Tell all of them to finish, and wait for it."""
        for worker in self._alive:
            os.kill(worker, signal.SIGTERM)
        while any(Path(f"/proc/{worker}").exists() for worker in self._alive):
            time.sleep(0.1)


@contextmanager
def crew(config: Path) -> Iterator[Team]:
    command = [sys.executable, "-m", "tests.jobs.kill_worker", str(config)]
    with started(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        team = Team(process)
        try:
            yield team
        finally:
            team.stop()
            assert process.stdin is not None
            process.stdin.close()


@contextmanager
def office(folder: Path, url: str, port: int) -> Iterator[Hub]:
    config = folder / "plugins.toml"
    config.write_text(CONFIG.format(url=url, port=port))
    (folder / "iters.toml").write_text(ITERS)
    with build_hub(config) as hub:
        setup.init(hub)
        import_file(hub, CLOCK, folder / "iters.toml", on=hub.today())
        with hub.store.write() as connection:
            save_schedule(connection, {})
        yield hub


def write_ledgers(folder: Path, today: date, day: int) -> None:
    """Every client owes some; on the second day some more, and nothing of the first is paid."""
    for source in SOURCES:
        (folder / source).mkdir(exist_ok=True)
        clients = [
            f"C{number},Ditta {number},c{number}@{source}.example.it" for number in range(CLIENTS)
        ]
        rows = [
            f"{source}-{number}-{one},C{number},{today - timedelta(days=5 + one)},100.00"
            for number in range(CLIENTS)
            for one in range(EACH + 2 * day * (number % 2))
        ]
        (folder / source / "clients.csv").write_text("code,name,email\n" + "\n".join(clients))
        (folder / source / "installments.csv").write_text(
            "key,client,due_date,residual\n" + "\n".join(rows)
        )


def wait_until_over(hub: Hub) -> None:
    query = sa.select(jobs.jobs.c.task, jobs.jobs.c.about, jobs.jobs.c.state, jobs.jobs.c.problem)
    until = time.monotonic() + 180
    while True:
        with hub.store.read() as connection:
            left = connection.execute(query.where(jobs.jobs.c.state.in_(OPEN))).all()
        if not left:
            return
        assert time.monotonic() < until, left
        time.sleep(0.2)


def assert_all_is_there(hub: Hub, folder: Path, server: SmtpServer) -> None:
    owed = CLIENTS * EACH + CLIENTS // 2 * 2
    assert _count(hub, ledger.installments) == len(SOURCES) * owed
    assert _count(hub, recovery.cases) == len(SOURCES) * owed, "a case for each"
    assert set(_counts(hub, recovery.cases.c.installment_id).values()) == {1}
    per_client = _counts(hub, recovery.steps.c.client_id)
    assert len(per_client) == len(SOURCES) * CLIENTS
    assert set(per_client.values()) == {1, 2}, "one a day on which something fell due"
    assert set(_counts(hub, recovery.step_cases.c.case_id).values()) == {1}
    assert _failed(hub) == [], "every job came to its end"
    with hub.store.read() as connection:
        rows = connection.execute(sa.select(sending.deliveries)).all()
    assert set(Counter(row.step_id for row in rows).values()) == {1}
    files = Counter(path.stem for path in (folder / "outbox").rglob("*.json"))
    filed = {row.id for row in rows if row.channel == "files"}
    assert files == Counter(filed), "a channel that can be asked: exactly once"
    mailed = [row for row in rows if row.channel == "mail"]
    arrived = Counter(message.delivery for message in server.messages)
    certain = {row.id for row in mailed if row.status == DeliveryStatus.ACCEPTED}
    doubtful = {row.id for row in mailed if row.status == DeliveryStatus.UNCERTAIN}
    assert set(arrived.values()) == {1}, "nobody hears twice"
    assert certain | doubtful == {row.id for row in mailed}, "nothing is lost"
    assert certain <= arrived.keys() <= certain | doubtful
    found = verify(hub)
    assert found.good, found.problems


def _count(hub: Hub, table: sa.Table) -> int:
    with hub.store.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def _counts(hub: Hub, column: sa.Column[Any]) -> dict[int, int]:
    query = sa.select(column, sa.func.count()).group_by(column)
    with hub.store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _failed(hub: Hub) -> list[Any]:
    query = sa.select(jobs.jobs.c.task, jobs.jobs.c.about, jobs.jobs.c.problem)
    failed = query.where(jobs.jobs.c.state == "failed", jobs.jobs.c.task != Task.CYCLE)
    with hub.store.read() as connection:
        return list(connection.execute(failed))
