"""A process that dispatches or recovers, made to be killed."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from incasso.domain.office.actor import CLOCK
from incasso.messages import builtin_templates
from incasso.services.hub.hub import build_hub
from incasso.services.running.recover import recover
from incasso.services.sending.dispatch import dispatch
from tests.killing import Begin, fork_workers


def work(config: Path, on: date, what: list[str], begin: Begin) -> None:
    """One command from beginning to end, unless somebody kills it."""
    with build_hub(config) as hub:
        begin()
        if what == ["recover"]:
            recover(hub, CLOCK, on)
        else:
            dispatch(hub, CLOCK, on, patience=timedelta(0))


def main(config: Path, on: date) -> None:
    """A worker for every line."""
    builtin_templates()
    fork_workers(partial(work, config, on))


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
