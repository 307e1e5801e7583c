"""The schedule of the hub: times of day per job; missed runs are caught up once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from incasso.domain.calendar import Calendar


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job done daily at some times, in the office's local time."""

    at: tuple[time, ...]
    working_days: bool = True
    """Only Monday to Friday without public holidays."""


Schedule = Mapping[str, Job]
"""Jobs by name: run, sync, collect, plan, dispatch."""

DEFAULT_SCHEDULE: Schedule = {
    # Exports are usually made at night, and mail is best read before the calls start.
    "run": Job(at=(time(7, 30),)),
    # Bounces and receipts arrive over hours; a step may wait for them.
    "collect": Job(at=(time(10), time(13), time(16), time(19)), working_days=False),
}

_FAR = timedelta(days=14)  # longer than any run of days without a working day


def next_time(job: Job, after: datetime, timezone: ZoneInfo, calendar: Calendar) -> datetime | None:
    """The first instant after `after` at which the job is due, in UTC; None if it has no times.

    A time that the clock skips in spring comes at the same moment as the hour after it, and one
    that comes twice in autumn counts once.
    """
    day = after.astimezone(timezone).date()
    end = day + _FAR
    while day <= end:
        if not job.working_days or calendar.is_working(day):
            for at in sorted(job.at):
                instant = datetime.combine(day, at, timezone).astimezone(UTC)
                if instant > after:
                    return instant
        day += timedelta(days=1)
    return None


def is_due(
    job: Job, last: datetime | None, now: datetime, timezone: ZoneInfo, calendar: Calendar
) -> bool:
    """Whether the job is due now. However many times were missed since `last`, it is due once.

    A job that never ran is due at its next time, not at once: a new hub must not send unexpectedly.
    """
    if last is None:
        return False
    following = next_time(job, last, timezone, calendar)
    return following is not None and following <= now


def local_day(now: datetime, timezone: ZoneInfo) -> date:
    """The business day of an instant."""
    return now.astimezone(timezone).date()
