"""Copies of the anchor in other places: they outlive an archive that is lost or set back too.

Each copy is new, named by epoch and batch, and never written again; so a place that allows no
changes (object lock, a WORM share) serves. Only copies with the hub's signature count.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from incasso.store.proof.anchor import Anchor, UnreadableAnchorError, decode, encode

_log = logging.getLogger(__name__)

_NAME: Final = re.compile(r"anchor-\d{6}-\d{12}\.json")

_READ: Final = 1_000
"""Copies looked at from the newest on, if some of them are not ours."""


class Place(Protocol):
    """Where copies are kept. Every failure is an OSError."""

    @property
    def where(self) -> str:
        """How people name it; without passwords."""

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """The contents of the copies whose names follow, at most so many, newest first.

        Raises FileNotFoundError where the place itself is not there.
        """

    def put(self, name: str, content: bytes, at: datetime | None, *, first: bool) -> None:
        """A new copy. Raises FileExistsError where it is there.

        `first`: the place never had one, so it may be made.
        """


class Folder:
    """A folder, best on another machine."""

    def __init__(self, where: str, path: Path) -> None:
        self.where = where
        self._path = path

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """A disk that is not connected is not an empty one: FileNotFoundError."""
        names = sorted(each.name for each in self._path.iterdir() if _NAME.fullmatch(each.name))
        for name in reversed([each for each in names if each > than][-most:]):
            yield (self._path / name).read_bytes()

    def put(self, name: str, content: bytes, at: datetime | None, *, first: bool) -> None:
        """A new file for its owner alone, durable once this returns."""
        if first:
            self._path.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(self._path / name, flags, 0o660)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)


def newest(
    place: Place, order: tuple[int, int], is_ours: Callable[[Anchor], bool]
) -> Anchor | None:
    """The newest copy of ours, if it is at least as late as this epoch and batch.

    Raises OSError where the place cannot be read.
    """
    epoch, batch = order
    for content in place.newer(_name(epoch, batch - 1) if batch else "", _READ):
        try:
            copy = decode(content)
        except UnreadableAnchorError:
            continue
        if is_ours(copy):
            return copy
    return None


def put(place: Place, anchor: Anchor, *, first: bool) -> None:
    """Put a copy into the place, unless it is there. Raises OSError."""
    try:
        place.put(_name(anchor.epoch, anchor.last_batch), encode(anchor), anchor.at, first=first)
    except FileExistsError:
        return


def _name(epoch: int, batch: int) -> str:
    return f"anchor-{epoch:06}-{batch:012}.json"
