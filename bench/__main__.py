"""`make bench`: every case on both databases; prints seconds, ratio and memory."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench import office
from bench.measure import Measured, job
from bench.postgres import empty_database, server

JOB = "bench.jobs"
TODAY = office.START.isoformat()
_FIRST = {"sqlite": "<= 3", "postgresql": "<= 6"}


def main() -> None:
    """Measure, and print one line as soon as each case is known."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--servers", default="sqlite,postgresql")
    parser.add_argument("--cases", default="sync,first,daily,dispatch")
    parser.add_argument("--messages", type=int, default=2000)
    asked = parser.parse_args()
    table = Bench(Console(width=110), asked.messages)
    with TemporaryDirectory(prefix="bench") as folder, server(Path(folder)) as postgres:
        for size in map(int, asked.sizes.split(",")):
            for kind in asked.servers.split(","):
                for case in asked.cases.split(","):
                    with case_folder(Path(folder)) as home, database(kind, postgres) as url:
                        getattr(table, case)(home, url, kind, size)
    table.close()


class Bench:
    """The cases; each writes a line."""

    def __init__(self, console: Console, messages: int) -> None:
        self.console = console
        self.messages = messages
        self.rows: list[tuple[str, ...]] = []

    def sync(self, home: Path, url: str, kind: str, size: int) -> None:
        """First load, then the next night: 5 % changed, 2 % new, 2 % gone."""
        office.make(home, size, due="past")
        office.make_changed(home, size)
        plain = job(JOB, "plain_sync", str(home), url, "installments.csv")
        again = job(JOB, "plain_sync", str(home), url, "changed.csv")
        hub = job(JOB, "hub_sync", str(home), url, "installments.csv")
        self.line("first sync", kind, size, hub, plain, size, "")
        hub = job(JOB, "hub_sync", str(home), url, "changed.csv")
        self.line("sync, 9 % differ", kind, size, hub, again, size, "<= 1.0")

    def first(self, home: Path, url: str, kind: str, size: int) -> None:
        """The first day: 93 % due at once."""
        office.make(home, size, due="past")
        job(JOB, "hub_sync", str(home), url, "installments.csv")
        plain = job(JOB, "plain_plan", str(home), url, TODAY)
        hub = job(JOB, "hub_plan", str(home), url, TODAY)
        self.line("plan, first day", kind, size, hub, plain, hub.facts["opened"], _FIRST[kind])

    def daily(self, home: Path, url: str, kind: str, size: int) -> None:
        """An ordinary day: 4 % fall due."""
        office.make(home, size, due="ahead")
        job(JOB, "hub_sync", str(home), url, "installments.csv")
        job(JOB, "hub_plan", str(home), url, TODAY)
        day = (office.START + timedelta(days=2)).isoformat()
        plain = job(JOB, "plain_plan", str(home), url, day)
        hub = job(JOB, "hub_plan", str(home), url, day)
        self.line("plan, 4 % due", kind, size, hub, plain, hub.facts["opened"], "<= 1.2")
        idle = job(JOB, "hub_plan", str(home), url, day)
        self.line("plan, nothing due", kind, size, idle, plain, size, "")

    def dispatch(self, home: Path, url: str, kind: str, size: int) -> None:
        """Messages to a local SMTP server, once for each database."""
        if any(row[0] == "dispatch" and row[1] == kind for row in self.rows):
            return
        with sink() as port:
            office.make(home, self.messages * office.PER_CLIENT, due="past", port=port)
            job(JOB, "hub_sync", str(home), url, "installments.csv")
            job(JOB, "hub_plan", str(home), url, TODAY)
            hub = job(JOB, "hub_dispatch", str(home), url, TODAY)
            plain = job(JOB, "plain_dispatch", str(home), url, str(port))
        self.line("dispatch", kind, self.messages, hub, plain, hub.facts["accepted"], "<= 1.25")

    def line(
        self,
        case: str,
        kind: str,
        size: int,
        hub: Measured,
        plain: Measured,
        items: object,
        goal: str,
    ) -> None:
        """Print a case as soon as it is known."""
        ratio = hub.seconds / plain.seconds
        of_cpu = hub.cpu / max(plain.cpu, 0.001)
        each = hub.seconds * 1e6 / max(int(str(items)), 1)
        row = (
            case,
            kind,
            f"{size:,}",
            f"{plain.seconds:.3f}",
            f"{hub.seconds:.3f}",
            f"{ratio:.2f}",
            f"{of_cpu:.2f}",
            goal,
            f"{each:.1f}",
            f"{hub.peak_mb:.0f}",
        )
        self.rows.append(row)
        self.console.print(
            f"{case:18} {kind:10} {size:>9,}  plain {plain.seconds:8.3f} s"
            f"  hub {hub.seconds:8.3f} s  ratio {ratio:5.2f} (CPU {of_cpu:5.2f}) {goal:7}"
            f"  {each:8.1f} us each  {hub.peak_mb:4.0f} MB  hub {hub.facts} plain {plain.facts}",
            highlight=False,
            soft_wrap=True,
        )

    def close(self) -> None:
        """The whole table once more."""
        table = Table(
            "case", "database", "N", "plain s", "hub s", "ratio", "of CPU", "goal", "us each", "MB"
        )
        for row in self.rows:
            table.add_row(*row)
        self.console.print(table)


@contextmanager
def case_folder(parent: Path) -> Iterator[Path]:
    """A folder for one case, gone afterwards: a million rows fill a disk."""
    with TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


@contextmanager
def database(kind: str, postgres: str) -> Iterator[str]:
    """`sqlite`, or the URL of a PostgreSQL database made for the case."""
    if kind == "sqlite":
        yield kind
        return
    with empty_database(postgres) as url:
        yield url


@contextmanager
def sink() -> Iterator[int]:
    """An SMTP server in a process of its own that takes everything and keeps nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
