"""A process that dispatches, made to be killed, or to kill itself at a chosen point."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from incasso.domain.office.actor import CLOCK
from incasso.messages import builtin_templates
from incasso.plugins.http.door import CallDoor
from incasso.services.hub.hub import build_hub
from incasso.services.sending import page, telling
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.hand_over import HandOver
from incasso.services.sending.send import Sender
from incasso.services.sending.taken_ahead import WrittenAhead
from incasso.store.proof.left_log import LeftLog
from tests.killing import Begin, fork_workers
from tests.sending.ahead import write_ahead

POINTS = {
    "marked": (Sender, "_send_group", False),
    "begun": (LeftLog, "begin", True),
    "handed over": (HandOver, "hand_over", True),
    "noted": (LeftLog, "left", True),
    "committed": (Sender, "_committed", True),
    "ordered": (WrittenAhead, "__init__", True),
    "taken": (WrittenAhead, "taken", True),
    "asking": (CallDoor, "request", False),
    "asked": (CallDoor, "request", True),
    "telling": (telling, "_told", True),
    "told": (telling, "_tell", True),
    "copied": (page, "prepare_copies", True),
}
"""Where a worker can kill itself: before or after so many calls of a function."""


def kill_at(point: str, number: int) -> None:
    """Let this process end at the so-manieth pass of a point."""
    owner, name, afterwards = POINTS[point]
    real: Callable[..., object] = getattr(owner, name)
    passes = count(1)

    def counted(*given: object, **named: object) -> object:
        is_it = next(passes) == number  # of any thread
        if is_it and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*given, **named)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, counted)


def work(config: Path, on: date, what: list[str], begin: Begin) -> None:
    """One dispatch from beginning to end, unless somebody kills it. `what`: a number, a point."""
    if what:
        kill_at(" ".join(what[1:]), int(what[0]))
    with build_hub(config) as hub:
        begin()
        dispatch(hub, CLOCK, on, patience=timedelta(0))


def main(config: Path, on: date, size: int) -> None:
    """A worker for every line. With a `size` they write ahead, in pages of that size."""
    if size:
        write_ahead(setattr, size)
    builtin_templates()
    fork_workers(partial(work, config, on))


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), int([*sys.argv, "0"][3]))
