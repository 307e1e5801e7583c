"""An office with a lot at an agency."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.store.engine import Store
from tests.placement.handed import Handed


@pytest.fixture
def handed(sqlite_store: Store, tmp_path: Path) -> Iterator[Handed]:
    """One client with two installments, of 100 and 50 euros, at one agency."""
    yield from _handed(sqlite_store, tmp_path)


@pytest.fixture
def handed_anywhere(store: Store, tmp_path: Path) -> Iterator[Handed]:
    """The same on each database."""
    yield from _handed(store, tmp_path)


def _handed(store: Store, folder: Path) -> Iterator[Handed]:
    office = Handed(store, folder)
    office.lot()
    yield office
    office.hub.registry.close()
