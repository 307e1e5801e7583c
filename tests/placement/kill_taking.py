"""A process that takes in what an agency sent, made to kill itself at a chosen point."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub
from incasso.services.placement import pages, take, take_file
from incasso.services.placement.take import take_in
from incasso.services.placement.write_page import PageWriter
from incasso.store.engine import open_store
from incasso.store.placement import arrivals
from incasso.testing.fakes.registry import config_of, registry_of
from tests.killing import Begin, fork_workers
from tests.placement.inbox import InboxAgency

POINTS: dict[str, tuple[Any, str, bool]] = {
    "archived": (take, "take_file", False),
    "begun": (arrivals, "begin", True),
    "in a page": (PageWriter, "write", True),
    "after a page": (pages, "_taken", True),
    "finished": (arrivals, "finish", True),
    "to be put away": (take_file._FileTaking, "take", True),
}
"""Where it can kill itself: before or after so many calls of a function."""


def kill_at(point: str, number: int) -> None:
    """Let this process end at the so-manieth pass of a point."""
    owner, name, afterwards = POINTS[point]
    real: Callable[..., object] = getattr(owner, name)
    passes = count(1)

    def counted(*given: object, **named: object) -> object:
        is_it = next(passes) == number
        if is_it and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*given, **named)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, counted)


def work(url: str, folder: Path, on: date, what: list[str], begin: Begin) -> None:
    """Take in once, unless killed. `what`: a number, a point."""
    if what:
        kill_at(" ".join(what[1:]), int(what[0]))
    store = open_store(url, folder / "archive")
    fakes = {"tutela": InboxAgency(folder)}
    config = config_of(fakes, path=folder / "plugins.toml")
    registry = registry_of(fakes, config=config, patience=30.0)
    with Hub(config=config, store=store, registry=registry) as hub:
        begin()
        report = take_in(hub, CLOCK, on)
        assert not report.problems, report.problems


def main() -> None:
    """A worker for every line."""
    url, folder, on = sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
    fork_workers(partial(work, url, folder, on))


if __name__ == "__main__":
    main()
