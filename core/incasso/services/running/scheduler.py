"""Work by the clock: what `incasso worker` does in one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from threading import Event

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.office.jobs import JobState, Task, is_over
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.office.office import Office
from incasso.services.running import cycles
from incasso.services.running.carrying import Carrier
from incasso.services.running.tasks import TASKS, Do
from incasso.services.running.watching import Watching
from incasso.store.jobs import rows
from incasso.store.jobs.alone import Alone
from incasso.store.jobs.port import Engine


def run_schedule(
    hub: Hub,
    stop: Event,
    *,
    tasks: Mapping[Task, Do] = TASKS,
    wait: Callable[[float], bool] | None = None,
) -> None:
    """Carry out the schedule in this process alone until `stop` is set; a job that has begun is
    finished first.

    Raises RunningError if another process runs the schedule of this hub. `wait(seconds)` sleeps
    and returns whether to stop.
    """
    engine = Alone(hub.store, hub.now, wait)
    engine.run(Carrier(hub, engine, tasks), stop)


def work(hub: Hub, stop: Event, queues: Sequence[str] = ()) -> None:
    """Work until stopped: alone on SQLite, with any number of others on PostgreSQL.

    Raises RunningError, NoSchemaError.
    """
    engine = engine_of(hub)
    engine.prepare()
    with Watching(hub, engine, stop, queues) as watching:
        engine.run(Carrier(hub, engine, watching=watching), stop, queues)


def start(hub: Hub, actor: Actor, name: str, on: date) -> int:
    """Have a cycle done by whoever works in the background; its number. Raises ActorError."""
    begin(hub, actor, Work(name), on)
    engine = engine_of(hub)
    engine.prepare()
    with hub.store.write() as connection:
        return cycles.start(hub, engine, connection, name, on, actor.trace("")).id


class NoJobError(IncassoError):
    """There is no such job, or it has not failed."""


def again(office: Office, actor: Actor, number: int) -> None:
    """Have a failed job tried once more. Raises NoJobError, ActorError."""
    with office.store.read() as connection:
        job = rows.job(connection, number)
    if job is None or job.state is not JobState.FAILED or job.task is Task.CYCLE:
        raise NoJobError(
            text(
                "No part of a run with the number {number} has failed: `incasso jobs --state "
                "failed` lists them.",
                number=number,
            )
        )
    if is_over(job.made_at, office.now()):
        raise NoJobError(
            text("The day of job {number} is over: `incasso jobs start run`.", number=number)
        )
    begin(office, actor, Work.RUN, job.on_date)
    engine = engine_of(office)
    engine.prepare()
    with office.store.write() as connection:
        rows.renew(connection, number, office.now())
        found = rows.job(connection, number)
        engine.enqueue(connection, [found] if found else [])


def engine_of(office: Office) -> Engine:
    """Who wakes the processes of this office."""
    if office.store.is_sqlite:
        return Alone(office.store, office.now)
    from incasso.store.jobs.many import Many

    return Many(office.store)
