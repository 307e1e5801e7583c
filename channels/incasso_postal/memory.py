"""What is remembered of each letter: its number before it is confirmed, the papers still to come.

The number is on the disk before the letter costs anything, so that a program that dies in between
finds its own draft again and confirms that one, never a second. A few thousand letters fit; the
oldest that are complete make room.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zlib import crc32

import msgspec

from incasso.api import CallContext, TemporaryError, text

SHARDS: Final = 24
LARGEST: Final = 7_800
TRIES: Final = 20
ACCEPTANCE: Final = "a"
SCAN: Final = "s"


class Remembered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One letter. Names are short because the place is small."""

    ref: str
    digest: str
    """Of the whole request: address, options and pages."""
    began: str = ""
    """When its confirmation was asked for, ISO; empty: never."""
    papers: str = ""
    """Papers wanted, a letter for each time: twice, because a crash may lose the first."""

    @property
    def began_at(self) -> datetime | None:
        """When its confirmation was asked for."""
        return datetime.fromisoformat(self.began) if self.began else None


_Shard = dict[str, Remembered]


class Memory:
    """The memory of one instance, over `ctx.state`."""

    def __init__(self, ctx: CallContext) -> None:
        self._state = ctx.state

    def of(self, delivery: str) -> Remembered | None:
        """What is remembered of a delivery. Raises TemporaryError."""
        return self._read(_key(delivery)).get(delivery)

    def all(self) -> dict[str, Remembered]:
        """Everything, by delivery. Raises TemporaryError."""
        found: dict[str, Remembered] = {}
        for key in self._state.keys():  # noqa: SIM118
            if key.startswith("letters."):
                found |= self._read(key)
        return found

    def keep(self, delivery: str, letter: Remembered) -> None:
        """Remember it, on the disk when this returns. Raises TemporaryError."""

        def put(shard: _Shard) -> None:
            shard.pop(delivery, None)
            shard[delivery] = letter

        self._change(delivery, put)

    def forget(self, delivery: str) -> None:
        """Nothing more is wanted of it. Raises TemporaryError."""
        if self.of(delivery) is not None:
            self._change(delivery, lambda shard: shard.pop(delivery, None))

    def _change(self, delivery: str, change: Callable[[_Shard], object]) -> None:
        key = _key(delivery)
        for _ in range(TRIES):
            seen = self._state.get(key)
            shard = _decoded(seen.value) if seen else {}
            change(shard)
            if self._state.swap(key, _encoded(shard) if shard else None, seen=seen):
                return
        raise TemporaryError(text("too many letters are being sent at the same time"))

    def _read(self, key: str) -> _Shard:
        kept = self._state.get(key)
        return _decoded(kept.value) if kept else {}


def _key(delivery: str) -> str:
    return f"letters.{crc32(delivery.encode()) % SHARDS:02d}"


def _decoded(value: str) -> _Shard:
    return msgspec.json.decode(value, type=_Shard)


def _encoded(shard: _Shard) -> str:
    """As much as fits; a letter that may still be confirmed is never dropped for others."""
    while len(written := msgspec.json.encode(shard)) > LARGEST:
        done = next((name for name, each in shard.items() if each.papers), None)
        if done is None:
            raise TemporaryError(text("too many letters wait for their confirmation"))
        del shard[done]
    return written.decode()
