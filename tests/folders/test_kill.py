"""Killed while a file is laid down or read: no half file is ever seen, none is lost."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.testing.folders import SftpServer
from tests.folders.kill_worker import content_of
from tests.folders.office import came, names_in
from tests.killing import KILLS, Patience, Victim, victim

pytestmark = pytest.mark.kill

FILES = 12


@pytest.fixture(params=["local", "sftp"])
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Victim]:
    for folder in ("out", "in"):
        (tmp_path / folder).mkdir()
    module = "tests.folders.kill_worker"
    if request.param == "local":
        with victim(module, "local", tmp_path) as process:
            yield process
        return
    with (
        SftpServer(tmp_path) as server,
        victim(module, "sftp", server.host, server.port, server.fingerprint) as process,
    ):
        yield process


def test_a_file_is_there_whole_or_not_at_all(worker: Victim, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _, usual = worker.run("put", "first.xml")
    patience = Patience(7, usual)
    for number in range(KILLS):
        name = f"lot-{number}.xml"
        killed, worked = worker.run("put", name, kill_after=patience.next())
        if not killed:
            patience.ended(worked)
        if (out / name).exists():
            assert (out / name).read_bytes() == content_of(name)
        worker.run("put", name)
        assert (out / name).read_bytes() == content_of(name)
    left = [each for each in out.iterdir() if not each.name.endswith(".part")]
    assert len(left) == KILLS + 1
    then = time.time() - 10_000
    for part in out.glob("*.part"):
        os.utime(part, (then, then))
    for number in range(KILLS):
        (out / f"lot-{number}.xml").unlink()
        worker.run("put", f"lot-{number}.xml")
    assert list(out.glob("*.part")) == [], "old tries are swept when their file comes again"


def test_every_file_is_read_in_the_end(worker: Victim, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    came(tmp_path, "warm.xml", content_of("warm.xml"))
    _, usual = worker.run("read", notes)
    patience = Patience(11, usual * FILES / 2)
    names = [f"back-{number}.xml" for number in range(FILES)]
    for name in names:
        came(tmp_path, name, content_of(name))
    for number in range(KILLS):
        worker.run("read", notes, 2 * number, kill_after=patience.next())
    worker.run("read", notes, 2 * KILLS + 2)
    assert Counter(names_in(tmp_path, "in/done")) == Counter([*names, "warm.xml"])
    assert names_in(tmp_path, "in/working") == []
    # A kill between "done" and the note leaves one out; none is noted twice.
    assert max(Counter(notes.read_text("utf-8").split()).values()) == 1
