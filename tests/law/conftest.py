"""One office of a legal department, and one dossier of it, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import inside
from tests.documents.office import Office
from tests.law.office import ON, delivered, legal_office


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """After its first dispatch; the certified mail to C1 arrived."""
    made = legal_office(tmp_path_factory.mktemp("legal") / "office")
    made.send()
    delivered(made)
    yield made
    made.hub.close()


@pytest.fixture(scope="package")
def first(office: Office) -> Path:
    """The dossier of C1; nobody changes it."""
    words = ("dossier", "C1", "--to", "first.zip", "--on", str(ON), "--by", "anna")
    assert inside(office.folder, *words).code == 0
    return office.folder / "first.zip"
