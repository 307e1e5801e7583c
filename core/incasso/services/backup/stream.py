"""All rows as one compressed stream of lines: a line names a table, its rows follow, and their sum.

{"table":"users","columns":["id","login",…]}
[1,"admin",…]
{"rows":1,"sha256":"…"}
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from base64 import b64decode
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import IO, Any, Final, TypeAlias

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.services.backup.errors import DamagedError
from incasso.services.backup.manifest import TableEntry
from incasso.store.backup.filling import Rows
from incasso.store.backup.rows import PAGE, pages
from incasso.store.backup.shape import Kind, Shape

Tell: TypeAlias = Callable[[str, int], None]

_GZIP: Final = 31
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


class RowStream:
    """What a backup's database file is written from; `tables` is complete at the end."""

    def __init__(self, connection: Connection, shapes: Iterable[Shape], tell: Tell) -> None:
        self.tables: list[TableEntry] = []
        self._tell = tell
        self._rows = 0
        self._chunks = _compressed(self._lines(connection, shapes))
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; empty at the end."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        size = len(self._rest) if size < 0 else size
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk

    def _lines(self, connection: Connection, shapes: Iterable[Shape]) -> Iterator[bytes]:
        for shape in shapes:
            digest, count = hashlib.sha256(), 0
            names = [column.name for column in shape.columns]
            yield _encode({"table": shape.name, "columns": names}) + b"\n"
            for page in pages(connection, shape):
                lines = b"".join(_encode(row) + b"\n" for row in page)
                digest.update(lines)
                count += len(page)
                self._rows += len(page)
                self._tell("rows", self._rows)
                yield lines
            self.tables.append(TableEntry(shape.name, count, digest.hexdigest()))
            yield _encode({"rows": count, "sha256": digest.hexdigest()}) + b"\n"


def _compressed(lines: Iterator[bytes]) -> Generator[bytes, None, None]:
    compressor = zlib.compressobj(level=1, wbits=_GZIP)
    for each in lines:
        if chunk := compressor.compress(each):
            yield chunk
    yield compressor.flush()


class RowReader:
    """Reads the stream of a backup, table by table, and compares each with the manifest."""

    def __init__(self, file: IO[bytes], name: str, tell: Tell) -> None:
        self._lines = _lines(file, name)
        self._name = name
        self._tell = tell
        self._rows = 0

    def table(self, shape: Shape, entry: TableEntry) -> Iterator[Rows]:
        """The rows of the next table, some thousands at a time. Raises DamagedError."""
        names = [column.name for column in shape.columns]
        if self._next() != {"table": shape.name, "columns": names}:
            raise damaged(self._name)
        bytes_at = [at for at, each in enumerate(shape.columns) if each.kind is Kind.BYTES]
        digest, left = hashlib.sha256(), entry.rows
        while left:
            lines = [self._line() for _ in range(min(PAGE, left))]
            left -= len(lines)
            digest.update(b"".join(lines))
            self._rows += len(lines)
            self._tell("rows", self._rows)
            yield [_row(self._decoded(line), bytes_at) for line in lines]
        if (
            self._next() != {"rows": entry.rows, "sha256": entry.sha256}
            or digest.hexdigest() != entry.sha256
        ):
            raise damaged(self._name)

    def _line(self) -> bytes:
        try:
            return next(self._lines)
        except StopIteration:
            raise damaged(self._name) from None

    def _next(self) -> Any:
        return self._decoded(self._line())

    def _decoded(self, line: bytes) -> Any:
        try:
            return _decode(line)
        except msgspec.DecodeError:
            raise damaged(self._name) from None


def damaged(name: str) -> DamagedError:
    """A file that is not what was written."""
    return DamagedError(text("{file} is cut or was changed: use another backup", file=name))


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        with gzip.open(file) as lines:
            yield from lines
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise damaged(name) from None


def _row(row: Any, bytes_at: list[int]) -> list[Any]:
    if not isinstance(row, list):
        raise damaged("")
    for at in bytes_at:
        row[at] = None if row[at] is None else b64decode(row[at])
    return row
