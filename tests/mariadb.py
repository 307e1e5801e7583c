"""Start a private MariaDB in a temporary folder, where Debian's packages of it are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from incasso.testing.network import closed_port

PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults")


def absent() -> str:
    """Why there is none, or nothing."""
    missing = " and no ".join(name for name in PROGRAMS if not _path(name))
    packages = "mariadb-server-core mariadb-client-core"
    return f"no {missing}: apt-get install {packages}" if missing else ""


@contextmanager
def private_server(folder: Path) -> Iterator[int]:
    """A server of its own on a free port, user root without password, gone at the end."""
    data, user = folder / "data", pwd.getpwuid(os.getuid()).pw_name
    # In a shared /tmp two servers that start at once take each other's temporary tables.
    (folder / "tmp").mkdir()
    own = [f"--datadir={data}", f"--user={user}", f"--tmpdir={folder / 'tmp'}"]
    subprocess.run(
        [
            *[_path("mariadb-install-db"), "--no-defaults", *own, "--skip-test-db"],
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        capture_output=True,
    )
    port = closed_port()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *[_path("mariadbd"), "--no-defaults", *own, f"--port={port}"],
                *[f"--socket={folder / 's'}", "--bind-address=127.0.0.1", "--skip-name-resolve"],
                *["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"],
            ],
            stdout=log,
            stderr=log,
        )
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(20)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.OperationalError:
            assert server.poll() is None, "mariadbd ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("mariadbd does not answer")


def _path(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
