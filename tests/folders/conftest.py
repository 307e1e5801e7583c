"""Places of every kind, served for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.api import ExchangeFolder, FolderLogin
from incasso.plugins.folders.door import FolderDoor
from incasso.testing.folders import SftpServer
from tests.folders.office import Clock, door_with, local, opened, remote


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Iterator[FolderDoor]:
    door = door_with(clock)
    yield door
    door.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with SftpServer(tmp_path) as server:
        yield server


@pytest.fixture(params=["local", "sftp", "old sftp"])
def login(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FolderLogin]:
    """A folder whose files lie below `tmp_path`, by every way that renames."""
    if request.param == "local":
        yield local(tmp_path)
        return
    with SftpServer(tmp_path, old="old" in request.param) as server:
        yield remote(server)


@pytest.fixture
def folder(door: FolderDoor, login: FolderLogin) -> ExchangeFolder:
    return opened(door, login)
