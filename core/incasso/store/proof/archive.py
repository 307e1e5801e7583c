"""The archive of exact bytes: each file is named by its SHA-256 and never changes.

Files lie at `archive/ab/cdef…`; a row per file holds size, type and name. A file is complete on
disk before its row is committed, so a row without its file is a loss that `verify` names, while a
file without a row is only the trace of a crash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.engine import Store
from incasso.store.records import columns_of, stream
from incasso.store.tables.proof import archive
from incasso.store.upserting import insert_into

_LANES: Final = 4
"""Files written through at once: on an ordinary SSD more than four gain nothing."""


_REST: Final = 62
"""Digits of a SHA-256 in a file's name; the other two are its folder's."""


class Entry(msgspec.Struct, frozen=True):
    """One archived file: what the table knows about it."""

    sha256: str
    size: int
    media_type: str
    filename: str


def put(
    store: Store, content: bytes, media_type: str, filename: str, *, at: datetime | None = None
) -> str:
    """Keep the bytes, durably, and return their SHA-256; the same bytes are kept once.

    Commits in a transaction of its own. Who has one open uses `keep` and `note` instead.
    """
    entry = keep(store, content, media_type, filename)
    with store.write() as connection:
        note(connection, [entry], at=at or datetime.now(UTC))
    return entry.sha256


def get(store: Store, sha256: str) -> bytes:
    """The bytes. Raises FileNotFoundError if the archive has lost them."""
    return path_of(store, sha256).read_bytes()


def keep(store: Store, content: bytes, media_type: str, filename: str) -> Entry:
    """Write the file and wait until it is on disk; idempotent. The row is the caller's."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(store, sha256)
    if not _is_there(path, len(content)):
        _write(path, content)
    return Entry(sha256, len(content), media_type, filename)


def keep_all(store: Store, files: Iterable[tuple[bytes, str, str]]) -> list[Entry]:
    """`keep` for many (content, media type, filename), in the order given.

    A disk writes several files through at once in half the time it needs for one after another,
    and while it does, the next ones can be made: give an iterator that makes them.
    """
    with ThreadPoolExecutor(_LANES) as pool:
        return list(pool.map(lambda file: keep(store, *file), files))


def note(connection: Connection, entries: Iterable[Entry], *, at: datetime) -> None:
    """Write the rows of files that `keep` put on disk; a row that exists stays as it is."""
    rows = [{**msgspec.structs.asdict(entry), "stored_at": at} for entry in entries]
    if rows:
        connection.execute(insert_into(connection, archive).on_conflict_do_nothing(), rows)


def entries(connection: Connection) -> Generator[Entry, None, None]:
    """Every row of the archive. A stream."""
    query = sa.select(*columns_of(Entry, archive)).order_by(archive.c.sha256)
    return stream(connection, Entry, query)


def without_row(store: Store, connection: Connection) -> Generator[Path, None, None]:
    """Files that the table does not know: of a crash, or of a time that the database has lost."""
    for folder in sorted(store.archive.glob("[0-9a-f][0-9a-f]")):
        begins = archive.c.sha256.startswith(folder.name, autoescape=True)
        known = set(connection.scalars(sa.select(archive.c.sha256).where(begins)))
        for path in sorted(folder.iterdir()):
            if len(path.name) == _REST and folder.name + path.name not in known:
                yield path


def path_of(store: Store, sha256: str) -> Path:
    """Where the file with that digest lies."""
    return store.archive / sha256[:2] / sha256[2:]


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    """Temporary name, flush to disk, rename: a reader sees the whole file or none."""
    temporary = path.with_name(f".{uuid4().hex}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
