"""An empty company on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.store.engine import Store
from tests.ledger.office import Books


@pytest.fixture
def books(store: Store, tmp_path: Path) -> Iterator[Books]:
    """A company that nothing was read of."""
    books = Books(store, tmp_path)
    yield books
    books.hub.registry.close()
