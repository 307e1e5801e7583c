"""A process that collects, made to kill itself around the commit of a page."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from incasso.domain.office.actor import CLOCK
from incasso.plugins.mail import mailbox
from incasso.services.hub.hub import build_hub
from incasso.services.sending import take_news
from incasso.services.sending.collect import collect
from incasso.services.sending.take_news import NewsTaker
from incasso.store.proof import journal
from tests.killing import Begin, fork_workers

PAGE_BYTES = 1_000
"""An answer fits below it, the bounce behind it does not: they are the first page of a round."""

POINTS = {
    "kept": (NewsTaker, "_kept"),
    "written": (take_news, "take_message"),
    "journaled": (journal, "record"),
    "committed": (NewsTaker, "_commit"),
}


def kill_at(point: str, number: int) -> None:
    """Let this process end at the so-manieth pass of a point, after the call."""
    owner, name = POINTS[point]
    real: Callable[..., object] = getattr(owner, name)
    passes = count(1)

    def counted(*given: object, **named: object) -> object:
        found = real(*given, **named)
        if next(passes) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, counted)


def work(config: Path, on: date, what: list[str], begin: Begin) -> None:
    """One collection, unless it kills itself. `what`: a number, a point."""
    if what:
        kill_at(what[1], int(what[0]))
    with build_hub(config) as hub:
        begin()
        report = collect(hub, CLOCK, on)
        assert not report.problems, report


if __name__ == "__main__":
    setattr(mailbox, "_PAGE_BYTES", PAGE_BYTES)  # noqa: B010
    fork_workers(partial(work, Path(sys.argv[1]), date.fromisoformat(sys.argv[2])))
