"""The plain sending: a bare smtplib loop with the hub's own bytes and the hub's durability.

Per message: the bytes to disk (fsync, rename), a row committed before the call, the result
committed after it.
"""

from __future__ import annotations

import os
import smtplib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg

from bench.measure import Stopwatch

_CREATE = "CREATE TABLE plain_sent (id text PRIMARY KEY, status text NOT NULL)"


def send_plainly(folder: Path, server: str, port: int, watch: Stopwatch) -> int:
    """Send every archived message once more; how many."""
    messages = [path.read_bytes() for path in sorted((folder / "archive").glob("??/*"))]
    outbox = folder / "plain-outbox"
    outbox.mkdir()
    begin, end = _rows(folder, server)
    with smtplib.SMTP("127.0.0.1", port) as smtp, watch.running():
        for number, message in enumerate(messages):
            _keep(outbox / f"{number}.eml", message)
            begin(str(number))
            smtp.sendmail("crediti@acme.example", f"c{number}@clienti.example", message)
            end(str(number))
    return len(messages)


def _keep(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def _rows(folder: Path, server: str) -> tuple[Callable[[str], None], Callable[[str], None]]:
    insert = "INSERT INTO plain_sent VALUES ({}, 'sending')"
    update = "UPDATE plain_sent SET status = 'accepted' WHERE id = {}"
    if server == "sqlite":
        lite = sqlite3.connect(folder / "plain-sent.db", isolation_level=None)
        lite.execute("PRAGMA journal_mode = WAL")
        lite.execute("PRAGMA synchronous = FULL")
        lite.execute(_CREATE)
        return (
            lambda key: _done(lite.execute(insert.format("?"), (key,))),
            lambda key: _done(lite.execute(update.format("?"), (key,))),
        )
    connection = psycopg.connect(server, autocommit=True)
    connection.execute(_CREATE)
    return (
        lambda key: _done(connection.execute(insert.format("%s"), (key,))),
        lambda key: _done(connection.execute(update.format("%s"), (key,))),
    )


def _done(_cursor: object) -> None:
    """The statement is committed: both connections commit by themselves."""
