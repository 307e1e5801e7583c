"""Case `start`: small commands, against Python importing only the libraries that they stand on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from bench import office
from bench.measure import Measured, job
from bench.trial import Row, Trial

_RUNS: Final = 5
_HELP: Final = "import typer"
_LIST: Final = "import typer, sqlalchemy.dialects.sqlite, rich.table, rich.console"
_CONFIG: Final = ("--config", "plugins.toml")

COMMANDS: Final = {
    "incasso --help": (_HELP, ("--help",)),
    "act hold --help": (_HELP, ("act", "hold", "--help")),
    "clients, 10 rows": (_LIST, (*_CONFIG, "clients", "--limit", "10")),
    "explain a client": (_LIST, (*_CONFIG, "explain", "C000001")),
}


def commands(trial: Trial) -> Iterator[Row]:
    """Each started anew; the CPU of the whole process counts, from the first instruction on."""
    office.make(trial.home, trial.size, due="past")
    trial.run("hub_sync", "installments.csv")
    trial.run("hub_plan", office.START.isoformat())
    os.environ["BENCH_DATABASE"] = office.database_url(trial.home, trial.url)
    for name, (libraries, words) in COMMANDS.items():
        plain = _best(trial, "-c", libraries)
        hub = _best(trial, "-m", "incasso.cli.main", *words)
        yield Row(name=name, hub=hub, plain=plain, items=1)


def _best(trial: Trial, *words: str) -> Measured:
    """The one that took the least CPU: other programs on the machine only ever add to it."""
    runs = [job("bench.process", str(trial.home), *words) for _ in range(_RUNS)]
    return min(runs, key=lambda run: run.cpu)
