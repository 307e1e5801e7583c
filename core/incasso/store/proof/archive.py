"""The archive of exact bytes: each file is named by its SHA-256 and never changes.

Files lie at `archive/ab/cdef…`; a row per file holds size, type and name. A file is complete on
disk before its row is committed, so a row without its file is a loss that `verify` names, while a
file without a row is only the trace of a crash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.engine import Store
from incasso.store.records import columns_of, maybe_record, stream
from incasso.store.tables.proof import archive
from incasso.store.upserting import insert_into

_LANES: Final = 4
"""Files written through at once: on an ordinary SSD more than four gain nothing."""


_PART: Final = 1 << 20
"""Bytes read at once of what is too long for memory."""

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

    All are written before the first is written through: threads that wait for the disk while the
    next message is composed would take turns with it, up to 5 ms each, and a disk that has many
    files to write through needs less for each.
    """
    entries: list[Entry] = []
    parts: dict[str, _Part] = {}
    try:
        for content, media_type, filename in files:
            sha256 = hashlib.sha256(content).hexdigest()
            entries.append(Entry(sha256, len(content), media_type, filename))
            path = path_of(store, sha256)
            if sha256 not in parts and not _is_there(path, len(content)):
                parts[sha256] = _Part(path, content)
        with ThreadPoolExecutor(_LANES) as pool:
            list(pool.map(_Part.finish, parts.values()))
    finally:
        for part in parts.values():
            part.drop()
    return entries


class Incoming:
    """A file on its way into the archive, for content too long for memory."""

    def __init__(self, store: Store, temporary: Path, sink: BinaryIO) -> None:
        self._store, self._temporary = store, temporary
        self.sink = sink
        """Where the content is written; it may be read and sought in too."""

    def keep(self, media_type: str, filename: str) -> Entry:
        """As `keep`: on disk under its digest once this returns. The sink is closed."""
        self.sink.flush()
        os.fsync(self.sink.fileno())
        self.sink.seek(0)
        digest, size = hashlib.sha256(), 0
        while part := self.sink.read(_PART):
            digest.update(part)
            size += len(part)
        sha256 = digest.hexdigest()
        self.sink.close()
        path = path_of(self._store, sha256)
        if not _is_there(path, size):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.rename(path)
        return Entry(sha256, size, media_type, filename)


@contextmanager
def incoming(store: Store) -> Iterator[Incoming]:
    """A file to write that becomes one of the archive's when it is kept; else nothing stays."""
    store.archive.mkdir(parents=True, exist_ok=True)
    temporary = store.archive / f".{uuid4().hex}"
    with temporary.open("x+b") as sink:
        try:
            yield Incoming(store, temporary, sink)
        finally:
            sink.close()
            temporary.unlink(missing_ok=True)


def note(connection: Connection, entries: Iterable[Entry], *, at: datetime) -> None:
    """Write the rows of files that `keep` put on disk; a row that exists stays as it is."""
    rows = [{**msgspec.structs.asdict(entry), "stored_at": at} for entry in entries]
    if rows:
        connection.execute(insert_into(connection, archive).on_conflict_do_nothing(), rows)


def entry(connection: Connection, sha256: str) -> Entry | None:
    """What is known of a file; None: nothing."""
    query = sa.select(*columns_of(Entry, archive)).where(archive.c.sha256 == sha256)
    return maybe_record(connection, Entry, query)


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
    part = _Part(path, content)
    try:
        part.finish()
    finally:
        part.drop()


class _Part:
    """A file under a temporary name until it is on disk: a reader sees the whole file or none."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._temporary = path.with_name(f".{uuid4().hex}")
        self._file: int | None = self._opened()
        self._pending = True
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(self._file, left) :]
        except BaseException:
            self.drop()
            raise

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            return os.open(self._temporary, flags, 0o660)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._temporary, flags, 0o660)

    def finish(self) -> None:
        """Flush to disk, rename."""
        assert self._file is not None
        os.fsync(self._file)
        self._close()
        self._temporary.rename(self._path)
        self._pending = False

    def drop(self) -> None:
        """Nothing stays behind of what is not finished."""
        self._close()
        if self._pending:
            self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
