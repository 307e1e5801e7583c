"""How many calls of a minute or a day were made, counted by all processes of an instance together.

A write for each call would cost more than many a call. So a process takes calls in blocks, counts
them in its memory and gives back what it did not use. A process that dies gives nothing back: its
last block, a twentieth of the limit at most, counts as used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import uuid4

import msgspec

from incasso.contract.errors import RateLimitedError
from incasso.contract.text import Text, text

PARTS: Final = 100
"""A block is good for this part of the window; calls so close together are kept as one figure."""
LARGEST_BLOCK: Final = 20
"""A block is this part of the limit at most."""


class SharedText(Protocol):
    """A text that several processes read and change."""

    def change(self, how: Callable[[str | None], str]) -> None:
        """Replace it by what `how` makes of it, as one step. Raises what `how` raises."""
        ...


class Made(msgspec.Struct, array_like=True):
    """Calls that were made close together; they count until the window has passed since `last`."""

    first: datetime
    last: datetime
    calls: int


class Block(msgspec.Struct, array_like=True, frozen=True):
    """Calls that a process may make until an instant."""

    until: datetime
    calls: int


class Count(msgspec.Struct):
    """What all processes know of one window."""

    made: list[Made] = []
    blocks: dict[str, Block] = {}
    """By process, the one it has in hand."""

    def add(self, at: datetime, calls: int, close: timedelta) -> None:
        """Count calls that were made by then."""
        for each in self.made:
            if timedelta(0) <= at - each.first < close:
                each.last, each.calls = max(each.last, at), each.calls + calls
                return
        self.made.append(Made(at, at, calls))

    def forget(self, before: datetime) -> None:
        """Drop what has left the window."""
        self.made = [each for each in self.made if each.last > before]
        self.blocks = {owner: each for owner, each in self.blocks.items() if each.until > before}

    def taken(self) -> int:
        """Calls made, and those that others may still make."""
        made = sum(each.calls for each in self.made)
        return made + sum(each.calls for each in self.blocks.values())

    def oldest(self) -> datetime:
        """When the first of them was made, at the latest."""
        last = (*(each.last for each in self.made), *(each.until for each in self.blocks.values()))
        return min(last)


class Window:
    """One sliding window of an instance, as one process sees it. Its caller holds a lock."""

    def __init__(self, most: int, length: timedelta, words: Text, kept: SharedText) -> None:
        self._most, self._length, self._words, self._kept = most, length, words, kept
        self._close = length / PARTS
        self._owner = uuid4().hex
        self._earlier: tuple[datetime, ...] = ()
        self._until: datetime | None = None
        self._left = self._used = 0
        self._last: datetime | None = None

    def remember(self, calls: Iterable[datetime]) -> None:
        """Calls of earlier processes, oldest first: the beginning where none were counted yet."""
        self._earlier = tuple(calls)[-self._most :]

    def ready(self, at: datetime) -> None:
        """See that a call can be taken now. Raises RateLimitedError with the wait."""
        if self._left and self._until is not None and at <= self._until:
            return
        block = Block(at, 0)

        def taken(seen: str | None) -> str:
            nonlocal block
            count = self._settled(seen)
            count.forget(at - self._length)
            block = count.blocks[self._owner] = self._block(count, at)
            return _written(count)

        self._kept.change(taken)
        self._until, self._left, self._used, self._last = block.until, block.calls, 0, None

    def _block(self, count: Count, at: datetime) -> Block:
        """As many calls as are wanted and free. Raises RateLimitedError."""
        calls = min(self._wanted(), self._most - count.taken())
        if calls <= 0:
            raise limited(self._words, count.oldest() + self._length - at)
        # One call is made now; more of them are counted as if made at the last moment.
        return Block(at + self._close if calls > 1 else at, calls)

    def take(self, at: datetime) -> None:
        """Count a call; only after `ready`."""
        self._left, self._used, self._last = self._left - 1, self._used + 1, at

    def give_back(self) -> None:
        """Let others make the calls that were taken and not made."""
        if self._left:
            self._kept.change(lambda seen: _written(self._settled(seen)))
            self._left, self._used, self._last = 0, 0, None

    def _wanted(self) -> int:
        """Twice as many as the last time if all were used in time, else as many as were used."""
        size = self._used if self._left else 2 * self._used
        return max(1, min(size, self._most // LARGEST_BLOCK))

    def _settled(self, seen: str | None) -> Count:
        """The count with our calls as they were made, in place of the block."""
        if seen is None:
            count = Count()
            for at in self._earlier:
                count.add(at, 1, self._close)
        else:
            count = msgspec.json.decode(seen, type=Count)
        count.blocks.pop(self._owner, None)
        if self._used and self._last is not None:
            count.add(self._last, self._used, self._close)
        return count


def limited(why: Text, wait: timedelta) -> RateLimitedError:
    """The error of a call that must come again after so long."""
    seconds = max(1, round(wait.total_seconds()))
    return RateLimitedError(
        text("{why}; again in {seconds} s", why=why, seconds=seconds), retry_after=wait
    )


def _written(count: Count) -> str:
    return msgspec.json.encode(count).decode("utf-8")
