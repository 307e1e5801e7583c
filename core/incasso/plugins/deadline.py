"""The deadline that a call's doors look at."""

from __future__ import annotations

from typing import Protocol


class Deadline(Protocol):
    """Something whose `deadline`, on the monotonic clock, may still move: a pull has one a page."""

    deadline: float
