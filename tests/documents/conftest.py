"""Offices that are closed when the test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents.office import Office

MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[MakeOffice]:
    """Make an office; its arguments are the office's."""
    made: list[Office] = []

    def make(**given: Any) -> Office:
        office = Office(tmp_path / f"office{len(made)}", **given)
        made.append(office)
        return office

    yield make
    for office in made:
        office.hub.close()
