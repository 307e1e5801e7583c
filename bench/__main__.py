"""`make bench`: every case on both databases; prints seconds, ratios and memory.

A new case is a function that takes a `Trial` and yields rows, and one line in `CASES`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from bench import (
    ledger,
    lots,
    mago4,
    planning,
    reading,
    running,
    sending,
    slow,
    starting,
    volume,
    workers,
)
from bench.machine import write_results
from bench.postgres import empty_database, server
from bench.table import Figures
from bench.trial import (
    DATABASES,
    POSTGRES,
    SQLITE,
    Case,
    Trial,
    cpu_milliseconds,
    milliseconds,
    ratio,
    speed_up,
)

CASES: Final[Mapping[str, Case]] = {
    "sync": Case(ledger.two_nights, {"first sync": ratio(2.5), "sync, 9 % differ": ratio(1)}),
    "first": Case(planning.first_day, {"plan, first day": ratio(3, postgresql=6)}),
    "daily": Case(planning.ordinary_day, {"plan, 4 % due": ratio(1.2)}),
    "running": Case(running.next_stages, {"plan, next stages": ratio(1.2)}, quick_on=(SQLITE,)),
    "dispatch": Case(
        sending.messages,
        {"dispatch": ratio(1.25)},
        own_size=2000,
        quick_size=300,
        quick_on=(SQLITE,),
    ),
    "volume": Case(
        volume.beside_others,
        {"volume, quick channel": ratio(1.2)},
        own_size=10_000,
        quick_size=400,
        databases=(SQLITE,),
    ),
    "lists": Case(
        reading.lists,
        {f"lists, {kind}": milliseconds(100) for kind in reading.KINDS}
        | {reading.TILES: milliseconds(100)},
        quick_on=(SQLITE,),
    ),
    "mago4": Case(
        mago4.reads,
        {"mago4, first read": ratio(3)},
        own_size=200_000,
        quick_on=(SQLITE,),
    ),
    "lots": Case(
        lots.forms,
        {
            "lots, write Excel": ratio(2),
            "lots, write XML": ratio(2),
            "lots, read Excel": ratio(3),
            "lots, read XML": ratio(3),
        },
        own_size=50_000,
        quick_size=2000,
        databases=(SQLITE,),
    ),
    "start": Case(
        starting.commands,
        dict.fromkeys(starting.COMMANDS, cpu_milliseconds(250)),
        own_size=10_000,
        quick_size=2000,
        databases=(SQLITE,),
    ),
    "workers": Case(
        workers.whole_cycle,
        {"whole cycle, 2 workers": speed_up(1.7)},
        own_size=20_000,
        quick_size=4_000,
        databases=(POSTGRES,),
    ),
}


def main() -> None:
    """Measure, and print one line as soon as each figure is known."""
    asked = _asked()
    if asked.slow:
        os.environ[slow.ASKED] = str(asked.slow)
    figures = Figures(Console(width=150))
    with TemporaryDirectory(prefix="bench") as folder, server(Path(folder)) as postgres:
        for name, kind, size in _chosen(asked):
            case = CASES[name]
            with case_folder(Path(folder)) as home, database(kind, postgres) as url:
                trial = Trial(home=home, url=url, kind=kind, size=size)
                for row in case.rows(trial):
                    figures.add(trial, row, case.goals)
    figures.close()
    if asked.write:
        write_results(asked.write, figures.markdown())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="installments")
    parser.add_argument("--servers", default=",".join(DATABASES))
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument(
        "--messages", type=int, help="how many the cases `dispatch` and `volume` send"
    )
    parser.add_argument("--quick", action="store_true", help="every case once, small")
    parser.add_argument("--slow", type=float, metavar="MS", help="show statements slower than that")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page")
    return parser.parse_args()


def _chosen(asked: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    """Case, database and size, in the order they run."""
    done = set()
    for size in map(int, asked.sizes.split(",")):
        for kind in asked.servers.split(","):
            for name in asked.cases.split(","):
                chosen = name, kind, _size(name, size, asked)
                if kind in _databases(name, asked) and chosen not in done:
                    done.add(chosen)
                    yield chosen


def _databases(name: str, asked: argparse.Namespace) -> set[str]:
    case = CASES[name]
    return set(case.databases) & set(case.quick_on if asked.quick else DATABASES)


def _size(name: str, size: int, asked: argparse.Namespace) -> int:
    case = CASES[name]
    if name in ("dispatch", "volume") and asked.messages:
        return int(asked.messages)
    if asked.quick:
        return case.quick_size
    return case.own_size or size


@contextmanager
def case_folder(parent: Path) -> Iterator[Path]:
    """A folder for one case, gone afterwards: a million rows fill a disk."""
    with TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


@contextmanager
def database(kind: str, postgres: str) -> Iterator[str]:
    """`sqlite`, or the URL of a PostgreSQL database made for the case."""
    if kind == SQLITE:
        yield kind
        return
    with empty_database(postgres) as url:
        yield url


if __name__ == "__main__":
    main()
