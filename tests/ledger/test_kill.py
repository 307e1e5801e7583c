"""Killed at any instant, a sync leaves the ledger as it was or as it should be, never between.

`INCASSO_KILLS` says how many kills in all (default 60, over two databases).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store, open_store
from incasso.store.tables import metadata
from incasso.store.tables.ledger import clients, installments, quarantine
from tests.ledger.kill_worker import FOR_EVER, export_of
from tests.ledger.office import Books

KILLS = max(1, int(os.environ.get("INCASSO_KILLS", "60")) // 2)


class Zygote:
    """The process whose children sync and are killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sync(self, state: int, kill_after: float = FOR_EVER) -> tuple[str, float]:
        """Sync one state; how it ended and how long it worked."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{state} {kill_after}\n")
        self._process.stdin.flush()
        ended, seconds = self._process.stdout.readline().split()
        assert ended != "broken"
        return ended, float(seconds)


@contextmanager
def zygote(url: str, folder: Path) -> Iterator[Zygote]:
    command = [sys.executable, "-m", "tests.ledger.kill_worker", url, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Zygote(process)
        assert process.stdin
        process.stdin.close()


def picture(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger by its own keys; row ids may differ after a kill, and nobody may mind."""
    columns = [
        column
        for column in installments.columns
        if column.name not in ("id", "source_id", "client_id")
    ]
    with_client = sa.select(*columns, clients.c.code.label("owner")).join(
        clients, clients.c.id == installments.c.client_id
    )
    waiting = sa.select(quarantine.c.key, quarantine.c.row, quarantine.c.code).where(
        quarantine.c.resolved_run_id.is_(None)
    )
    known = sa.select(*(column for column in clients.columns if column.name != "id"))
    with store.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(query)), key=repr)
            for name, query in (("items", with_client), ("clients", known), ("kept", waiting))
        }


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_sync_is_before_or_after(store: Store, database_url: str, tmp_path: Path) -> None:
    """A twin that nobody kills lives through the same exports and says what is right."""
    twin_store = open_store(f"sqlite:///{tmp_path / 'twin.db'}", tmp_path)
    metadata.create_all(twin_store.engine)
    chance = random.Random(20261123)
    kills = state = undone = 0
    with zygote(database_url, tmp_path) as syncing:
        _, usual = syncing.sync(0)
        right(twin_store, tmp_path, 0)
        while kills < KILLS:
            state += 1
            assert state < KILLS * 5, "the workers are too quick to be killed"
            before = picture(twin_store)
            ended, worked = syncing.sync(state, chance.uniform(0, 1.1 * usual))
            right(twin_store, tmp_path, state)
            after = picture(twin_store)
            found = picture(store)
            if ended == "done":
                usual = (usual + worked) / 2
            else:
                kills += 1
                assert found in (before, after)
            if found != after:
                undone += 1
                assert syncing.sync(state)[0] == "done"
                assert picture(store) == after
    assert undone, "every kill came too late"
    with store.read() as connection:
        statuses = set(connection.scalars(sa.text("SELECT status FROM sync_runs")))
    assert statuses <= {"good", "failed"}
    assert verify_store(store).good
    twin_store.close()


def right(store: Store, folder: Path, state: int) -> None:
    """The same sync, undisturbed."""
    books = Books(store, folder, export_of(state))
    assert books.sync(confirm=True).good
    books.hub.registry.close()
