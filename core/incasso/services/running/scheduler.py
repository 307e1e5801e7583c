"""Work by the clock inside one process: what `incasso worker` does for an embedded hub."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from threading import Event
from typing import Final

from incasso.contract.errors import IncassoError
from incasso.domain.calendar import Calendar
from incasso.domain.office.actor import CLOCK, Actor
from incasso.domain.office.schedule import Schedule, is_due, local_day
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.recovery.plan import plan
from incasso.services.running import cycle
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.office.runner import last_begun, note_begun, only_runner, read_schedule

Job = Callable[[Hub, Actor, date], object]

LOOK_S: Final = 30.0
"""Seconds between looks at the clock: short sleeps survive a laptop's and a changed clock."""

_log = logging.getLogger(__name__)


def _sync_all(hub: Hub, actor: Actor, on: date) -> None:
    for connector in hub.registry.connectors():
        sync(hub, actor, connector.id, on)


JOBS: Final[Mapping[str, Job]] = {
    "run": cycle.run,
    "sync": _sync_all,
    "collect": collect,
    "plan": plan,
    "dispatch": dispatch,
}
"""What may stand in a schedule."""


def run_schedule(
    hub: Hub,
    stop: Event,
    *,
    jobs: Mapping[str, Job] = JOBS,
    wait: Callable[[float], bool] | None = None,
) -> None:
    """Carry out the schedule until `stop` is set; a job that has begun is finished first.

    Times missed while the machine was off are caught up once. Raises RunningError if another
    process runs the schedule of this hub. `wait(seconds)` sleeps and returns whether to stop.
    """
    wait = wait or stop.wait
    with only_runner(hub.store):
        _note_new_jobs(hub)
        while not stop.is_set():
            for name in due(hub):
                if stop.is_set():
                    return
                _carry_out(hub, name, jobs)
            if wait(LOOK_S):
                return


def due(hub: Hub) -> list[str]:
    """The jobs to do now, in the order of a cycle: a whole run before its parts."""
    now, timezone = hub.now(), hub.config.timezone
    with hub.store.read() as connection:
        schedule, begun = read_schedule(connection), last_begun(connection)
    calendar = Calendar()
    return [
        name
        for name in JOBS
        if name in schedule and is_due(schedule[name], begun.get(name), now, timezone, calendar)
    ]


def _note_new_jobs(hub: Hub) -> None:
    """A job never done is due from now on, at its next time."""
    now = hub.now()
    with hub.store.write() as connection:
        schedule: Schedule = read_schedule(connection)
        begun = last_begun(connection)
        for name in schedule:
            if name not in begun:
                note_begun(connection, name, now)


def _carry_out(hub: Hub, name: str, jobs: Mapping[str, Job]) -> None:
    """One job; an error in it is logged and does not end the worker."""
    now = hub.now()
    with hub.store.write() as connection:
        note_begun(connection, name, now)
    try:
        # A person may have checked a paused channel meanwhile, and others must see what we pause.
        hub.follow_pauses()
        jobs[name](hub, CLOCK, local_day(now, hub.config.timezone))
    except IncassoError as error:
        _log.error("%s: %s", name, error)
    except Exception:
        _log.exception("the job %s broke; it comes again at its next time", name)
    hub.write_plugin_log()
