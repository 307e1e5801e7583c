"""Whether a source's ledger is fresh enough to plan on: with stale data, payers would be dunned."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from incasso.domain.ledger.trust import stale


def is_trusted(
    last_on: date | None,
    last_at: datetime | None,
    *,
    on: date,
    now: datetime | None,
    max_age_hours: int = 24,
) -> bool:
    """Whether the last good sync is recent on business day `on`, and at instant `now` if given.

    Whole days are compared first, so that a trial with another date gives that day's result. The
    instant decides only when `now` falls on `on`, or on an adjacent day across time zones.
    """
    if last_on is None:
        return False
    if on - last_on > timedelta(hours=max(max_age_hours, 24)):
        return False
    if now is None or last_at is None or abs((now.date() - on).days) > 1:
        return True
    return not stale(last_at, now, max_age_hours)
