"""The deadline that a call's doors respect."""

from __future__ import annotations

from typing import Protocol


class Deadline(Protocol):
    """A `deadline` on the monotonic clock that may still move: a pull has one per page."""

    deadline: float
