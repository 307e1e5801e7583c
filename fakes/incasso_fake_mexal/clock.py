"""The server's own clock: set by hand, in the server's local time, never the machine's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

MORNING: Final = datetime(2026, 11, 23, 6, 0, 0)  # noqa: DTZ001 - the ERP knows no time zone
"""When a new server believes to be: the day most tests and the tutorial use."""


class Clock:
    """What `data_ric_elab` and `data_ult_mod` are written with. It stands still unless moved.

    So two changes may carry the same second, and a read may happen in the second of a change:
    both occur in real life and cost readers that compare with `>` a row.
    """

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    @property
    def today(self) -> date:
        """The server's day."""
        return self.now.date()

    def tick(self, seconds: float = 1, *, days: int = 0) -> datetime:
        """Time goes by; negative for a clock that somebody put back."""
        self.now += timedelta(days=days, seconds=seconds)
        return self.now

    def set(self, now: datetime) -> None:
        """A jump, forward or back."""
        self.now = now
