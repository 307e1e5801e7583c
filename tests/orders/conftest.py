"""Make an office of fakes, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incasso.store.engine import Store
from incasso.testing.fakes.connector import FakeConnector
from tests.orders.office import Orders

MakeOrders = Callable[..., Orders]


@pytest.fixture
def on_sqlite(sqlite_store: Store, tmp_path: Path) -> Iterator[MakeOrders]:
    """The same on SQLite alone, for rules that no SQL of ours decides."""
    yield from _making(sqlite_store, tmp_path)


@pytest.fixture
def make_orders(store: Store, tmp_path: Path) -> Iterator[MakeOrders]:
    """Open an office with these ERPs, on each database; each name is a source."""
    yield from _making(store, tmp_path)


def _making(store: Store, folder: Path) -> Iterator[MakeOrders]:
    opened: list[Orders] = []

    def make(companies: Any = None, feeds: tuple[Path, ...] = (), **erps: FakeConnector) -> Orders:
        opened.append(Orders(store, folder, erps, companies, feeds))
        return opened[-1]

    yield make
    for one in opened:
        one.hub.registry.close()
