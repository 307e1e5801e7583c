"""Cut a text file into rows of raw bytes, a megabyte at a time, and rows into cells."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from incasso.api import ConfigurationError
from incasso.api import text as sentence
from incasso_csv.files.shape import Shape, chunks

_QUOTE: Final = b'"'
# A quoted address may run over a few lines; an unclosed quote must not consume the file.
_LONGEST_QUOTATION: Final = 100
_LONGEST_LINE: Final = 16 << 20
_TAIL: Final = 1 << 18


class Block(NamedTuple):
    """Consecutive rows of a file."""

    first_row: int
    """The number that the first one has in Excel, counted from 1."""
    rows: list[bytes]


def blocks(path: Path, shape: Shape, width: int = 0) -> Iterator[Block]:
    """The file's rows, block by block. `width`: the cells a row must have, 0 if not yet known.

    A quoted cell may contain line ends. A quote that is opened and not closed within 100 lines, or
    whose closing would give a row of another width, affects only its own line.
    """
    number = shape.first_row
    separator = shape.separator.encode(shape.encoding if shape.single_bytes else "utf-8")
    rest = b""
    for chunk in _decoded_chunks(path, shape):
        text = rest + chunk
        rows = text.split(b"\n")
        rest = rows.pop()
        if len(rest) > _LONGEST_LINE:
            raise ConfigurationError(
                sentence("{path} has a row longer than 16 MB: it is not a table", path=str(path))
            )
        if _QUOTE in text:
            rows, open_rows = _joined(rows, separator, width, at_end=False)
            rest = b"\n".join([*open_rows, rest])
        if rows:
            yield Block(number, rows)
            number += len(rows)
    if rest:
        rows, _ = _joined(rest.split(b"\n"), separator, width, at_end=True)
        yield Block(number, rows)


def _decoded_chunks(path: Path, shape: Shape) -> Iterator[bytes]:
    """The bytes as they are; Excel's "Unicode text" (UTF-16) becomes UTF-8 on the way."""
    if shape.single_bytes:
        yield from chunks(path, shape.start)
        return
    decoder = codecs.getincrementaldecoder(shape.encoding)(errors="replace")
    for chunk in chunks(path, shape.start):
        yield decoder.decode(chunk).encode()


def _joined(
    lines: list[bytes], separator: bytes, width: int, *, at_end: bool
) -> tuple[list[bytes], list[bytes]]:
    """Lines, joined where quoted cells span several, and the incomplete rest."""
    rows: list[bytes] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if not _opens(line, separator):
            rows.append(line)
            index += 1
            continue
        last = min(index + _LONGEST_QUOTATION, len(lines))
        closing = next((i for i in range(index + 1, last) if lines[i].count(_QUOTE) & 1), None)
        if closing is None and last == len(lines) and not at_end:
            return rows, lines[index:]
        row = b"\n".join(lines[index : closing + 1]) if closing else line
        if closing and width and len(split(row.decode("latin-1"), separator.decode())) != width:
            closing, row = None, line
        rows.append(row)
        index = closing + 1 if closing else index + 1
    return rows, []


def _opens(line: bytes, separator: bytes) -> bool:
    """Whether the line ends inside a quoted cell; an inch sign in a text opens no quote."""
    if not line.count(_QUOTE) & 1:
        return False
    return line.startswith(_QUOTE) or separator + _QUOTE in line


def text_row(row: bytes, shape: Shape) -> str:
    """The row as text; undecodable bytes become surrogates, which `cells.clean` refuses."""
    if row.isascii():
        return row.decode("ascii").rstrip("\r\n")
    encoding = shape.encoding if shape.single_bytes else "utf-8"
    return row.decode(encoding, "surrogateescape").rstrip("\r\n")


def split(row: str, separator: str) -> list[str]:
    """The cells of one row. A row that csv itself refuses comes back as one cell."""
    if '"' not in row:
        return row.split(separator)
    try:
        return next(csv.reader([row], delimiter=separator), [])
    except csv.Error:
        return [row]


def ends_inside_quotes(row: str, separator: str) -> bool:
    """Whether a quoted cell of the row is never closed, as at the end of a cut file."""
    try:
        list(csv.reader([row], delimiter=separator, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def last_row(path: Path, shape: Shape, width: int) -> tuple[str, bool]:
    """The last row that is not blank, and whether a line end follows it."""
    start = max(shape.start, shape.stamp.size - _TAIL) if shape.single_bytes else shape.start
    text = b"".join(_decoded_chunks(path, shape._replace(start=start)))
    finished = text.endswith((b"\n", b"\r", b"\x1a"))  # old DOS programs end files with ^Z
    lines = text.rstrip(b"\r\n\x1a").split(b"\n")
    if start > shape.start:
        del lines[0]  # it began before the part that was read
    rows, _ = _joined(lines, shape.separator.encode(), width, at_end=True)
    texts = [text_row(row, shape) for row in rows if row.strip()]
    return _left_open(texts, shape.separator, width) or (texts[-1] if texts else ""), finished


def _left_open(rows: list[str], separator: str, width: int) -> str:
    """The row of the last unclosed quote, if no whole row follows it; else nothing."""
    for at in range(len(rows) - 1, max(-1, len(rows) - 1 - _LONGEST_QUOTATION), -1):
        if ends_inside_quotes(rows[at], separator):
            return rows[at]
        if len(split(rows[at], separator)) == width:
            return ""
    return ""
