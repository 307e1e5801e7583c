"""One office that has lived through a day, shared by the tests that only look."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.command import DAY, incasso, inside, make_office

BEGINNING = (
    ("init",),
    ("users", "add", "anna", "--role", "credit_manager", "--by", "admin"),
    ("iters", "import", "iters.toml", "--on", DAY),
    ("sync", "--on", DAY),
    ("plan", "--on", DAY),
    ("dispatch", "--on", DAY, "--really-send"),
)


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office after init, iters, sync, plan and dispatch; nobody may change it."""
    folder = make_office(tmp_path_factory.mktemp("office") / "acme")
    for words in BEGINNING:
        # The ends are processes, the way an office runs them; between them only the words differ.
        run = incasso if words in (BEGINNING[0], BEGINNING[-1]) else inside
        ended = run(folder, *words)
        assert (ended.code, ended.has_traceback) == (0, False), (words, ended)
    return folder


@pytest.fixture
def office(lived: Path, tmp_path: Path) -> Path:
    """The same office, to do with what one likes."""
    return shutil.copytree(lived, tmp_path / "acme")
