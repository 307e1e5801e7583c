"""How fast each address and each token may ask; in memory, for this process."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Final

from incasso.contract.errors import RateLimitedError
from incasso.plugins.pace import Pace

MOST_KNOWN: Final = 10_000
"""Askers remembered; whoever is forgotten begins with a whole burst."""


class Paces:
    """A pace for each asker, made when it first asks."""

    def __init__(self, per_second: Decimal, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._known: OrderedDict[str, Pace] = OrderedDict()
        self._lock = Lock()

    def wait(self, asker: str, at: datetime) -> int:
        """Zero, and its question is counted; else after how many seconds it may ask again."""
        with self._lock:
            pace = self._known.pop(asker, None) or Pace(
                self._per_second, self._burst, longest=timedelta(0)
            )
            self._known[asker] = pace
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        try:
            pace.claim(at)
        except RateLimitedError as error:
            left = error.retry_after or timedelta(seconds=1)
            return max(1, math.ceil(left.total_seconds()))
        return 0
