"""A process that syncs, made to be killed.

Which state of the export to sync is the line that a worker is forked for.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from incasso.domain.office.actor import CLOCK
from incasso.services.ledger.sync import sync
from incasso.store.engine import open_store
from tests.killing import Begin, fork_workers
from tests.ledger.office import ON, Books, Export, bad_row, client, credit, item

ROWS = 3000


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


def work(url: str, folder: Path, what: list[str], begin: Begin) -> None:
    """One sync from beginning to end, unless somebody kills it."""
    store = open_store(url, folder)
    books = Books(store, folder, export_of(int(what[0])))
    begin()
    sync(books.hub, CLOCK, "acme", ON, confirm=True)
    books.hub.registry.close()
    store.close()


def main(url: str, folder: Path) -> None:
    """A worker for every state that is asked for."""
    fork_workers(partial(work, url, folder))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
