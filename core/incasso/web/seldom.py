"""Warnings that any stranger can cause: one line a minute of each kind, with how often it came.

A line for every piece of rubbish would let whoever reaches the port fill the disk with the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

A_MINUTE: Final = 60.0


class Seldom(logging.Filter):
    """Lets a kind of warning through once a minute; errors always. A kind is a line before its
    arguments are put in: the server has a handful."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` in seconds."""
        super().__init__()
        self._now = now
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; it says how many like it were not."""
        if record.levelno > logging.WARNING:
            return True
        now, kind = self._now(), str(record.msg)
        last, held_back = self._told.get(kind, (now - A_MINUTE, 0))
        if now - last < A_MINUTE:
            self._told[kind] = last, held_back + 1
            return False
        self._told[kind] = now, 0
        if held_back:
            record.msg = f"{kind} ({held_back} more of these since the last such line)"
        return True


SELDOM: Final = Seldom()
"""That of this process."""
