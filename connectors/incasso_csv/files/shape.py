"""The shape of a text file, examined before reading: encoding, separator, rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import xxhash

from incasso.api import ConfigurationError, Problem, TemporaryError
from incasso.api import text as sentence

CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 16
_SEPARATORS: Final = (";", "\t", "|", ",")  # a comma comes last: it is usually the decimal mark
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_SEP_LINE: Final = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)


class FileStamp(NamedTuple):
    """A file's identity at one moment: if it differs later, the file was changed in between."""

    size: int
    changed_ns: int
    inode: int


class Shape(NamedTuple):
    """How the bytes of one text file become rows."""

    encoding: str
    separator: str
    start: int
    """Bytes before the first row: a byte order mark, a line such as `sep=;`."""
    first_row: int
    """The number of the first row read: 2 after a line `sep=;`."""
    stamp: FileStamp
    lines: int

    @property
    def single_bytes(self) -> bool:
        """Whether line ends and separators are single bytes, so that rows can be cut as bytes."""
        return not self.encoding.startswith("utf-16")


def digest_of(path: Path, seed: int) -> str:
    """A digest of the content, whatever the file's name and time; `seed` salts it."""
    state = xxhash.xxh3_128(seed=seed)
    for chunk in chunks(path, 0):
        state.update(chunk)
    return state.hexdigest()


def stamp_of(path: Path) -> FileStamp:
    """Size, time and place of the file now. Raises TemporaryError if it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise TemporaryError(
            sentence("{path} does not exist; has the export run?", path=str(path))
        ) from None
    except OSError as error:
        raise TemporaryError(
            sentence("{path} cannot be read: {strerror}", path=str(path), strerror=error.strerror)
        ) from None
    if path.is_dir():
        raise ConfigurationError(
            (
                Problem(
                    code="directory",
                    message=sentence("{path} is a folder; name the file in it", path=str(path)),
                ),
            )
        )
    return FileStamp(found.st_size, found.st_mtime_ns, found.st_ino)


def look_at(path: Path, encoding: str, separator: str) -> Shape:
    """The file's shape. Settings in the configuration take precedence over what is detected.

    Raises TemporaryError for a file that is missing or empty, as an export that is still being
    written is, and ConfigurationError for one that is no text.
    """
    stamp = stamp_of(path)
    sample = next(chunks(path, 0, _SAMPLE), b"")
    if not sample.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise TemporaryError(
            sentence(
                "{path} is empty; nothing was changed. Is the export still running?", path=str(path)
            )
        )
    _refuse_other_formats(path, sample)
    chosen = encoding or _encoding_of(path, sample)
    start = next((len(bom) for bom, _ in _BOMS if sample.startswith(bom)), 0)
    first_row = 1
    if declared := _SEP_LINE.match(sample, start):
        separator = separator or declared[1].decode("latin-1")
        start, first_row = declared.end(), 2
    if chosen.startswith("utf-16"):
        start = 0  # the decoder itself consumes the mark
    text = sample[start:].decode(chosen, errors="replace")
    lines = sum(chunk.count(b"\n") for chunk in chunks(path, start))
    return Shape(
        encoding="utf-8" if chosen == "utf-8-sig" else chosen,
        separator=separator or separator_of(text),
        start=start,
        first_row=first_row,
        stamp=stamp,
        lines=lines,
    )


def chunks(path: Path, start: int, size: int = CHUNK) -> Iterator[bytes]:
    """The file's bytes. Raises TemporaryError if it vanishes or breaks while being read."""
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            while chunk := stream.read(size):
                yield chunk
    except OSError as error:
        why = error.strerror or str(error)
        raise TemporaryError(
            sentence("{path} cannot be read: {why}", path=str(path), why=why)
        ) from error


def _refuse_other_formats(path: Path, sample: bytes) -> None:
    head = sample[:512].lstrip().lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise ConfigurationError(
            sentence("{path} is a web page or XML; export it as CSV or Excel", path=str(path))
        )
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    if len(_CONTROLS.findall(sample)) * 20 > len(sample):
        raise ConfigurationError(
            sentence("{path} is neither text nor an Excel workbook", path=str(path))
        )


def _encoding_of(path: Path, sample: bytes) -> str:
    """A byte order mark decides, else strict UTF-8, else cp1252; latin-1 has no euro sign."""
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(path, 0):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return _majority(path)
    return "utf-8"


def _majority(path: Path) -> str:
    """Tolerates broken rows: one must not garble every accent of a UTF-8 file."""
    good = bad = 0
    for chunk in chunks(path, 0):
        for line in chunk.split(b"\n"):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                bad += 1
            else:
                good += 1
    return "utf-8" if good > bad else "cp1252"


def separator_of(text: str) -> str:
    """The character that cuts most rows into the same number of cells, at least two.

    `;` wins over a tab, a tab over `|`, and a comma is taken only if nothing else fits.
    """
    lines = text.splitlines()[:50]
    whole = lines[:-1] if len(lines) > 1 else lines
    scores = {mark: _agreement(whole, mark) for mark in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda mark: scores[mark])
    return next(mark for mark in _SEPARATORS if scores[mark] * 10 >= scores[best] * 8)


def _agreement(lines: list[str], mark: str) -> int:
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark))
    except csv.Error:
        return 0
    return max((times for width, times in widths.items() if width > 1), default=0)
