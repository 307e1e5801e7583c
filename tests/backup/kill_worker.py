"""A process that makes backups and restores them, made to be killed."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from incasso.services.backup.making import back_up
from incasso.services.backup.restoring import restore
from incasso.services.office.office import open_office
from tests.killing import Begin, fork_workers


def work(config: Path, safe: Path, what: list[str], begin: Begin) -> None:
    """One backup, or one restore, from beginning to end, unless somebody kills it."""
    with open_office(config) as office:
        begin()
        if what[0] == "backup":
            back_up(office, safe, keep=3)
        else:
            restore(office, safe, replace=True)


if __name__ == "__main__":
    fork_workers(partial(work, Path(sys.argv[1]), Path(sys.argv[2])))
