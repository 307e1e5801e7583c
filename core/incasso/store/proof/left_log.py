"""The log of what leaves, beside the archive: what a database that was put back does not know.

One file per dispatch, a line of JSON per message or change in an ERP, per beginning and answer. A
page of messages is on the disk before the first of them may leave, and that a message begins before
its channel is called. Answers follow without waiting for the disk: the next beginning takes them
along. So a kill or a power cut leaves at most one message in doubt (of a channel with several
connections one on each), and never an unknown one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from incasso.domain.proof.left import Begun, Doubtful, Intent, Left, NotLeft, Opened, PageDone
from incasso.domain.proof.left import Line as MessageLine
from incasso.domain.proof.written import NotWritten, Writing, Written

Line = MessageLine | Writing | Written | NotWritten

FOLDER: Final = "left"

EARLIER: Final = timedelta(days=2)
"""A dispatch that began so long before a copy was made may have gone on after it."""

_NEWEST: Final = 65_536

_log = logging.getLogger(__name__)


class LeftLog:
    """The log of one dispatch; the file is made with the first message."""

    def __init__(self, archive: Path, at: datetime, owner: str) -> None:
        name = f"{_moment(at)}-{owner}.jsonl"
        self._path = archive / FOLDER / f"{at:%Y-%m}" / name
        self._file: int | None = None
        self._lock = Lock()
        """Several connections of a channel write, and no line may stand within another."""

    def intend(self, intents: Sequence[Intent]) -> None:
        """These messages may begin once this returns. Raises OSError."""
        if intents:
            self._write(intents, durably=True)

    def begin(self, delivery: str) -> None:
        """Its channel may be called once this returns. Raises OSError."""
        self._write([Begun(delivery)], durably=True)

    def left(self, delivery: str, ref: str, at: datetime) -> None:
        """The other side has it."""
        self._answer(Left(delivery, ref, at))

    def not_left(self, delivery: str) -> None:
        """It did not leave this time."""
        self._answer(NotLeft(delivery))

    def doubtful(self, delivery: str) -> None:
        """Nobody knows."""
        self._answer(Doubtful(delivery))

    def page_done(self) -> None:
        """All answers of the page are written."""
        if self._file is not None:
            self._answer(PageDone(), durably=True)

    def writing(self, change: Writing) -> None:
        """This change may be made in its ERP once this returns. Raises OSError."""
        self._write([change], durably=True)

    def written(self, answer: Written | NotWritten) -> None:
        """What the ERP said; without it the change is in doubt, and repeated under its key."""
        self._answer(answer, durably=True)

    def close(self) -> None:
        """Harmless twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _answer(self, line: Line, *, durably: bool = False) -> None:
        """A disk that refuses must not lose an answer for the database too."""
        try:
            self._write([line], durably=durably)
        except OSError as error:
            _log.warning("%s: %s", self._path, error)

    def _write(self, lines: Sequence[Line], *, durably: bool) -> None:
        content = memoryview(b"".join(_encode(line) + b"\n" for line in lines))
        with self._lock:
            if self._file is None:
                self._file = self._opened()
            while content:
                content = content[os.write(self._file, content) :]
        if durably:
            _flush(self._file)

    def _opened(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o770)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        file = os.open(self._path, flags, 0o660)
        os.write(file, _encode(Opened(os.fstat(file).st_ino)) + b"\n")
        return file


def of_owner(archive: Path, owner: str) -> Iterator[Iterator[Line]]:
    """The lines of the dispatches of that owner that are certainly all that it wrote, oldest first.

    Not those of a copy, which may have been made before the last of them, nor of a release that did
    not write that a message begins.
    """
    for path in files(archive):
        if path.stem.endswith(f"-{owner}") and _is_original(path):
            yield _lines(path)


def _is_original(path: Path) -> bool:
    first = next(_lines(path), None)
    return isinstance(first, Opened) and first.file == path.stat().st_ino


def runs(archive: Path, since: datetime | None = None) -> Iterator[Iterator[Line]]:
    """The lines of every dispatch that may have ended after `since`, oldest first."""
    first = "" if since is None else _moment(since - EARLIER)
    for path in files(archive):
        if path.name >= first:
            yield _lines(path)


def _moment(at: datetime) -> str:
    """Two dispatches of one second are in order by it, so that the newest log is the newest."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}"


def files(archive: Path) -> list[Path]:
    """Every file, oldest first."""
    return sorted((archive / FOLDER).glob("*/*.jsonl"), key=lambda path: path.name)


def reached(archive: Path) -> str:
    """How far the log goes: newest file, its size, files of its month; empty: there is none."""
    try:
        month = max(each.name for each in os.scandir(archive / FOLDER) if each.is_dir())
        sizes = _sizes(archive / FOLDER / month)
        name = max(sizes)
    except (FileNotFoundError, ValueError):
        return ""
    return f"{month}/{name}:{sizes[name]}:{len(sizes)}"


def reaches(archive: Path, mark: str) -> bool:
    """Whether the log still has what it had when it reached `mark`."""
    if not mark:
        return True
    path, size, count = mark.rsplit(":", 2)
    month, name = path.split("/")
    try:
        sizes = _sizes(archive / FOLDER / month)
    except FileNotFoundError:
        return False
    earlier = sum(each <= name for each in sizes)
    return sizes.get(name, -1) >= int(size) and earlier >= int(count)


def _sizes(month: Path) -> dict[str, int]:
    found = [each for each in os.scandir(month) if each.name.endswith(".jsonl")]
    return {each.name: each.stat().st_size for each in found}


def newest_left(archive: Path) -> list[str]:
    """Deliveries that left, from the end of the newest file; at most some hundred."""
    found = files(archive)
    if not found:
        return []
    with found[-1].open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _NEWEST))
        end = file.read()
    return [line.delivery for line in _decoded(end) if isinstance(line, Left)]


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for content in file:
            yield from _decoded(content)


def _decoded(content: bytes) -> Iterator[Line]:
    """A line cut off by a crash says nothing."""
    for line in content.splitlines():
        try:
            yield msgspec.json.decode(line, type=Line)
        except (msgspec.DecodeError, ValueError):
            continue


_encode: Final = msgspec.json.Encoder().encode
_flush: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)
"""Content and size; not the times of the file, and not every system has it."""
