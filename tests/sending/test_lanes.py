"""Several messages at a time through one channel: each once, and each with its own line first."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Lock

import pytest

from incasso.contract.errors import AuthenticationError, RejectedError, TemporaryError
from incasso.domain.office.actor import CLOCK
from incasso.domain.proof.left import Begun, Left
from incasso.services.proof.verify import verify_store
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.send import GROUP
from incasso.store.engine import Store
from incasso.store.proof import left_log
from incasso.store.proof.left_log import LeftLog
from incasso.testing.fakes.channel import FakeChannel
from tests.channels.servers import SmtpServer
from tests.killing import victim
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, Office
from tests.sending.test_failures import mail_that
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config
from tests.sending.test_kill_points import doubtful


def through(make_office: MakeOffice, mail: FakeChannel, connections: int) -> Office:
    office = make_office(mail=mail)
    office.hub.registry.channel("mail").connections = connections
    return office


def test_so_many_are_handed_over_at_the_same_time(make_office: MakeOffice) -> None:
    """Each waits in the channel until three are there."""
    together = Barrier(3)

    def waits(honest: object) -> object:
        together.wait(20)
        return honest()  # type: ignore[operator]

    office = through(make_office, mail_that(*[waits] * 12), 3)
    office.many_steps(12)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 12}
    assert Counter(row.status for row in office.deliveries()) == {"accepted": 12}
    assert {row.attempts for row in office.deliveries()} == {1}
    assert verify_store(office.store).problems == ()


def test_without_the_setting_one_after_the_other(make_office: MakeOffice) -> None:
    busy = Lock()
    alone: list[bool] = []

    def watches(honest: object) -> object:
        alone.append(busy.acquire(blocking=False))
        try:
            return honest()  # type: ignore[operator]
        finally:
            busy.release()

    office = make_office(mail=mail_that(*[watches] * 6))
    office.many_steps(6)
    dispatch(office.hub, CLOCK, ON)
    assert alone == [True] * 6


def test_each_begins_in_the_log_before_its_call(make_office: MakeOffice) -> None:
    office = through(make_office, mail_that(), 3)
    office.many_steps(GROUP * 2)
    dispatch(office.hub, CLOCK, ON)
    (run,) = left_log.runs(office.store.archive)
    lines = list(run)
    begun = [line.delivery for line in lines if isinstance(line, Begun)]
    assert Counter(begun) == Counter(row.id for row in office.deliveries())
    for place, line in enumerate(lines):
        if isinstance(line, Left):
            assert Begun(line.delivery) in lines[:place]


def test_answers_are_of_the_message_they_answer(make_office: MakeOffice) -> None:
    script: list[object] = [
        None,
        RejectedError("550 gone"),
        TemporaryError("later"),
        None,
        None,
    ] * 4
    mail = mail_that(*script)
    office = through(make_office, mail, 4)
    office.many_steps(20)
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, report.failed, report.later) == ({"email": 12}, 4, 4)
    sent = {each.delivery for each in mail.sent}
    assert sent == {row.id for row in office.deliveries() if row.status == "accepted"}


def test_a_channel_that_stops_begins_no_more(make_office: MakeOffice) -> None:
    office = through(make_office, mail_that(None, AuthenticationError("535 refused")), 2)
    office.many_steps(10)
    report = dispatch(office.hub, CLOCK, ON)
    rows = office.deliveries()
    accepted = [row for row in rows if row.status == "accepted"]
    assert len(accepted) == sum(report.accepted.values()) <= 2, "one may have been under way"
    assert {row.status for row in rows} <= {"accepted", "queued"}
    assert all(row.attempts == 0 for row in rows if row.status == "queued")


def test_a_full_disk_lets_no_lane_begin(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = mail_that()
    office = through(make_office, mail, 3)
    office.many_steps(10)
    real = LeftLog.begin
    begun: list[str] = []

    def full(log: LeftLog, delivery: str) -> None:
        if len(begun) >= 4:
            raise OSError(28, "No space left on device")
        begun.append(delivery)
        real(log, delivery)

    monkeypatch.setattr(LeftLog, "begin", full)
    with pytest.raises(OSError, match="No space"):
        dispatch(office.hub, CLOCK, ON)
    accepted = {row.id for row in office.deliveries() if row.status == "accepted"}
    assert accepted == {each.delivery for each in mail.sent} == set(begun)
    assert {row.status for row in office.deliveries()} == {"accepted", "queued"}


KILLED_AT = [("begun", 10), ("begun", 40), ("handed over", 30), ("noted", 25), ("marked", 2)]


@pytest.mark.kill
@pytest.mark.slow
def test_a_kill_leaves_one_in_doubt_for_each_connection(
    store: Store, hub_url: str, tmp_path: Path
) -> None:
    on = datetime.now(UTC).date()
    office = Office(store, {}, tmp_path)
    with SmtpServer() as server:
        settings = (
            'plugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {server.port}\nsender = "crediti@acme.example.it"\nconnections = 3\n'
        )
        config = write_config(tmp_path, hub_url, settings)
        trust(office)
        with victim("tests.sending.kill_worker", config, on) as process:
            process.run()
            for point, number in KILLED_AT:
                known = doubtful(office)
                office.many_steps(50, on)
                killed, _ = process.run(number, point)
                assert killed, (point, number)
                process.run()
                new = len(doubtful(office) - known)
                assert new <= (0 if point == "marked" else 3), (point, number)
        arrived = Counter(message.delivery for message in server.messages)
    rows = live(office)
    certain = {row.id for row in rows if row.status == "accepted"}
    assert set(arrived.values()) == {1}
    assert {row.status for row in rows} <= {"accepted", "uncertain"}
    assert len(rows) == 250, "nothing is lost"
    assert certain <= arrived.keys()
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
