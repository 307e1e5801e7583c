"""Whom a report is believed: only what proves itself counts, and a stranger changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState, DeliveryUpdate, Origin
from incasso.domain.acts.contacts import Unmark
from incasso.domain.acts.deliveries import JudgeReport
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import Stage
from incasso.domain.sending.trust import Trust, envelope_id, trust_in
from incasso.services.acts.doing import ActError
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import CollectReport, collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.sending.envelopes import envelope_key
from incasso.store.tables import sending
from incasso.testing.fakes.channel import FakeChannel
from tests.doing import do, people
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, PROVEN, Office

LATER = NOW + timedelta(hours=1)
NEXT_DAY = ON + timedelta(days=1)
STRANGER = Origin()
"""Anybody can have written it, and nobody has checked who did."""
CHECKED = Origin(checked=True, domains=("stranger.example",))
"""The office's own server has checked the sender, and it is nobody who should know."""
FAILED = (DeliveryState.BOUNCED, DeliveryState.REFUSED, DeliveryState.EXPIRED)


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel(("email", "pec"), capabilities=(ChannelCapability.COLLECT,))


def sent(
    make_office: MakeOffice, channel: FakeChannel, stage: Stage | None = None
) -> tuple[Office, int]:
    """An office whose one message has left."""
    office = make_office(out=channel)
    people(office.store)
    step = office.step(stage=stage) if stage else office.step()
    dispatch(office.hub, CLOCK, ON)
    return office, step


def heard(
    office: Office, channel: FakeChannel, step: int, state: DeliveryState, origin: Origin | None
) -> CollectReport:
    channel.report(office.delivery(step).id, state, LATER, bad_address=True, origin=origin)
    return collect(office.hub, CLOCK, NEXT_DAY)


def standing(office: Office) -> list[tuple[str, str]]:
    with office.store.read() as connection:
        table = sending.delivery_events
        query = sa.select(table.c.trust, table.c.standing).order_by(table.c.id)
        return [tuple(row) for row in connection.execute(query)]


def marked(office: Office) -> list[str]:
    with office.store.read() as connection:
        return list(connection.scalars(sa.select(sending.bad_addresses.c.address)))


def judge(office: Office, step: int, *, bounced: bool, bad_address: bool = False) -> None:
    act = JudgeReport(
        subject=office.delivery(step).id, bounced=bounced, bad_address=bad_address, why="looked"
    )
    do(office.hub, act, on=NEXT_DAY)


@pytest.mark.parametrize("origin", [STRANGER, CHECKED])
def test_a_stranger_neither_stops_nor_advances_anything(
    make_office: MakeOffice, channel: FakeChannel, origin: Origin
) -> None:
    office, step = sent(make_office, channel)
    before = office.delivery(step), office.step_row(step), office.cases(step)
    for state in (DeliveryState.DELIVERED, DeliveryState.READ):
        assert heard(office, channel, step, state, origin).waiting == 0
    for number, state in enumerate(FAILED, start=1):
        assert heard(office, channel, step, state, origin).waiting == number
    assert (office.delivery(step), office.step_row(step), office.cases(step)) == before
    assert marked(office) == []
    assert standing(office) == [("unknown", "note")] * 2 + [("unknown", "waiting")] * 3


def test_a_stranger_does_not_prove_delivery(make_office: MakeOffice, channel: FakeChannel) -> None:
    office, step = sent(make_office, channel, PROVEN)
    for state in (DeliveryState.DELIVERED, DeliveryState.READ):
        for origin in (STRANGER, None, Origin(domains=("example.it", "pec.example.it"))):
            heard(office, channel, step, state, origin)
    assert office.delivery(step).status == "accepted"
    assert office.step_row(step).status == "done"
    heard(office, channel, step, DeliveryState.DELIVERED, Origin(proven=True))
    assert office.step_row(step).status == "counted"


def test_the_envelope_id_of_the_message_is_believed_and_no_other(
    make_office: MakeOffice, channel: FakeChannel
) -> None:
    office, step = sent(make_office, channel)
    (mail,) = channel.sent
    with office.store.read() as connection:
        key = envelope_key(connection)
    delivery = office.delivery(step).id
    assert mail.message.envelope_id == envelope_id(key, delivery)
    assert len(mail.message.envelope_id) <= 100 and mail.message.envelope_id.isascii()
    for guess in (
        envelope_id(key, "another"),
        mail.message.envelope_id[:-1],
        f"hub.{delivery}.",
        "\u00e9\ud800",
    ):
        heard(office, channel, step, DeliveryState.BOUNCED, Origin(envelope_id=guess))
        assert office.delivery(step).status == "accepted"
    right = Origin(envelope_id=mail.message.envelope_id)
    heard(office, channel, step, DeliveryState.BOUNCED, right)
    assert office.delivery(step).status == "bounced"
    assert marked(office) == [office.delivery(step).to]


