"""An office for jobs, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.store.engine import Store
from tests.jobs.crew import Crew


@pytest.fixture
def crew(store: Store, tmp_path: Path) -> Iterator[Crew]:
    """Two companies, one channel."""
    crew = Crew(store, tmp_path)
    yield crew
    crew.hub.registry.close()
