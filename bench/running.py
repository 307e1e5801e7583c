"""Case `running`: an ordinary day of an office, on which next stages of running cases are due.

The office has lived for weeks: each day 4 % fell due, and what was planned left the same day. Then
comes a day on which nothing new falls due, and the second reminder of those written to fifteen
days before.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa

from bench import office
from bench.jobs import publish_iters
from bench.limits import planning
from bench.measure import Stopwatch, report, run_named
from bench.trial import SQLITE, Row, Trial
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.states import StepStatus
from incasso.services.hub.hub import Hub
from incasso.services.recovery.plan import plan
from incasso.store.recovery import case_progress
from incasso.store.tables.recovery import steps

DAYS: Final = 26
"""Until the last of the ledger has fallen due."""

LATER: Final = office.START + timedelta(days=DAYS + 1)


def live(folder: Path, server: str) -> None:
    """Plan each day, and count what it made as sent."""
    with office.hub(folder, office.database_url(folder, server)) as hub:
        publish_iters(folder, hub)
        for number in range(DAYS + 1):
            on = office.START + timedelta(days=number)
            plan(hub, CLOCK, on)
            _send(hub, on)
    report(Stopwatch())


def _send(hub: Hub, on: date) -> None:
    ready = sa.select(steps.c.id).where(steps.c.status == StepStatus.READY)
    with hub.store.write() as connection:
        case_progress.count(connection, connection.scalars(ready).all(), on)


def plain(folder: Path, server: str) -> None:
    """The one statement on the hub's own cases."""
    on, watch = LATER.isoformat(), Stopwatch()
    if server == SQLITE:
        lite = sqlite3.connect(folder / "incasso.db", isolation_level=None)
        for pragma in ("synchronous = FULL", "cache_size = -65536"):
            lite.execute(f"PRAGMA {pragma}")
        with watch.running():
            made = planning.go_on_sqlite(lite, on)
        lite.execute("DROP TABLE plain_steps")
    else:
        with psycopg.connect(server) as connection:
            with watch.running():
                made = planning.go_on_postgres(connection, on)
            connection.execute("DROP TABLE plain_steps")
    report(watch, made=made)


JOBS: dict[str, Callable[..., None]] = {each.__name__: each for each in (live, plain)}


def next_stages(trial: Trial) -> Iterator[Row]:
    """4 % of the ledger go into their second stage."""
    office.make(trial.home, trial.size, due="ahead")
    trial.run("hub_sync", "installments.csv")
    trial.run("live", module="bench.running")
    limit = trial.run("plain", module="bench.running")
    hub = trial.run("hub_plan", LATER.isoformat())
    yield Row(name="plan, next stages", hub=hub, plain=limit, items=hub.count("looked"))


if __name__ == "__main__":
    run_named(JOBS, sys.argv[1:])
