"""Processes that work in the background, made to be killed: one more for every line, its number is
the answer. They are in a hurry: small ranges and pages, short waits, and the dead are found soon.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from sqlalchemy import Connection

from incasso.cli.log import speak_up
from incasso.cli.stopping import set_by_signals
from incasso.domain.office import jobs
from incasso.messages import builtin_templates
from incasso.services.hub.hub import build_hub
from incasso.services.running import carrying, tasks
from incasso.services.running.carrying import Carrier
from incasso.services.sending.dispatch import dispatch
from incasso.store.jobs import many
from incasso.store.recovery import agenda, planning

PACE = many.Pace(tick=0.5, poll=0.2, heartbeat=0.5, stalled=2.5, longest_wait=1)


def hurry() -> None:
    """What takes an office minutes takes a test seconds."""
    real = planning.due_pages

    def in_small_pages(
        connection: Connection, on: date, size: int = 20, clients: agenda.Page = agenda.EVERYBODY
    ) -> Iterator[agenda.Page]:
        return real(connection, on, size, clients)

    hurried: list[tuple[ModuleType, str, object]] = [
        (agenda, "BLOCK", 8),
        (planning, "due_pages", in_small_pages),
        (tasks, "looks_per_job", lambda _: 60),
        (tasks, "dispatch", partial(dispatch, patience=timedelta(0))),
        (tasks, "PATIENCE", timedelta(seconds=1)),
        (jobs, "RETRIES", (timedelta(seconds=1),) * 40),
        (carrying, "DEATHS", 60),
    ]
    for module, name, value in hurried:
        assert hasattr(module, name)
        setattr(module, name, value)


def work(config: Path) -> NoReturn:
    """Work until told to stop, or killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    stop = set_by_signals()
    with build_hub(config) as hub:
        engine = many.Many(hub.store, PACE)
        engine.run(Carrier(hub, engine), stop)
    sys.stderr.flush()
    os._exit(0)


def main(config: Path) -> None:
    """Import everything once, then fork."""
    import procrastinate  # noqa: F401

    speak_up()
    hurry()
    builtin_templates()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for _ in sys.stdin:
        if (worker := os.fork()) == 0:
            work(config)
        print(worker, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
