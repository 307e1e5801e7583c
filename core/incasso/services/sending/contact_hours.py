"""When a planned step may leave: the hours of the contact policy, and working days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.timing import last_adjustment
from incasso.services.office.office import Office
from incasso.store.recovery.iters import read_rules
from incasso.store.sending.outbox_queue import ReadyStep

NO_WORKING_DAY = text("its stage leaves on working days only")


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
        calendar = calendar_of(office, step.source)
        if not policy.allows(step.medium, on, local.time(), calendar):
            again = policy.opens_again(step.medium, on, local.time(), calendar)
            found[step.id] = _closed(again and datetime.combine(*again))
    return found


def _closed(until: datetime | None) -> Text:
    if until is None:
        return text("outside the hours of the contact policy")
    return text("outside the hours of the contact policy until {moment}", moment=until)


def rests(office: Office, source: str, stage: Stage, on: date) -> bool:
    """Whether a step planned earlier must wait for the next working day, as its stage says."""
    return stage.working_days and last_adjustment(stage, on, calendar_of(office, source)) != on


def calendar_of(office: Office, source: str) -> Calendar:
    """Where a source works."""
    company = office.config.company(source)
    return Calendar(company.country, company.province)
