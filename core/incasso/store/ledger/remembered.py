"""Rows that did not change, recognised by their digests alone: no key is looked up for them.

Nine in ten rows of a nightly export are as they were, and looking up its key costs several times as
much as the digest of a row. So a complete read that was applied leaves the digests of its rows
behind, with their ids and in the order of reading. The next read nearly always has the same order
and meets them in a window of a few pages; what it does not meet there is looked up by its key.

It must equal the way by key, row for row: `tests/ledger/test_remembered.py` reads the same ledgers
both ways. Whatever writes a fingerprint outside a complete read calls `forget`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from typing import Final

DIGEST: Final = 16
"""Bytes of a digest that is remembered; a connector's shorter ones are not."""

PART: Final = 8192
"""Rows in one piece of what is remembered."""

AHEAD: Final = PART
"""How far the window reaches beyond the page: rows that were put in between shift the others."""

BEHIND: Final = PART
"""How long a digest is kept that was not met in its place."""

Part = tuple[bytes, bytes]
"""Digests and ids of consecutive rows."""


class Remembered:
    """What the last complete read brought, met again in the order of reading; flat memory."""

    def __init__(self, part: Callable[[int], Part | None], forgotten: Collection[int]) -> None:
        """`part` reads a piece by its number, None behind the last one."""
        self._part = part
        self._forgotten = forgotten
        self._window: dict[bytes, int] = {}
        self._ids = array("q", [0])  # by place; the first place is nobody's
        self._parts = 0
        self._reached = 0
        self._ended = False

    def take(self, digests: Sequence[bytes]) -> list[int]:
        """The row id of each digest that is remembered, 0 for the others; each is given once."""
        wanted = self._reached + len(digests) + AHEAD
        while len(self._ids) <= wanted and not self._ended:
            self._read_on()
        pop, ids = self._window.pop, self._ids
        places = [pop(digest, 0) for digest in digests]
        self._reached = max(self._reached, max(places, default=0))
        if len(self._window) > 2 * (AHEAD + BEHIND):
            self._forget_until(self._reached - BEHIND)
        return [ids[place] for place in places]

    def _read_on(self) -> None:
        part = self._part(self._parts)
        self._parts += 1
        if part is None:
            self._ended = True
            return
        digests, ids = part[0], ids_of(part[1])
        if self._forgotten:
            ids = array("q", [0 if row in self._forgotten else row for row in ids])
        place = len(self._ids)
        self._ids.extend(ids)
        self._window.update(zip(pieces(digests), range(place, len(self._ids)), strict=True))

    def _forget_until(self, place: int) -> None:
        kept = {digest: at for digest, at in self._window.items() if at > place}
        self._window = kept


class RowsRead:
    """The rows of this read in their order, for the next one: digests, with ids or sequences."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []
        self._ids = array("q")
        self._parts = 0

    @property
    def is_full(self) -> bool:
        """Whether a few pieces wait: a night without any change stages nothing else."""
        return len(self._ids) >= 4 * PART

    def add(self, digests: Iterable[bytes], ids: Iterable[int]) -> None:
        """Rows whose ids are known."""
        self._digests += digests
        self._ids.extend(ids)

    def add_some(self, digests: Sequence[bytes], ids: Sequence[int], which: list[bool]) -> None:
        """The chosen ones of them."""
        self.add(compress(digests, which), compress(ids, which))

    def add_staged(self, digest: bytes, sequence: int) -> None:
        """A row that waits in the staging table; its id is known when it is applied."""
        self._digests.append(digest)
        self._ids.append(-sequence)

    def parts(self, *, at_end: bool) -> list[tuple[int, Part]]:
        """The full pieces so far with their numbers, at the end the last one too."""
        found: list[tuple[int, Part]] = []
        while len(self._ids) >= PART or (at_end and self._ids):
            digests, ids = self._digests[:PART], self._ids[:PART]
            del self._digests[:PART], self._ids[:PART]
            found.append((self._parts, packed(digests, ids)))
            self._parts += 1
        return found


def packed(digests: Sequence[bytes], ids: Sequence[int]) -> Part:
    """As they are stored: rows with a whole digest (none is longer), one after the other."""
    kept = array("q", ids)
    if len(together := b"".join(digests)) != DIGEST * len(digests):
        whole = [len(digest) == DIGEST for digest in digests]
        kept = array("q", compress(ids, whole))
        together = b"".join(compress(digests, whole))
    return together, packed_ids(kept)


def packed_ids(ids: Iterable[int]) -> bytes:
    """The ids alone."""
    kept = array("q", ids)
    if sys.byteorder != "little":
        kept.byteswap()
    return kept.tobytes()


def ids_of(stored: bytes) -> array[int]:
    """The ids of a piece."""
    ids = array("q", stored)
    if sys.byteorder != "little":
        ids.byteswap()
    return ids


def pieces(digests: bytes) -> list[bytes]:
    """The digests of a piece."""
    return [digests[at : at + DIGEST] for at in range(0, len(digests), DIGEST)]
