"""Copies of the anchor in other places: they outlive an archive that is lost or set back too.

Each copy is new, named by epoch and batch, and never written again; so a place that allows no
changes (object lock, a WORM share) serves. Only copies with the hub's signature count.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from incasso.store.proof.anchor import Anchor, UnreadableAnchorError, decode, encode
from incasso.store.proof.bucket import Bucket

_log = logging.getLogger(__name__)

S3: Final = "s3://"

_NAME: Final = re.compile(r"anchor-\d{6}-\d{12}\.json")

_READ: Final = 1_000
"""Copies looked at from the newest on, if some of them are not ours."""


class Place(Protocol):
    """Where copies are kept. Every failure is an OSError."""

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """The contents of the copies whose names follow, at most so many, newest first."""

    def put(self, name: str, content: bytes, at: datetime | None) -> None:
        """A new copy. Raises FileExistsError where it is there."""


class Refused(NamedTuple):
    """A place that took no copy, and why."""

    place: str
    reason: str


class Folder:
    """A folder, best on another machine."""

    def __init__(self, where: str) -> None:
        self._path = Path(where)

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """A folder that is not there has none."""
        names = sorted(path.name for path in self._path.glob("anchor-*.json"))
        names = [name for name in names if _NAME.fullmatch(name)]
        for name in reversed([each for each in names if each > than][-most:]):
            yield (self._path / name).read_bytes()

    def put(self, name: str, content: bytes, at: datetime | None) -> None:
        """A new file for its owner alone, durable once this returns."""
        self._path.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(self._path / name, flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)


def newer_copies(places: Sequence[str], than: Anchor) -> Iterator[Anchor]:
    """The copies that are later than an anchor, newest first in each place."""
    for where in places:
        try:
            for content in _place(where).newer(_name(than), _READ):
                try:
                    yield decode(content)
                except UnreadableAnchorError:
                    continue
        except OSError as error:
            _log.warning("%s: %s", where, error)


def copy_to(places: Sequence[str], anchor: Anchor) -> list[Refused]:
    """Put a copy into each place, unless it is there; those that refused it."""
    refused = []
    for where in places:
        try:
            _place(where).put(_name(anchor), encode(anchor), anchor.at)
        except FileExistsError:
            continue
        except OSError as error:
            _log.warning("%s: %s", where, error)
            refused.append(Refused(where, error.strerror or str(error)))
    return refused


def _name(anchor: Anchor) -> str:
    return f"anchor-{anchor.epoch:06}-{anchor.last_batch:012}.json"


def _place(where: str) -> Place:
    return Bucket(where) if where.startswith(S3) else Folder(where)
