"""When one way is closed the next plan takes the stage's next medium, and in the end a person."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState
from incasso.contract.errors import RejectedError
from incasso.domain.office.actor import CLOCK
from incasso.services.recovery.plan import plan
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.tables import recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, PROVEN, Office

LATER = NOW + timedelta(hours=1)


def steps(office: Office) -> list[tuple[str, str, str, str]]:
    columns = recovery.steps.c
    with office.store.read() as connection:
        rows = connection.execute(sa.select(recovery.steps).order_by(columns.id))
        return [(row.stage, row.action, row.medium, row.status) for row in rows]


def test_a_refused_mail_leaves_by_certified_mail(make_office: MakeOffice) -> None:
    mail = FakeChannel(("email",), [RejectedError("550 5.2.1 disabled")], capabilities=())
    pec = FakeChannel(("pec",), capabilities=())
    office = make_office(mail=mail, pec=pec)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    plan(office.hub, CLOCK, ON)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"pec": 1}
    assert steps(office) == [
        ("sollecito", "send", "email", "failed"),
        ("sollecito", "send", "pec", "counted"),
    ]
    assert [each.message.to.address for each in pec.sent] == ["c1@pec.example.it"]
    assert [case.stage for case in office.cases(step)] == ["sollecito"]


def test_a_bounce_after_counting_does_the_stage_again_another_way(
    make_office: MakeOffice,
) -> None:
    mail = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    pec = FakeChannel(("pec",), capabilities=())
    office = make_office(mail=mail, pec=pec)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    mail.report(office.delivery(step).id, DeliveryState.BOUNCED, LATER, bad_address=True)
    next_day = ON + timedelta(days=1)
    office.clock.forward(days=1)
    office.trust_ledger(next_day)
    collect(office.hub, CLOCK, next_day)
    plan(office.hub, CLOCK, next_day)
    dispatch(office.hub, CLOCK, next_day)
    assert steps(office) == [
        ("sollecito", "send", "email", "failed"),
        ("sollecito", "send", "pec", "counted"),
    ]
    (case,) = office.cases(step)
    assert (case.stage, case.counted_on) == ("sollecito", next_day)


def test_when_no_way_is_left_a_person_gets_it(make_office: MakeOffice) -> None:
    refusing = FakeChannel(
        ("email", "pec"), [RejectedError("550 no"), RejectedError("550 no")], capabilities=()
    )
    office = make_office(out=refusing)
    office.step()
    for _ in range(2):
        dispatch(office.hub, CLOCK, ON)
        plan(office.hub, CLOCK, ON)
    assert [each[1:] for each in steps(office)] == [
        ("send", "email", "failed"),
        ("send", "pec", "failed"),
        ("task", "", "ready"),
    ]
    assert dispatch(office.hub, CLOCK, ON).accepted == {}


def test_silence_after_the_days_for_proof_is_judged_by_the_stage(
    make_office: MakeOffice,
) -> None:
    silent = FakeChannel(("pec", "registered"), capabilities=())
    office = make_office(out=silent)
    office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    in_time, late = ON + timedelta(days=3), ON + timedelta(days=4)
    for day in (in_time, late):
        office.clock.at = NOW + (day - ON)
        office.trust_ledger(day)
        plan(office.hub, CLOCK, day)
        dispatch(office.hub, CLOCK, day)
    assert [each.message.medium.value for each in silent.sent] == ["pec", "registered"]
    assert [each[2] for each in steps(office)] == ["pec", "registered"]
