"""One process that looks into the table of jobs: how an office on SQLite works by the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from sqlalchemy import Connection

from incasso.domain.office.jobs import Job
from incasso.store.engine import Store
from incasso.store.jobs import rows
from incasso.store.jobs.port import Work
from incasso.store.office.runner import only_runner

LOOK_S: Final = 30.0
"""Seconds between looks at the clock: short sleeps survive a laptop's and a changed clock."""

PEEK_S: Final = 1.0
"""Seconds between looks for jobs, which mail that came in or another process may make any time."""


class Alone:
    """The only process; others that try to be it are refused."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`wait(seconds)` sleeps and returns whether to stop."""
        self._store, self._now, self._wait = store, now, wait

    def prepare(self) -> None:
        """The table of jobs is enough."""

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """The process finds them in the table."""

    def revive(self, connection: Connection, now: datetime) -> None:
        """Nobody needs to be woken."""

    def forget(self, connection: Connection) -> None:
        """There is nothing beside the rows."""

    def run(self, work: Work, stop: Event, queues: Sequence[str] = ()) -> None:
        """Do everything, one job after the other. Raises RunningError if another process does."""
        wait = self._wait or stop.wait
        with only_runner(self._store):
            self._take_over()
            while not stop.is_set():
                work.tick()
                while not stop.is_set() and (job := self._next()) is not None:
                    work.carry_out(job)
                if stop.is_set() or self._rest(wait):
                    return

    def _rest(self, wait: Callable[[float], bool]) -> bool:
        """Until the clock is to be looked at or a job waits; whether to stop."""
        until = self._now() + timedelta(seconds=LOOK_S)
        for _ in range(round(LOOK_S / PEEK_S)):
            if wait(PEEK_S):
                return True
            if self._now() >= until or self._next() is not None:
                return False
        return False

    def _take_over(self) -> None:
        """Whoever had begun these is dead: only one process works at a time."""
        with self._store.write() as connection:
            for number in rows.running(connection):
                rows.put_back(connection, number, self._now(), None)

    def _next(self) -> int | None:
        with self._store.read() as connection:
            found = rows.ready(connection, self._now())
        return found[0].id if found else None
