"""A worker that is killed while it lays files down or reads those that came.

Arguments of the process: `local ROOT`, or `sftp HOST PORT FINGERPRINT`. Work: `put NAME`, or `read
FILE`, which appends the name of every file that was read and done to that file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from incasso.api import ExchangeFolder, FolderLogin, FolderPlace, Secret
from incasso.api import SftpServer as Server
from tests.folders.office import Clock, door_with, local, opened, stream
from tests.killing import Begin, fork_workers

SIZE = 300_000


def content_of(name: str) -> bytes:
    """A content that only this name has."""
    return (name.encode() * (SIZE // len(name) + 1))[:SIZE]


def login_of(place: str, *where: str) -> FolderLogin:
    """The folder of the arguments."""
    if place == "local":
        return local(Path(where[0]))
    server = Server(
        host=where[0],
        port=int(where[1]),
        user="acme",
        password=Secret("segreta"),
        host_key=where[2],
        timeout_s=10,
    )
    return FolderLogin(place=FolderPlace.SFTP, sftp=server, settled_s=0)


def read_all(folder: ExchangeFolder, noted: Path) -> int:
    """Read and note what came; how many files."""
    count = 0
    for file in folder.arrived():
        claim = folder.claim(file)
        if claim is None:
            continue
        with claim.open() as content:
            assert content.read() == content_of(file.name), file.name
        claim.done()
        count += 1
        with noted.open("a", encoding="utf-8") as notes:
            notes.write(f"{file.name}\n")
    return count


def working_on(*where: str) -> Callable[[list[str], Begin], None]:
    """One piece of work, with a door of its own. Every reader sees its dead forerunners' files
    as old, so that the test need not wait."""

    def work(what: list[str], begin: Begin) -> None:
        clock = Clock()
        clock.ahead = timedelta(hours=int(what[2]) if len(what) > 2 else 0)
        door = door_with(clock)
        folder = opened(door, login_of(*where), seconds=60)
        begin()
        if what[0] == "put":
            folder.put(what[1], stream(content_of(what[1])))
        else:
            while read_all(folder, Path(what[1])):
                pass
        door.close()

    return work


if __name__ == "__main__":
    fork_workers(working_on(*sys.argv[1:]))
