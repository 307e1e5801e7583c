"""Contact hours: planning checks the day, this module the time of day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.calendar import Calendar
from incasso.services.office.office import Office
from incasso.store.recovery.iters import read_rules
from incasso.store.sending.outbox_queue import ReadyStep

CLOSED = text("outside the hours of the contact policy")


def outside_hours(
    office: Office, connection: Connection, steps: Sequence[ReadyStep], on: date
) -> dict[int, str]:
    """Steps whose medium may not be used at this hour, and why. A trial date has no time of day."""
    policy = read_rules(connection).policy
    local = office.now().astimezone(office.config.timezone)
    if local.date() != on:
        return {}
    found: dict[int, str] = {}
    for step in steps:
        company = office.config.company(step.source)
        calendar = Calendar(company.country, company.province)
        if not policy.allows(step.medium, on, local.time(), calendar):
            found[step.id] = CLOSED
    return found
