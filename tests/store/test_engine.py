"""Transactions of the store, the same on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from incasso.store.engine import Store
from incasso.store.tables import ledger


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.scalars(sa.select(ledger.sources.c.name)))


def test_a_write_is_kept(store: Store) -> None:
    with store.write() as connection:
        connection.execute(sa.insert(ledger.sources).values(name="acme"))
    assert names(store) == ["acme"]


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.execute(sa.insert(ledger.sources).values(name="acme"))
        raise RuntimeError
    assert names(store) == []
