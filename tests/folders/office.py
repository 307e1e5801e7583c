"""What the tests of exchange folders share: places, doors, files that are old enough."""

from __future__ import annotations

import io
import logging
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from incasso.api import Claim, ExchangeFolder, FolderLogin, FolderPlace, Secret
from incasso.api import SftpServer as Server
from incasso.plugins.folders.door import FolderDoor, Office
from incasso.plugins.mail.door import MailDoor
from incasso.plugins.state import MemoryRows
from incasso.testing.folders import SftpServer
from tests.channels.mail import Until

LATER: Final = timedelta(hours=2)
"""After this, a file is settled and an unfinished claim is taken over."""


class Clock:
    """The present, which tests move on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def door_with(clock: Clock | None = None) -> FolderDoor:
    """A door as the hub makes one for each instance."""
    log = logging.getLogger("incasso.test")
    office = Office(
        instance="alfa",
        rows=MemoryRows(),
        log=log,
        now=clock or Clock(),
        language="en",
        allow_private=True,
    )
    return FolderDoor(office)


def opened(door: FolderDoor, login: FolderLogin, seconds: float = 30) -> ExchangeFolder:
    """The folder of a login, in one call."""
    until = Until(time.monotonic() + seconds)
    return door.until(until, MailDoor().until(until))(login)


def local(root: Path, **changes: Any) -> FolderLogin:
    """A folder of this machine."""
    given: dict[str, Any] = {"place": FolderPlace.LOCAL, "path": root, "settled_s": 0}
    return FolderLogin(**(given | changes))


def remote(server: SftpServer, **changes: Any) -> FolderLogin:
    """A folder on that server; `out` and `in` are there."""
    for folder in ("out", "in"):
        (server.root / folder).mkdir(exist_ok=True)
    given: dict[str, Any] = {"place": FolderPlace.SFTP, "sftp": login_at(server), "settled_s": 0}
    return FolderLogin(**(given | changes))


def login_at(server: SftpServer, **changes: Any) -> Server:
    """How to reach that server."""
    given: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "host_key": server.fingerprint,
        "password": Secret(server.password),
        "timeout_s": 5,
    }
    return Server(**(given | changes))


def came(root: Path, name: str, content: bytes, *, ago: float = 120) -> Path:
    """A file that the other side laid into `in` some seconds ago."""
    file = root / "in" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    then = time.time() - ago
    os.utime(file, (then, then))
    return file


def stream(content: bytes) -> io.BytesIO:
    """A content, as a plugin gives one."""
    return io.BytesIO(content)


def read(claim: Claim | None) -> bytes:
    """The content of a claimed file."""
    assert claim is not None
    with claim.open() as file:
        return file.read()


def names_in(root: Path, folder: str) -> list[str]:
    """What lies in a folder, without the stamps of claims."""
    place = root / folder
    return sorted(each.name[26:] for each in place.iterdir()) if place.is_dir() else []
