"""How far a lot came, request by request, over `ctx.state`: no claim is handed over twice.

A request is marked as begun on the disk before it leaves, and as done with its answers afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import msgspec

from incasso.api import CallContext, TemporaryError, text

_SHARDS: Final = 26
_LARGEST: Final = 7_800
_TRIES: Final = 20
_FINISHED: Final = "finished"
_KEPT: Final = 200


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What the service said of one placement. Short, because the place is small."""

    ours: str
    at: datetime
    on: date
    """The business date of the call."""
    theirs: str = ""
    reason: str = ""
    """Why it is refused; empty: taken."""
    words: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a batch came; requests count from 1."""

    done: int = 0
    begun: int = 0
    of: int = 0
    name: str = ""
    """The first placement of the request that was begun."""

    @property
    def in_doubt(self) -> bool:
        """Whether a request was begun whose answer nobody heard."""
        return self.begun > self.done


class Memory:
    """What one instance remembers of one batch."""

    def __init__(self, ctx: CallContext, batch: str) -> None:
        self._state = ctx.state
        self._name = _short(batch)

    @property
    def finished(self) -> bool:
        """Whether the whole batch was handed over."""
        return self._name in self._all_finished()

    def progress(self) -> Progress | None:
        """How far it came; None: nothing of it ever left."""
        kept = self._state.get(self._key("head"))
        return None if kept is None else msgspec.json.decode(kept.value, type=Progress)

    def answers(self) -> tuple[Answer, ...]:
        """What the service said so far, in order."""
        found: list[Answer] = []
        for number in range(_SHARDS):
            kept = self._state.get(self._key(f"{number:02d}"))
            if kept is None:
                break
            found += msgspec.json.decode(kept.value, type=list[Answer])
        return tuple(found)

    def begin(self, request: int, of: int, name: str) -> None:
        """A request leaves now."""
        self._put(Progress(done=request - 1, begun=request, of=of, name=name))

    def undo(self, progress: Progress) -> None:
        """The request that was begun had certainly no effect."""
        self._put(Progress(done=progress.done, begun=progress.done, of=progress.of))

    def done(self, request: int, of: int, answers: tuple[Answer, ...]) -> None:
        """A request was answered. What was said is kept first: said twice, it counts once."""
        known = {each.ours for each in self.answers()}
        for each in answers:
            if each.ours not in known:
                self._append(each)
        self._put(Progress(done=request, begun=request, of=of))

    def finish(self) -> None:
        """All of it was handed over."""

        def add(kept: str | None) -> str:
            names = _names(kept)
            return " ".join([*(each for each in names if each != self._name), self._name][-_KEPT:])

        self._change(_FINISHED, add)

    def sweep(self) -> None:
        """Forget the steps of other batches that are handed over."""
        over = {each for each in self._all_finished() if each != self._name}
        for key in self._state.keys():  # noqa: SIM118
            if key.partition(".")[0] in over:
                self._change(key, lambda _: None)

    def _append(self, answer: Answer) -> None:
        for number in range(_SHARDS):
            key = self._key(f"{number:02d}")
            kept = self._state.get(key)
            held = msgspec.json.decode(kept.value, type=list[Answer]) if kept else []
            written = msgspec.json.encode([*held, answer])
            if len(written) <= _LARGEST:
                self._change(key, lambda _, written=written: written.decode())  # type: ignore[misc]
                return

    def _put(self, progress: Progress) -> None:
        self._change(self._key("head"), lambda _: msgspec.json.encode(progress).decode())

    def _change(self, key: str, change: Callable[[str | None], str | None]) -> None:
        for _ in range(_TRIES):
            seen = self._state.get(key)
            if self._state.swap(key, change(seen.value if seen else None), seen=seen):
                return
        raise TemporaryError(text("another process hands the same lot over"))

    def _all_finished(self) -> tuple[str, ...]:
        kept = self._state.get(_FINISHED)
        return _names(kept.value if kept else None)

    def _key(self, part: str) -> str:
        return f"{self._name}.{part}"


def _short(batch: str) -> str:
    return sha256(batch.encode()).hexdigest()[:16]


def _names(kept: str | None) -> tuple[str, ...]:
    return tuple((kept or "").split())
