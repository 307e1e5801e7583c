"""A process that syncs, made to be killed.

Imports take most of a second, so one process imports and then forks a worker per line it reads:
which state of the export to sync, and after how many seconds of work to kill it. The answer is
whether it was killed, and how many seconds it worked.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from incasso.domain.office.actor import CLOCK
from incasso.services.ledger.sync import sync
from incasso.store.engine import open_store
from tests.ledger.office import ON, Books, Export, bad_row, client, credit, item

ROWS = 3000
FOR_EVER = 1e6
"""Seconds that mean: do not kill it."""


def export_of(state: int) -> Export:
    """The export in one of its states: the same number gives the same rows, for ever."""
    random_ = random.Random(state)
    export = Export()
    export.page = 250
    export.clients = [
        client(f"C{number}", f"Rossi {number}", phone=str(random_.randrange(3)))
        for number in range(60)
    ]
    export.rows = list(_rows(random_))
    return export


def _rows(random_: random.Random) -> Iterator[Any]:
    for number in range(ROWS):
        fate, owner = random_.random(), f"C{number % 60}"
        if fate < 0.05:
            continue  # absent
        if fate < 0.08:
            yield bad_row(number, f"A-{number}")
        elif fate < 0.12:
            yield item(f"A-{number}", "0", owner)
        elif fate < 0.14:
            yield credit(f"A-{number}", "-5.00", owner)
        elif fate < 0.16:
            yield item(f"A-{number}", "7.50", owner, unpaid_on=date(2026, 11, 1))
        else:
            yield item(f"A-{number}", str(Decimal(random_.choice((100, 101)))), owner)


def work(url: str, folder: Path, state: int) -> None:
    """One sync from beginning to end, unless somebody kills it."""
    store = open_store(url, folder)
    books = Books(store, folder, export_of(state))
    sync(books.hub, CLOCK, "acme", ON, confirm=True)
    books.hub.registry.close()
    store.close()


def main(url: str, folder: Path) -> None:
    """Fork a worker for every line."""
    gc.freeze()
    for line in sys.stdin:
        state, seconds = line.split()
        worker = os.fork()
        if worker == 0:
            code = 1
            try:
                work(url, folder, int(state))
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        print(*_end(worker, float(seconds)), flush=True)


def _end(worker: int, seconds: float) -> tuple[str, float]:
    """Let it work so long, kill it, and tell how it ended."""
    start = time.monotonic()
    if seconds < FOR_EVER:
        time.sleep(seconds)
        os.kill(worker, signal.SIGKILL)  # not reaped before we wait, so the number is still its own
    _, status = os.waitpid(worker, 0)
    worked = time.monotonic() - start
    if os.WIFSIGNALED(status):
        return "killed", worked
    return ("done" if os.WEXITSTATUS(status) == 0 else "broken"), worked


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
