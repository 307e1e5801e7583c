"""Killed at any instant, a sync leaves the ledger as it was or as it should be, never between."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments, quarantine
from tests.databases import migrated_store
from tests.killing import ENOUGH, KILLS, Patience, victim
from tests.ledger.kill_worker import export_of
from tests.ledger.office import Books


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
def test_a_killed_sync_is_before_or_after(store: Store, hub_url: str, tmp_path: Path) -> None:
    """A twin that nobody kills lives through the same exports and says what is right."""
    twin_store = migrated_store(tmp_path / "twin.db", tmp_path)
    kills = undone = 0
    with victim("tests.ledger.kill_worker", hub_url, tmp_path) as syncing:
        patience = Patience(20261123, syncing.run(0)[1])
        right(twin_store, tmp_path, 0)
        for state in itertools.count(1):
            assert state < ENOUGH, f"{kills} killed, {undone} of them in time"
            before = picture(twin_store)
            killed, worked = syncing.run(state, kill_after=patience.next())
            right(twin_store, tmp_path, state)
            after = picture(twin_store)
            found = picture(store)
            if killed:
                kills += 1
                assert found in (before, after)
            else:
                patience.ended(worked)
            if found != after:
                undone += 1
                syncing.run(state)
                assert picture(store) == after
            if kills >= KILLS and undone:
                break
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
