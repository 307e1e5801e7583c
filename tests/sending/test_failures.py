"""Everything that can go wrong on the way out, and that nothing is lost or sent twice by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.domain.acts.deliveries import ResolveDelivery
from incasso.domain.office.actor import CLOCK
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.retry import DELAYS
from incasso.services.acts import ActError
from incasso.services.proof.verify import verify
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.send import GROUP
from incasso.store.proof.left_log import LeftLog
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.script import after, for_ever, raises
from tests.doing import do, people
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, Office

FIND = (ChannelCapability.FIND,)


def mail_that(*acts: object, can: tuple[ChannelCapability, ...] = ()) -> FakeChannel:
    return FakeChannel(("email",), acts, capabilities=can)  # type: ignore[arg-type]


def test_not_now_is_tried_again_later_and_later(make_office: MakeOffice) -> None:
    mail = mail_that(TemporaryError("451 greylisted"), TemporaryError("451 greylisted"))
    office = make_office(mail=mail)
    step = office.step()
    assert dispatch(office.hub, CLOCK, ON).later == 1
    first = office.delivery(step)
    assert (first.status, first.attempts) == ("queued", 1)
    assert first.next_attempt_at >= NOW + timedelta(minutes=1)
    assert dispatch(office.hub, CLOCK, ON).later == 0, "its time has not come"
    office.clock.forward(minutes=2)
    dispatch(office.hub, CLOCK, ON)
    second = office.delivery(step)
    assert second.next_attempt_at - office.clock.at >= timedelta(minutes=5)
    office.clock.forward(minutes=7)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 1}
    assert (office.delivery(step).id, len(mail.sent)) == (first.id, 1)


def test_after_days_of_not_now_the_step_fails(make_office: MakeOffice) -> None:
    # Every other message gets through, so that the breaker stays closed.
    mail = mail_that(*[None, TemporaryError("452 mailbox full")] * 20)
    office = make_office(mail=mail)
    step = office.step()
    for _ in range(len(DELAYS) + 1):
        assert office.step_row(step).status == "ready"
        office.step(due_on=ON - timedelta(days=1))
        office.clock.forward(hours=30)
        office.trust_ledger()
        dispatch(office.hub, CLOCK, ON)
    assert office.step_row(step).status == "failed"
    assert "given up" in office.delivery(step).reason
    assert office.delivery(step).attempts == len(DELAYS) + 1


def test_a_channel_that_is_down_burns_no_attempts(make_office: MakeOffice) -> None:
    mail = mail_that(*[TemporaryError("connection refused")] * 5)
    office = make_office(mail=mail)
    steps = [office.step() for _ in range(20)]
    report = dispatch(office.hub, CLOCK, ON)
    assert report.later == 5
    assert sum(row.attempts for row in office.deliveries()) == 4, "the fifth opened the breaker"
    office.clock.forward(minutes=10)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 20}
    assert {office.step_row(step).status for step in steps} == {"counted"}
    assert len({sent.delivery for sent in mail.sent}) == len(mail.sent) == 20


def test_wrong_credentials_stop_the_channel_and_burn_nothing(make_office: MakeOffice) -> None:
    office = make_office(mail=mail_that(AuthenticationError("535 refused")))
    steps = [office.step() for _ in range(3)]
    dispatch(office.hub, CLOCK, ON)
    assert {row.status for row in office.deliveries()} == {"queued"}
    assert sum(row.attempts for row in office.deliveries()) == 0
    assert {office.step_row(step).status for step in steps} == {"ready"}


def test_another_ready_channel_takes_over(make_office: MakeOffice) -> None:
    broken = mail_that(AuthenticationError("535 refused"))
    spare = FakeChannel(("email",), capabilities=())
    office = make_office(broken=broken, spare=spare)
    step = office.step()
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 1}
    assert len(spare.sent) == 1
    assert office.delivery(step).channel == "spare"


def test_too_fast_rests_the_channel_as_long_as_asked(make_office: MakeOffice) -> None:
    mail = mail_that(None, RateLimitedError("slow down", retry_after=timedelta(minutes=5)))
    office = make_office(mail=mail)
    for _ in range(4):
        office.step()
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, report.later) == ({"email": 1}, 1)
    office.clock.forward(minutes=4)
    assert dispatch(office.hub, CLOCK, ON).accepted == {}
    office.clock.forward(minutes=2)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 3}
    assert {row.attempts for row in office.deliveries()} == {1}


def test_a_refusal_fails_the_step_and_marks_the_address(make_office: MakeOffice) -> None:
    mail = mail_that(RejectedError("550 5.1.1 unknown user", bad_address=True))
    office = make_office(mail=mail)
    client = office.client()
    step = office.step(client)
    assert dispatch(office.hub, CLOCK, ON).failed == 1
    assert office.delivery(step).status == "failed"
    row = office.step_row(step)
    assert (row.status, row.counted_on) == ("failed", None)
    again = office.step(client)
    dispatch(office.hub, CLOCK, ON)
    assert office.step_row(again).status == "failed"
    assert "no usable address" in office.step_row(again).reason
    assert mail.sent == []


@pytest.mark.parametrize("error", [OutcomeUnknownError("line cut"), ValueError("a bug")])
def test_in_doubt_nothing_is_sent_again(make_office: MakeOffice, error: Exception) -> None:
    mail = mail_that(after(error))
    office = make_office(mail=mail)
    step = office.step()
    assert dispatch(office.hub, CLOCK, ON).uncertain == 1
    for _ in range(3):
        office.clock.forward(hours=1)
        dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 1
    assert office.delivery(step).status == "uncertain"
    assert office.step_row(step).status == "working"
    assert verify(office.hub).good


@pytest.mark.parametrize("left", [True, False])
def test_in_doubt_a_channel_that_can_be_asked_is_asked(make_office: MakeOffice, left: bool) -> None:
    error = OutcomeUnknownError("line cut")
    mail = mail_that(after(error) if left else raises(error), can=FIND)
    office = make_office(mail=mail)
    office.step()
    report = dispatch(office.hub, CLOCK, ON)
    assert report.uncertain == 0
    assert (report.accepted, report.later) == (({"email": 1}, 0) if left else ({}, 1))
    office.clock.forward(hours=1)
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 1


def test_a_person_settles_what_is_in_doubt(make_office: MakeOffice) -> None:
    mail = mail_that(OutcomeUnknownError("?"), OutcomeUnknownError("?"))
    office = make_office(mail=mail)
    arrived, lost = office.step(), office.step()
    dispatch(office.hub, CLOCK, ON)
    yes, no = office.delivery(arrived).id, office.delivery(lost).id
    people(office.store)
    do(office.hub, ResolveDelivery(subject=yes, sent=True, why="ho telefonato"), on=ON)
    do(office.hub, ResolveDelivery(subject=no, sent=False, why="ho telefonato"), on=ON)
    with pytest.raises(ActError):
        do(office.hub, ResolveDelivery(subject=yes, sent=False, why="ho telefonato"), on=ON)
    assert office.delivery(arrived).status == DeliveryStatus.ACCEPTED
    dispatch(office.hub, CLOCK, ON)
    assert office.step_row(arrived).status == "counted"
    assert [sent.message.about.step for sent in mail.sent] == [str(lost)]


def test_a_message_that_breaks_the_plugin_does_not_stop_the_others(
    make_office: MakeOffice,
) -> None:
    def poison(honest: object) -> object:
        raise ZeroDivisionError("a bug in the plugin")

    acts = [poison, None, poison, poison]
    mail = FakeChannel(("email",), {"channel_prepare": acts}, capabilities=())
    office = make_office(mail=mail)
    poisoned, good = office.step(), office.step()
    dispatch(office.hub, CLOCK, ON)
    assert office.step_row(good).status == "counted"
    assert office.step_row(poisoned).status == "ready"
    for _ in range(2):
        office.clock.forward(hours=1)
        dispatch(office.hub, CLOCK, ON)
    assert office.step_row(poisoned).status == "failed"
    assert office.delivery(poisoned).status == "failed"
    assert len(mail.sent) == 1


def test_a_hanging_channel_is_left_behind_and_its_message_is_in_doubt(
    make_office: MakeOffice,
) -> None:
    mail = mail_that(*for_ever_unknown())
    office = make_office(mail=mail)
    for _ in range(8):
        office.step()
    report = dispatch(office.hub, CLOCK, ON)
    assert report.uncertain == 5, "then the breaker opens"
    assert sum(row.status == "queued" for row in office.deliveries()) == 3


def for_ever_unknown() -> list[object]:
    return [
        act for act, _ in zip(for_ever(raises(OutcomeUnknownError("?"))), range(9), strict=False)
    ]


def test_a_person_who_skips_the_step_meanwhile_wins(make_office: MakeOffice) -> None:
    office: Office

    def skip_the_next(honest: object) -> object:
        office.set_step(second, status="skipped")
        return honest()  # type: ignore[operator]

    mail = mail_that(skip_the_next)
    office = make_office(mail=mail)
    group, second = office.many_steps(GROUP), office.step()
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.about.step for sent in mail.sent] == [str(step) for step in group]
    assert office.step_row(second).status == "skipped"
    assert office.delivery(second).status == "cancelled"


def test_a_hold_made_while_others_are_sent_keeps_the_message_back(
    make_office: MakeOffice,
) -> None:
    office: Office

    def changed(honest: object) -> object:
        office.set_step(second, total=1)
        return honest()  # type: ignore[operator]

    mail = mail_that(changed)
    office = make_office(mail=mail)
    office.many_steps(GROUP)
    second = office.step()
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == GROUP, "what it says is no longer what is owed"
    dispatch(office.hub, CLOCK, ON)
    assert str(mail.sent[-1].message.about.total) == "100.00"


def test_what_was_marked_and_not_begun_waits_as_before(make_office: MakeOffice) -> None:
    """The channel stops in the middle of a group: no attempt of the others is used up."""
    mail = mail_that(None, AuthenticationError("535 refused"))
    office = make_office(mail=mail)
    steps = office.many_steps(5)
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, report.later) == ({"email": 1}, 1)
    rows = [office.delivery(step) for step in steps]
    assert [row.status for row in rows] == ["accepted", *["queued"] * 4]
    assert [row.attempts for row in rows] == [1, 0, 0, 0, 0]
    assert {row.claimed_by for row in rows} == {""}
    assert [office.step_row(step).status for step in steps] == ["counted", *["ready"] * 4]


def test_a_group_that_takes_long_is_marked_again(make_office: MakeOffice) -> None:
    office: Office

    def slow(honest: object) -> object:
        office.clock.forward(seconds=6)
        marked.append([row.status for row in office.deliveries()].count("sending"))
        return honest()  # type: ignore[operator]

    marked: list[int] = []
    mail = mail_that(*[slow] * 5)
    office = make_office(mail=mail)
    office.many_steps(5)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 5}
    assert marked == [5, 5, 3, 3, 1], "after ten seconds the rest is put back and marked again"
    assert {row.attempts for row in office.deliveries()} == {1}
    assert len(mail.sent) == 5


def test_a_full_disk_sends_nothing_that_its_log_does_not_say(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_log: LeftLog, _delivery: str) -> None:
        raise OSError(28, "No space left on device")

    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    steps = office.many_steps(3)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(LeftLog, "begin", full)
        dispatch(office.hub, CLOCK, ON)
    assert {office.delivery(step).status for step in steps} == {"queued"}
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 3}
    assert {office.delivery(step).attempts for step in steps} == {1}
