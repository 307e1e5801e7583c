"""Case `workers`: a whole cycle of an office of four companies, by one process and by two.

PostgreSQL and the mail server share the machine with them, as they do with one process: the figure
is how much sooner the same work is over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench import office
from bench.jobs import publish_iters
from bench.measure import Stopwatch, report
from bench.postgres import empty_database
from bench.sending import sink
from bench.trial import Row, Trial
from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import OPEN, JobState, Task
from incasso.services.hub.hub import Hub
from incasso.services.running import scheduler, setup
from incasso.store.tables.jobs import jobs

SOURCES: Final = ("alfa", "beta", "gamma", "delta")

_OFFICE: Final = """
[hub]
timezone = "Europe/Rome"
database = { env = "BENCH_DATABASE" }
"""
_COMPANY: Final = """
[companies.{name}]
name = "{name} S.r.l."
address = ["Via dell'Artigianato 21", "10148 Torino (TO)"]
iban = "IT60X0542811101000000123456"
email = "crediti@{name}.example"
max_age_hours = 100000
max_drop = 0.9

[connectors.{name}]
plugin = "csv"
clients = "{name}/ledger/clients.csv"
installments = "{name}/ledger/installments.csv"
read = "full"

[channels.mail_{name}]
plugin = "smtp"
media = ["email"]
sources = ["{name}"]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Ufficio crediti <crediti@{name}.example>"
allow_private_addresses = true
"""


def whole_cycle(trial: Trial) -> Iterator[Row]:
    """First sync, plan and messages; once by one process, once by two."""
    with sink() as port, empty_database(trial.url) as another:
        arguments = (str(trial.size), str(port))
        first = replace(trial, home=trial.home / "first")
        one = first.run("cycle", *arguments, "1", module="bench.workers")
        second = replace(trial, home=trial.home / "second", url=another)
        two = second.run("cycle", *arguments, "2", module="bench.workers")
    yield Row(name="whole cycle, 2 workers", hub=two, plain=one, items=trial.size)


def cycle(folder: Path, url: str, size: int, port: int, processes: int) -> None:
    """Set the office up, start the processes, and time one cycle."""
    text = _OFFICE
    for name in SOURCES:
        office.make(folder / name, size // len(SOURCES), due="past")
        text += _COMPANY.format(name=name, port=port)
    (folder / "plugins.toml").write_text(text, encoding="utf-8")
    (folder / "iters.toml").write_text(office.ITERS, encoding="utf-8")
    with office.hub(folder, url) as hub:
        setup.init(hub)
        publish_iters(folder, hub)
        with workers(folder / "plugins.toml", processes) as running:
            _wait_for(hub, processes)
            watch, before = Stopwatch(), _cpu(running)
            with watch.running():
                scheduler.start(hub, CLOCK, "run", office.START)
                _wait_until_over(hub)
            watch.cpu = _cpu(running) - before
            report(watch, **_done(hub))


@contextmanager
def workers(config: Path, count: int) -> Iterator[Sequence[subprocess.Popen[bytes]]]:
    """So many processes of `incasso worker`, stopped at the end."""
    command = [sys.executable, "-m", "incasso.cli.main", "--config", str(config), "worker"]
    started = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield started
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait()


def _wait_for(hub: Hub, processes: int) -> None:
    """Until all of them are there."""
    there = sa.text("SELECT count(*) FROM incasso_jobs.procrastinate_workers")
    while True:
        with suppress(sa.exc.ProgrammingError), hub.store.read() as connection:
            if connection.scalar(there) == processes:
                return
        time.sleep(0.1)


def _wait_until_over(hub: Hub) -> None:
    query = sa.select(jobs.c.id).where(jobs.c.state.in_(OPEN)).limit(1)
    while True:
        with hub.store.read() as connection:
            if connection.scalar(query) is None:
                return
        time.sleep(0.05)


def _done(hub: Hub) -> dict[str, object]:
    query = sa.select(jobs.c.task, sa.func.count()).group_by(jobs.c.task, jobs.c.state)
    with hub.store.read() as connection:
        rows = connection.execute(query.add_columns(jobs.c.state)).all()
        spans = connection.execute(_SPANS).all()
    done = {f"{task} {state}": count for task, count, state in rows if task != Task.CYCLE}
    if any(state == JobState.FAILED for _, _, state in rows):
        raise RuntimeError(f"some jobs failed: {done}")
    return done | {str(task): f"{seconds:.1f} s" for task, seconds in spans}


def _cpu(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    """Seconds of CPU that they have used so far; 0 where the system does not tell that way."""
    ticks = 0
    for each in processes:
        with suppress(FileNotFoundError):
            told = Path(f"/proc/{each.pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


_SPANS: Final = sa.text(
    "SELECT task, extract(epoch FROM max(since) - min(made_at)) AS seconds "
    "FROM jobs WHERE task <> 'cycle' GROUP BY task ORDER BY min(id)"
)
"""How long each stage took."""

if __name__ == "__main__":
    _, where, url_, *numbers = sys.argv[1:]
    cycle(Path(where), url_, *map(int, numbers))
