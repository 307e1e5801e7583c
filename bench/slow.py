"""Statements of a measured job that take long, with their counts; silent unless asked for.

Heard through SQLAlchemy's events, so what a fast path gives the driver itself is not in it, nor
the time of rows that are fetched after the statement gave its first.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

ASKED: Final = "BENCH_SLOW"
"""The environment's variable: milliseconds from which a statement is slow."""
_SHOWN: Final = 5


class Statement(NamedTuple):
    """One text of SQL."""

    sql: str
    runs: int
    seconds: float
    slowest: float


class SlowStatements:
    """Counts and times the statements of all engines while it listens."""

    def __init__(self) -> None:
        self._took: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen, if the bench was asked to."""
        if ASKED not in os.environ:
            yield
            return
        from sqlalchemy import Engine, event

        started: list[float] = []

        def before(*_: Any) -> None:
            started.append(time.perf_counter())

        def after(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
            self._took[" ".join(sql.split())].append(time.perf_counter() - started.pop())

        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", before)
            event.remove(Engine, "after_cursor_execute", after)

    def slowest(self) -> list[Statement]:
        """Those with a run that was slow, the most costly first."""
        limit = float(os.environ.get(ASKED, "0")) / 1000
        slow = [
            Statement(sql, len(took), sum(took), max(took))
            for sql, took in self._took.items()
            if max(took) >= limit
        ]
        return sorted(slow, key=lambda one: -one.seconds)[:_SHOWN]
