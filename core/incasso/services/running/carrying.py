"""One process at work: it asks the clock, and does the jobs that it is woken for."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from incasso.contract.text import text
from incasso.domain.calendar import Calendar
from incasso.domain.office.jobs import DEATHS, STAGES, Job, JobState, Task, is_over
from incasso.domain.office.schedule import is_due, local_day
from incasso.services.hub.hub import Hub
from incasso.services.running import cycles
from incasso.services.running.tasks import TASKS, Do, done
from incasso.services.running.watching import Watching
from incasso.store.jobs import rows
from incasso.store.jobs.port import Engine
from incasso.store.office.runner import alone_with_schedule, last_begun, note_begun, read_schedule

_log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=30)
"""How long jobs that are over stay in the list."""


class Carrier:
    """The work of one process."""

    def __init__(
        self,
        hub: Hub,
        engine: Engine,
        tasks: Mapping[Task, Do] = TASKS,
        watching: Watching | None = None,
    ) -> None:
        self._hub, self._engine, self._tasks = hub, engine, tasks
        self._watching = watching
        self._name = f"{socket.gethostname()} {os.getpid()}"

    def tick(self) -> None:
        """Begin what the schedule asks for, once, whichever process looks first.

        Times missed while nobody worked are caught up once; a job never done is due at its next
        time, because a new hub must not send unexpectedly.
        """
        hub, now = self._hub, self._hub.now()
        if self._watching is not None:
            self._watching.begin()  # not before: on SQLite another process may be the one
        with hub.store.write() as connection:
            alone_with_schedule(connection)
            schedule, begun = read_schedule(connection), last_begun(connection)
            calendar, zone = Calendar(), hub.config.timezone
            for name in STAGES:
                if name not in schedule:
                    continue
                if name not in begun:
                    note_begun(connection, name, now)
                elif is_due(schedule[name], begun[name], now, zone, calendar):
                    note_begun(connection, name, now)
                    on = local_day(now, zone)
                    cycles.start(hub, self._engine, connection, name, on)
            self._engine.revive(connection, now)
            rows.forget(connection, now - KEPT)

    def carry_out(self, job: int) -> None:
        """Do one job, unless it is over."""
        begun = self._begun(job)
        if begun is None:
            return
        # A person may have checked a paused channel meanwhile, and others must see what we pause.
        self._hub.follow_pauses()
        result = done(self._hub, begun, self._tasks)
        _log.info("%s: %s", f"{begun.task} {begun.about}".strip(), result.problem or "done")
        cycles.ended(self._hub, self._engine, begun, result)
        self._hub.write_plugin_log()

    def _begun(self, number: int) -> Job | None:
        """The job, if it is to be done now."""
        hub, now = self._hub, self._hub.now()
        with hub.store.write() as connection:
            job = rows.job(connection, number)
            if job is None or job.state in (JobState.DONE, JobState.FAILED):
                return None
            if why := _given_up(job, now):
                cycles.give_up(hub, self._engine, connection, job, why)
                return None
            rows.begin(connection, number, self._name, now)
            return rows.job(connection, number)


def _given_up(job: Job, now: datetime) -> str:
    """Why it is not tried any more; empty: it is."""
    if job.attempts >= DEATHS:
        return text("{n} processes ended while they did this", n=job.attempts)
    if is_over(job.made_at, now):
        return text("the day of this run is over: the next one does what it left")
    return ""
