"""What the hub asks of whoever wakes its processes: five functions, two who do it.

An office on SQLite has one process, which looks into the table of jobs. On PostgreSQL, where any
number of machines work, it is Procrastinate (`many`), which this hides from everything else. The
truth about a job is its row (`rows`): a wake-up that comes twice, or after the job is over, does
nothing, and `revive` makes good for one that got lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Event
from typing import Protocol

from sqlalchemy import Connection

from incasso.domain.office.jobs import Job


class Work(Protocol):
    """What a process does; it never raises anything but what the database raises."""

    def tick(self) -> None:
        """See what the clock asks for; called now and then by every process."""

    def carry_out(self, job: int) -> None:
        """Do one job, if it is still to be done."""


class Engine(Protocol):
    """Wakes processes for jobs."""

    def prepare(self) -> None:
        """Make what it needs in the database; harmless twice."""

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Wake a process for each once this transaction has been committed, and only then."""

    def revive(self, connection: Connection, now: datetime) -> None:
        """Wake somebody for jobs that may begin and for which nobody is woken."""

    def forget(self, connection: Connection) -> None:
        """Take out what is not needed any more."""

    def run(self, work: Work, stop: Event, queues: Sequence[str] = ()) -> None:
        """Work until stopped; what has begun is finished first. No queues: all."""
