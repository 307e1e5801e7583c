"""The measured jobs, each in a process of its own: `python -m bench.jobs JOB FOLDER SERVER …`.

SERVER is `sqlite` or the URL of an empty PostgreSQL database made for the case.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg

from bench import office
from bench.limits import planning
from bench.limits.ledger import PlainPostgres, PlainSqlite
from bench.limits.sending import send_plainly
from bench.measure import Stopwatch, report, run_named
from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.recovery.iters import import_file
from incasso.services.recovery.plan import plan
from incasso.services.running import setup
from incasso.services.sending.dispatch import dispatch

SOURCE = "acme"


def plain_sync(folder: Path, server: str, csv: str) -> None:
    """Merge one CSV file the plain way; makes the table if there is none."""
    ledger = _plain(folder, server)
    if csv == "installments.csv":
        ledger.create()
    watch = Stopwatch()
    with watch.running():
        ledger.sync(folder / "ledger" / csv)
    count, total = ledger.totals()
    report(watch, open=count, total=total)


def _plain(folder: Path, server: str) -> PlainSqlite | PlainPostgres:
    if server == "sqlite":
        return PlainSqlite(folder / "plain.db")
    return PlainPostgres(server)


def hub_sync(folder: Path, server: str, csv: str) -> None:
    """Sync the hub from one CSV file; makes the office's database if there is none."""
    ledger = folder / "ledger"
    if csv != "installments.csv":
        (ledger / csv).replace(ledger / "installments.csv")
    with office.hub(folder, office.database_url(folder, server)) as hub:
        setup.init(hub)
        watch = Stopwatch()
        with watch.running():
            done = sync(hub, CLOCK, SOURCE, office.START)
        if not done.good:
            raise RuntimeError(done.reasons)
        report(watch)


def hub_plan(folder: Path, server: str, day: str) -> None:
    """Plan one business day."""
    on = date.fromisoformat(day)
    with office.hub(folder, office.database_url(folder, server)) as hub:
        publish_iters(folder, hub)
        watch = Stopwatch()
        with watch.running():
            done = plan(hub, CLOCK, on)
        report(watch, looked=done.looked, opened=done.opened, steps=done.steps_made)


def publish_iters(folder: Path, hub: Hub) -> None:
    """Publish the bench's iter once."""
    import_file(hub, CLOCK, folder / "iters.toml", on=office.START)


def plain_plan(folder: Path, server: str, day: str) -> None:
    """The one statement on the hub's own installments."""
    _plan_plainly(folder, server, day, times=1)


def plain_plan_again(folder: Path, server: str, day: str) -> None:
    """The same statement a second time, when all its steps are made."""
    _plan_plainly(folder, server, day, times=2)


def _plan_plainly(folder: Path, server: str, day: str, *, times: int) -> None:
    """Time the last of some runs; the table of steps is dropped again."""
    on, due = day, (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    if server == "sqlite":
        lite = sqlite3.connect(folder / "incasso.db", isolation_level=None)
        for pragma in ("synchronous = FULL", "cache_size = -65536"):
            lite.execute(f"PRAGMA {pragma}")
        for _ in range(times):
            watch = Stopwatch()
            with watch.running():
                made = planning.plan_sqlite(lite, on, due)
        lite.execute("DROP TABLE plain_steps")
    else:
        with psycopg.connect(server) as connection:
            for _ in range(times):
                watch = Stopwatch()
                with watch.running():
                    made = planning.plan_postgres(connection, on, due)
            connection.execute("DROP TABLE plain_steps")
    report(watch, made=made)


def hub_dispatch(folder: Path, server: str, day: str) -> None:
    """Send what the plan made ready to the SMTP server the office names."""
    with office.hub(folder, office.database_url(folder, server)) as hub:
        watch = Stopwatch()
        with watch.running():
            done = dispatch(hub, CLOCK, date.fromisoformat(day))
        report(watch, accepted=sum(done.accepted.values()))


def plain_dispatch(folder: Path, server: str, port: str) -> None:
    """The same archived bytes again, by a bare smtplib loop."""
    watch = Stopwatch()
    sent = send_plainly(folder, server, int(port), watch)
    report(watch, accepted=sent)


JOBS: dict[str, Callable[[Path, str, str], None]] = {
    job.__name__: job
    for job in (
        plain_sync,
        hub_sync,
        hub_plan,
        plain_plan,
        plain_plan_again,
        hub_dispatch,
        plain_dispatch,
    )
}

if __name__ == "__main__":
    run_named(JOBS, sys.argv[1:])
