"""An office whose jobs a test carries out one by one, with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa

from incasso.domain.office.jobs import Job, JobState, Task
from incasso.services.hub.hub import Hub
from incasso.services.running import cycles
from incasso.services.running.carrying import Carrier
from incasso.services.running.tasks import TASKS, Do, Result
from incasso.store.engine import Store
from incasso.store.jobs import rows
from incasso.store.jobs.alone import Alone
from incasso.store.tables.jobs import jobs
from incasso.testing.fakes import FakeChannel
from incasso.testing.fakes.registry import config_of, registry_of
from tests.ledger.office import Export, items

ON = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Crew:
    """Two companies, one channel, one process."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.at = store, MORNING
        self.exports = {"acme": Export(), "beta": Export()}
        for name, export in self.exports.items():
            export.rows = items(5 if name == "acme" else 3)
        fakes: dict[str, Any] = {**self.exports, "mail": FakeChannel()}
        config = config_of(fakes, path=folder / "plugins.toml")
        registry = registry_of(fakes, now=self.now, config=config)
        self.hub = Hub(config=config, store=store, registry=registry, now=self.now)
        self.engine = Alone(store, self.now)
        self.done: list[str] = []
        self.results: dict[str, list[Result]] = {}
        """What comes of a job by its name, one for each try; else it does what it should."""

    def now(self) -> datetime:
        """The present instant."""
        return self.at

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)

    def start(self, name: str = "run") -> int:
        """Begin a cycle."""
        with self.store.write() as connection:
            return cycles.start(self.hub, self.engine, connection, name, ON).id

    def work(self, *, real: bool = False) -> None:
        """Do whatever may be done now, as one process does it."""
        carrier = self.carrier(TASKS if real else self._pretended())
        while (number := self.next()) is not None:
            carrier.carry_out(number)

    def carrier(self, tasks: Mapping[Task, Do] = TASKS) -> Carrier:
        """One process."""
        return Carrier(self.hub, self.engine, tasks)

    def next(self) -> int | None:
        """The next job that may begin."""
        with self.store.read() as connection:
            found = rows.ready(connection, self.at)
        return found[0].id if found else None

    def tick(self) -> None:
        """Look at the clock."""
        self.carrier(self._pretended()).tick()

    def _pretended(self) -> dict[Task, Do]:
        return dict.fromkeys(TASKS, self._pretend)

    def _pretend(self, _: Hub, job: Job) -> Result:
        name = named(job)
        self.done.append(name)
        left = self.results.get(name)
        return left.pop(0) if left else Result()

    def states(self, *only: JobState) -> dict[str, str]:
        """How each job stands, by its name."""
        query = sa.select(jobs).order_by(jobs.c.id)
        with self.store.read() as connection:
            found = connection.execute(query).all()
        return {named(row): row.state for row in found if not only or row.state in only}

    def row(self, name: str) -> Any:
        """The newest job of that name."""
        with self.store.read() as connection:
            found = connection.execute(sa.select(jobs).order_by(jobs.c.id)).all()
        return [row for row in found if named(row) == name][-1]

    def stop(self) -> Event:
        """An event that is set."""
        event = Event()
        event.set()
        return event


def named(job: Any) -> str:
    """A job in words: `sync acme`, `plan`."""
    about = "" if job.task == Task.PLAN else job.about
    return f"{Task(job.task).value} {about}".strip()


def tasks_in(done: Iterable[str]) -> list[str]:
    """The stages in the order in which they were done."""
    return list(dict.fromkeys(name.split()[0] for name in done))
