"""Several workers at one folder, and files that are larger than memory should be."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incasso.testing.folders import SftpServer
from tests.folders.office import came, names_in
from tests.killing import ROOT

READER = """
import sys
from tests.folders.kill_worker import login_of
from tests.folders.office import door_with, opened, read
door = door_with()
folder = opened(door, login_of(*sys.argv[1:]), seconds=60)
seen = list(folder.arrived())
print("ready", flush=True)
sys.stdin.readline()
for file in seen:
    if (claim := folder.claim(file)) is not None:
        assert read(claim) == file.name.encode() * 100
        claim.done()
        print(file.name)
door.close()
"""
"""Sees every file before either begins, so that both try for each."""

CARRIER = """
import resource
import sys
from tests.folders.kill_worker import login_of
from tests.folders.office import door_with, opened

class Endless:
    left = {size}
    def read(self, most):
        given = min(most, self.left)
        self.left -= given
        return bytes(given)

door = door_with()
folder = opened(door, login_of(*sys.argv[1:]), seconds=300)
folder.check()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
stored = folder.put("large.bin", Endless())
assert stored.size == {size} and folder.find("large.bin") == stored
[file] = folder.arrived()
with folder.claim(file).open() as content:
    assert content.seek(0, 2) == {size}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
door.close()
"""


@pytest.mark.parametrize(("place", "files"), [("local", 200), ("sftp", 60)])
def test_two_readers_get_each_file_once(place: str, files: int, tmp_path: Path) -> None:
    names = [f"back-{number:03}.xml" for number in range(files)]
    for name in names:
        came(tmp_path, name, name.encode() * 100)
    with served(place, tmp_path) as where:
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, *where],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for each in readers:
            assert each.stdout is not None and each.stdout.readline() == "ready\n"
        for each in readers:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        told = [each.communicate(timeout=120)[0].split() for each in readers]
    assert [each.returncode for each in readers] == [0, 0]
    assert Counter(told[0] + told[1]) == Counter(names)
    assert names_in(tmp_path, "in/done") == names


@contextmanager
def served(place: str, root: Path) -> Iterator[list[str]]:
    """The arguments that lead a process to the folder."""
    if place == "local":
        yield ["local", str(root)]
        return
    with SftpServer(root) as server:
        yield ["sftp", server.host, str(server.port), server.fingerprint]


@pytest.mark.parametrize(("place", "size"), [("local", 30_000_000), ("sftp", 12_000_000)])
def test_a_large_file_takes_no_memory(place: str, size: int, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    came(tmp_path, "large.bin", bytes(size))
    with served(place, tmp_path) as where:
        done = subprocess.run(
            [sys.executable, "-c", CARRIER.format(size=size), *where],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 8_000, "KiB, for a file that is put, compared and read"