def trust(origin: Origin | None, *, asked: bool = False) -> Trust:
    news = DeliveryUpdate(
        ref="d", update_id="u", state=DeliveryState.BOUNCED, at=LATER, origin=origin
    )
    return trust_in(news, asked=asked, to="anna@Mail.Example.it", expected="")


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        (Origin(proven=True), Trust.PROVEN),
        (Origin(trusted_server=True), Trust.FITTING),
        (Origin(domains=("mail.example.it",)), Trust.FITTING),
        (Origin(domains=("mx.mail.example.it",)), Trust.FITTING),
        (Origin(domains=("stranger.example", "EXAMPLE.it.")), Trust.FITTING),
        (Origin(domains=("xample.it",)), Trust.UNKNOWN),
        (Origin(domains=("notmail.example.it.evil.example",)), Trust.UNKNOWN),
        (Origin(domains=("it",)), Trust.UNKNOWN),
        (Origin(domains=("", ".")), Trust.UNKNOWN),
        (Origin(envelope_id=""), Trust.UNKNOWN),
        (None, Trust.FITTING),
    ],
)
def test_a_failure_is_believed_by_what_fits(origin: Origin | None, found: Trust) -> None:
    assert trust(origin) is found


def test_what_the_channel_asked_for_is_proven() -> None:
    assert trust(None, asked=True) is Trust.PROVEN
    assert trust(Origin(), asked=True) is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("about", "to", "same"),
    [
        ("", "anna@pec.example.it", True),
        ("Anna@PEC.example.it", "anna@pec.example.it", True),
        ("anna@xn--citt-3na.it", "anna@città.it", True),
        ("bruno@pec.example.it", "anna@pec.example.it", False),
        ("anna@example.it", "anna@pec.example.it", False),
        ("anna", "anna@pec.example.it", False),
    ],
)
def test_news_about_another_address_proves_nothing(about: str, to: str, same: bool) -> None:
    """A receipt names its recipient; one of a message to somebody else is none of ours."""
    news = DeliveryUpdate(
        ref="d",
        update_id="u",
        state=DeliveryState.DELIVERED,
        at=LATER,
        origin=Origin(proven=True),
        recipient=about,
    )
    found = trust_in(news, asked=False, to=to, expected="")
    assert found is (Trust.PROVEN if same else Trust.UNKNOWN)


@pytest.mark.parametrize("stage", [None, PROVEN])
def test_a_bounce_that_nobody_can_read_holds_its_stage_until_a_person_looks(
    make_office: MakeOffice, channel: FakeChannel, stage: Stage | None
) -> None:
    office, step = sent(make_office, channel, stage)
    was = office.cases(step)
    report = heard(office, channel, step, DeliveryState.UNREADABLE, STRANGER)
    assert (report.waiting, report.reached) == (1, {"questioned": 1})
    assert office.delivery(step).status == "questioned"
    row = office.step_row(step)
    assert (row.status, row.proof_until) == ("done", None)
    assert [case.step_id for case in office.cases(step)] == [step]
    assert marked(office) == []
    dispatch(office.hub, CLOCK, NEXT_DAY)
    assert len(channel.sent) == 1, "nothing else leaves meanwhile"

    judge(office, step, bounced=False)
    assert office.delivery(step).status == "accepted"
    assert office.step_row(step).status == ("done" if stage else "counted")
    assert [case.stage for case in office.cases(step)] == [case.stage for case in was]
    assert collect(office.hub, CLOCK, NEXT_DAY).waiting == 0
    assert verify(office.hub).good


def test_a_person_who_says_it_came_back_fails_the_step(
    make_office: MakeOffice, channel: FakeChannel
) -> None:
    office, step = sent(make_office, channel)
    heard(office, channel, step, DeliveryState.UNREADABLE, STRANGER)
    judge(office, step, bounced=True, bad_address=True)
    assert office.delivery(step).status == "bounced"
    assert office.step_row(step).status == "failed"
    assert marked(office) == [office.delivery(step).to]
    with pytest.raises(ActError, match="nothing waits"):
        judge(office, step, bounced=False)


def test_an_unreadable_bounce_of_a_known_stranger_holds_nothing(
    make_office: MakeOffice, channel: FakeChannel
) -> None:
    office, step = sent(make_office, channel)
    report = heard(office, channel, step, DeliveryState.UNREADABLE, CHECKED)
    assert report.waiting == 1
    assert office.delivery(step).status == "accepted"
    judge(office, step, bounced=False)
    assert office.step_row(step).status == "counted"


def test_believed_news_settles_what_waits(make_office: MakeOffice, channel: FakeChannel) -> None:
    office, step = sent(make_office, channel)
    heard(office, channel, step, DeliveryState.UNREADABLE, STRANGER)
    heard(office, channel, step, DeliveryState.BOUNCED, STRANGER)
    report = heard(office, channel, step, DeliveryState.BOUNCED, Origin(proven=True))
    assert report.waiting == 0
    assert office.step_row(step).status == "failed"
    assert [each for _, each in standing(office)] == ["settled", "settled", "taken"]


def test_a_marked_address_can_be_used_again(make_office: MakeOffice, channel: FakeChannel) -> None:
    office, step = sent(make_office, channel)
    heard(office, channel, step, DeliveryState.BOUNCED, Origin(proven=True))
    (address,) = marked(office)
    with pytest.raises(ActError, match="--why"):
        do(office.hub, Unmark(subject="C1", address=address), on=NEXT_DAY)
    with pytest.raises(ActError, match="not marked"):
        do(office.hub, Unmark(subject="C1", address="x@y.it", why="?"), on=NEXT_DAY)
    act = Unmark(subject="C1", address=address.upper(), why="they wrote")
    do(office.hub, act, on=NEXT_DAY)
    assert marked(office) == []
    assert verify(office.hub).good
