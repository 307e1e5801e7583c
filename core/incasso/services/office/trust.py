"""Whether a source's ledger may be relied upon today."""

from __future__ import annotations

from datetime import date, datetime

from incasso.domain.ledger.freshness import is_trusted
from incasso.services.office.office import Office
from incasso.store.recovery.facts import Trust


def trust_rule(office: Office, on: date, now: datetime | None) -> Trust:
    """Whether a source's last good sync is recent enough, by its company's `max_age_hours`."""

    def trusted(source: str, last_on: date | None, last_at: datetime | None) -> bool:
        hours = office.config.company(source).max_age_hours
        return is_trusted(last_on, last_at, on=on, now=now, max_age_hours=hours)

    return trusted
