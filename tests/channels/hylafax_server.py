"""A private HylaFAX, where Debian's package is installed: real daemons, no modem, no call."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from incasso.testing.network import closed_port

_SPOOL: Final = Path("/var/spool/hylafax")
_ETC: Final = Path("/etc/hylafax")
MISSING: Final = (
    "HylaFAX is not installed"
    if not (shutil.which("faxq", path="/usr/sbin") and shutil.which("hfaxd", path="/usr/sbin"))
    else ""
    if os.geteuid() == 0
    else "HylaFAX is started by root"
)


@contextmanager
def hylafax() -> Iterator[int]:
    """The port of a server that takes jobs and never dials."""
    with TemporaryDirectory(prefix="hylafax-") as folder:
        spool = Path(folder) / "spool"
        shutil.copytree(_SPOOL, spool, symlinks=True)
        _configure(spool)
        Path(folder).chmod(0o755)
        port = closed_port()
        scheduler = _start("faxq", "-q", str(spool), "-D")
        # -l stands before -i, or it listens on every address.
        server = _start("hfaxd", "-q", str(spool), "-l", "127.0.0.1", "-i", str(port), "-d")
        try:
            _wait_for(port)
            yield port
        finally:
            for process in (server, scheduler):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _configure(spool: Path) -> None:
    for name in ("setup.cache", "typerules", "dialrules", "pagesizes", "hyla.conf", "config"):
        shutil.copy(_ETC / name, spool / "etc" / name)
    cache = spool / "etc/setup.cache"
    cache.write_text(cache.read_text().replace(str(_SPOOL), str(spool)))
    hosts = spool / "etc/hosts.hfaxd"
    hosts.write_text("127.0.0.1\n")
    for path in (spool, *spool.rglob("*")):
        shutil.chown(path, "uucp", "uucp")
    hosts.chmod(0o600)


def _start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [f"/usr/sbin/{name}", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("hfaxd did not start")
