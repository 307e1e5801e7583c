"""A process that plans in small pages, made to be killed."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from incasso.domain.office.actor import CLOCK
from incasso.services.recovery.plan import plan
from incasso.store.engine import open_store
from incasso.store.recovery import planning
from tests.killing import Begin, fork_workers

PAGE = 60
"""Installments per transaction: a plan of a day has dozens of them."""

in_small_pages = partial(planning.due_pages, size=PAGE)


def work(url: str, folder: Path, what: list[str], begin: Begin) -> None:
    """Plan one day from beginning to end, unless somebody kills it."""
    on = date.fromisoformat(what[0])
    store = open_store(url, folder)
    company = SimpleNamespace(max_age_hours=24)
    hub: Any = SimpleNamespace(
        store=store,
        config=SimpleNamespace(language="it", company=lambda source: company),
        now=lambda: datetime(on.year, on.month, on.day, 7, tzinfo=UTC),
    )
    begin()
    with patch.object(planning, "due_pages", in_small_pages):
        plan(hub, CLOCK, on)
    store.close()


def main(url: str, folder: Path) -> None:
    """A worker for every day that is asked for."""
    fork_workers(partial(work, url, folder))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
