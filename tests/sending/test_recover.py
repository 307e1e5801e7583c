"""After a crash: the dead are judged, the living are left alone, two at work never collide."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.values import Receipt
from incasso.domain.office.actor import CLOCK
from incasso.services.proof.verify import verify
from incasso.services.sending.dispatch import dispatch
from incasso.store.sending import outbox_queue
from incasso.store.sending.dispatcher_lock import BusyError, take_turn
from incasso.store.tables import sending
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, Office

DEAD = "1"
"""A dispatcher whose lock nobody holds."""

AT_ONCE = timedelta(0)


class Killed(BaseException):
    """Stands for a kill: nothing of ours may catch it."""


def killed_while_sending(office: Office, channel: Asked, *, arrived: bool) -> int:
    """A step whose dispatcher died in the middle of handing it over."""
    step = office.step()
    row = {
        "id": "00112233445566aa",
        "step_id": step,
        "source_id": office.source,
        "client_id": office.step_row(step).client_id,
        "medium": "email",
        "channel": "out",
        "to": "c1@example.it",
        "status": "sending",
        "claimed_by": DEAD,
        "sending_at": NOW - timedelta(minutes=5),
        "attempts": 1,
        "on_date": ON,
        "sha256": "",
    }
    with office.store.write() as connection:
        connection.execute(sa.insert(sending.deliveries), row)
        connection.execute(sa.insert(sending.step_claims), {"step_id": step, "owner": DEAD})
    office.set_step(step, status="working")
    if arrived:
        channel.remember("00112233445566aa")
    return step


class Asked(FakeChannel):
    """A channel that can be asked, and may remember what an earlier process sent."""

    def remember(self, delivery: str) -> None:
        """An earlier process sent it."""
        self._receipts[delivery] = Receipt(ref=f"sent-{delivery}", at=NOW)


def asked(*can: ChannelCapability) -> Asked:
    return Asked(("email",), capabilities=can)


def test_found_means_accepted(make_office: MakeOffice) -> None:
    channel = asked(ChannelCapability.FIND)
    office = make_office(out=channel)
    step = killed_while_sending(office, channel, arrived=True)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.recovered == {"accepted": 1}
    assert office.delivery(step).status == "accepted"
    assert office.step_row(step).status == "counted"
    assert channel.sent == []


def test_certainly_not_sent_means_sent_now(make_office: MakeOffice) -> None:
    channel = asked(ChannelCapability.FIND)
    office = make_office(out=channel)
    step = killed_while_sending(office, channel, arrived=False)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.recovered == {"queued": 1}
    assert office.delivery(step).id == "00112233445566aa", "under the same reference"
    assert len(channel.sent) == 1


def test_nobody_knows_means_a_person_looks(make_office: MakeOffice) -> None:
    channel = asked()
    office = make_office(out=channel)
    step = killed_while_sending(office, channel, arrived=False)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.recovered == {"uncertain": 1}
    assert dispatch(office.hub, CLOCK, ON).recovered == {}
    assert office.delivery(step).status == "uncertain"
    assert channel.sent == []
    assert "look" in office.step_row(step).reason


def test_the_other_side_that_knows_repeats_is_told_again(make_office: MakeOffice) -> None:
    channel = asked(ChannelCapability.IDEMPOTENT)
    office = make_office(out=channel)
    step = killed_while_sending(office, channel, arrived=True)
    dispatch(office.hub, CLOCK, ON)
    assert office.delivery(step).status == "accepted"


def test_a_living_dispatcher_is_left_alone(make_office: MakeOffice) -> None:
    channel = asked()
    office = make_office(out=channel)
    step = killed_while_sending(office, channel, arrived=False)
    with take_turn(office.store) as alive:
        with office.store.write() as connection:
            connection.execute(sa.update(sending.deliveries).values(claimed_by=alive.owner))
            connection.execute(sa.update(sending.step_claims).values(owner=alive.owner))
        if office.store.is_sqlite:
            with pytest.raises(BusyError):
                dispatch(office.hub, CLOCK, ON)
            return
        assert dispatch(office.hub, CLOCK, ON, patience=AT_ONCE).recovered == {}
        assert office.delivery(step).status == "sending"
    assert dispatch(office.hub, CLOCK, ON, patience=AT_ONCE).recovered == {"uncertain": 1}


def test_on_a_server_a_fresh_call_gets_time_to_end(make_office: MakeOffice) -> None:
    channel = asked()
    office = make_office(out=channel)
    killed_while_sending(office, channel, arrived=False)
    if office.store.is_sqlite:
        pytest.skip("on one machine the operating system knows who is dead")
    with office.store.write() as connection:
        connection.execute(sa.update(sending.deliveries).values(sending_at=NOW))
    assert dispatch(office.hub, CLOCK, ON).recovered == {}
    office.clock.forward(minutes=2)
    assert dispatch(office.hub, CLOCK, ON).recovered == {"uncertain": 1}


def test_a_kill_between_answer_and_count_is_made_good(make_office: MakeOffice) -> None:
    channel = asked()
    office = make_office(out=channel)
    steps = office.many_steps(3)

    def killed(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("incasso.services.sending.page.conclude_for", killed)
        with pytest.raises(Killed):
            dispatch(office.hub, CLOCK, ON)
    assert {row.status for row in office.deliveries()} == {"accepted"}
    assert {office.step_row(step).status for step in steps} == {"working"}
    dispatch(office.hub, CLOCK, ON + timedelta(days=1))
    assert [office.step_row(step).counted_on for step in steps] == [ON] * 3
    assert len(channel.sent) == 3
    assert verify(office.hub).events == 3


def test_claims_do_not_outlive_their_dispatch(make_office: MakeOffice) -> None:
    office = make_office(out=asked())
    office.step()
    office.step(template="mai_scritto")
    dispatch(office.hub, CLOCK, ON)
    with office.store.read() as connection:
        assert outbox_queue.owners(connection) == set()


def test_several_dispatchers_share_the_queue(make_office: MakeOffice) -> None:
    channel = asked()
    office = make_office(out=channel)
    if office.store.is_sqlite:
        pytest.skip("one dispatcher at a time serves an SQLite database")
    office.many_steps(450)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            dispatch(office.hub, CLOCK, ON)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert len({sent.delivery for sent in channel.sent}) == len(channel.sent) == 450
    assert {row.status for row in office.deliveries()} == {"accepted"}
    assert verify(office.hub).good
