"""Retries of a message that could not leave: after minutes first, then hours, then none."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

DELAYS: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 960, 1440, 1440)
)
"""Pauses after each temporary failure: about three days in all.

Grey lists accept after minutes, full mailboxes after hours; mail servers give up after one to five
days (RFC 5321, 4.5.4.1), and so does this.
"""

SPREAD: Final = 5
"""A pause is lengthened by up to a fifth, so that a thousand messages are not retried at once."""

SLOW_DOWN: Final = timedelta(minutes=1)
"""Pause of a channel that says "too fast" without saying how long."""

CRASHES: Final = 3
"""After this many crashes a message counts as poison and waits for a person."""


def retry_delay(delivery: str, attempts: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after that many failed attempts (from 1); None: give up.

    Deterministic: the spread comes from the delivery id, so a test and a second worker agree.
    `asked` is what the other side wants us to wait at least.
    """
    if attempts > len(DELAYS):
        return None
    base = DELAYS[attempts - 1]
    digest = hashlib.sha256(f"{delivery}:{attempts}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return max(base + base / SPREAD * share, asked or timedelta(0))
