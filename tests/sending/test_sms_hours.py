"""Text messages interrupt, so they leave within the hours of the contact policy only."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.services.sending.dispatch import dispatch
from incasso.testing.fakes import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOTICE

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("at", "left"),
    [
        (datetime(2026, 11, 23, 8, 29, tzinfo=ROME), 0),  # a Monday
        (datetime(2026, 11, 23, 8, 30, tzinfo=ROME), 1),
        (datetime(2026, 11, 23, 20, 59, tzinfo=ROME), 1),
        (datetime(2026, 11, 23, 21, 0, tzinfo=ROME), 0),
        (datetime(2026, 11, 28, 14, 59, tzinfo=ROME), 1),  # a Saturday
        (datetime(2026, 11, 28, 15, 0, tzinfo=ROME), 0),
        (datetime(2026, 11, 29, 11, 0, tzinfo=ROME), 0),  # a Sunday
        (datetime(2026, 12, 8, 11, 0, tzinfo=ROME), 0),  # a public holiday
    ],
)
def test_outside_the_hours_it_waits(make_office: MakeOffice, at: datetime, left: int) -> None:
    channel = FakeChannel((Medium.SMS,))
    office = make_office(out=channel)
    office.trust_ledger(at) if hasattr(office, "trust_ledger") else None
    office.clock.at = at
    office.trust_ledger(at.date())
    stage = msgspec.structs.replace(NOTICE, channels=(Medium.SMS,))
    step = office.step(office.client(mobile="333 1234567"), stage)
    dispatch(office.hub, CLOCK, at.date())
    assert len(channel.sent) == left
    if not left:
        assert office.step_row(step).status == "ready", "it waits and is not lost"
