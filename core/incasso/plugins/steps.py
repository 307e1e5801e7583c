"""The steps of a check: what it is at, and how long each took.

A check may have to sum up a whole ledger. Whoever waits for it sees which part it is at, and
afterwards which part was slow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

Watch = Callable[[str], None]
"""Called with the name of each step as it begins, on the thread of the call."""

SLOW_S: Final = 3.0
"""Seconds from which on a step is worth a line."""


class Step(NamedTuple):
    """One part of a check, in the plugin's words, and its seconds."""

    what: str
    seconds: float


class Steps:
    """What one check told of itself."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._begun: list[tuple[str, float]] = []

    def begin(self, what: str) -> None:
        """The step before is over, and this one begins."""
        self._begun.append((what, time.monotonic()))
        if self._watch is not None:
            self._watch(what)

    @property
    def present(self) -> str:
        """The step it is at; empty before the first."""
        return self._begun[-1][0] if self._begun else ""

    def ended(self) -> tuple[Step, ...]:
        """The steps so far; the last one is counted until now."""
        ends = [began for _, began in self._begun[1:]] + [time.monotonic()]
        pairs = zip(self._begun, ends, strict=False)
        return tuple(Step(what, end - began) for (what, began), end in pairs)

    def slow(self) -> tuple[Step, ...]:
        """Those that took long, the slowest first."""
        found = [step for step in self.ended() if step.seconds >= SLOW_S]
        return tuple(sorted(found, key=lambda step: -step.seconds))
