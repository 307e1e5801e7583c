"""Channels send at the same time: a slow, a limited and a dead one delay nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest

from incasso.contract.capabilities import Limits
from incasso.contract.errors import AuthenticationError, TemporaryError
from incasso.domain.office.actor import CLOCK
from incasso.locale import localize
from incasso.plugins.rate import rate_of
from incasso.plugins.state import MemoryRows
from incasso.services.proof.verify import verify_store
from incasso.services.sending import resting
from incasso.services.sending.dispatch import dispatch
from incasso.store.engine import Store
from incasso.store.proof.left_log import LeftLog
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.script import for_ever, raises
from tests.channels.servers import SmtpServer
from tests.killing import victim
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust
from tests.sending.test_kill_points import doubtful

MINUTE = timedelta(minutes=1)


def limited(office: Office, channel: str, most: int) -> None:
    """So many calls a minute, as `calls_per_minute` in its table."""
    guard = office.hub.registry.channel(channel)._guard
    assert guard is not None
    guard.rate = rate_of(Limits(calls_per_minute=most), channel, MemoryRows())


def steps_of(office: Office, medium: str, count: int) -> None:
    for _ in range(count):
        office.step(medium=medium)


def most_in_a_minute(times: list[datetime]) -> int:
    return max(sum(start <= one < start + MINUTE for one in times) for start in times)


class Race:
    """Four channels: certified mail takes six a minute, the post room answers only once all mails
    have left, nobody answers at the printer's."""

    MAILS, CERTIFIED, REGISTERED, LETTERS = 20, 13, 2, 8

    def __init__(self, make_office: MakeOffice) -> None:
        self.mails_left = Event()
        self.others: dict[str, int] = {}
        self.at_once: list[int] = []
        self._in_room = Lock()
        self.mail = FakeChannel(("email",), for_ever(self._mailed))
        self.certified = FakeChannel(("pec",))
        self.room = FakeChannel(("registered",), for_ever(self._posted))
        self.printer = FakeChannel(("letter",), for_ever(raises(TemporaryError("no answer"))))
        # The mail channel comes last, and so do its steps: in one row it would be the last.
        self.office = make_office(
            printer=self.printer, room=self.room, certified=self.certified, mail=self.mail
        )
        limited(self.office, "certified", 6)
        steps_of(self.office, "letter", self.LETTERS)
        steps_of(self.office, "registered", self.REGISTERED)
        steps_of(self.office, "pec", self.CERTIFIED)
        steps_of(self.office, "email", self.MAILS)

    def _mailed(self, honest: Callable[[], Any]) -> Any:
        receipt = honest()
        if len(self.mail.sent) == self.MAILS:
            self.others = {
                "certified": len(self.certified.sent),
                "room": len(self.room.sent),
                "printer": self.printer.calls.count("channel_send"),
            }
            self.mails_left.set()
        return receipt

    def _posted(self, honest: Callable[[], Any]) -> Any:
        with self._in_room:
            assert self.mails_left.wait(60)
            return honest()

    def rest(self, ending: Event, rest: timedelta, still: Callable[[], bool]) -> bool:
        """Nobody really waits: the clock goes forward."""
        assert self.mails_left.wait(60)
        assert timedelta(0) < rest <= MINUTE + timedelta(seconds=1)
        self.office.clock.forward(seconds=rest.total_seconds())
        return True


def test_each_channel_goes_at_its_own_pace(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Race(make_office)
    monkeypatch.setattr(resting, "pause", race.rest)
    seen: list[tuple[str, int]] = []
    report = dispatch(
        race.office.hub,
        CLOCK,
        ON,
        progress=lambda what, count: seen.append((what, count)),
        longest_rest=resting.LONGEST,
    )
    assert race.mails_left.is_set(), "the mails waited for others"
    assert race.others["certified"] <= 6
    assert race.others["room"] == 0
    assert race.others["printer"] <= 5, "the breaker opens after five"
    assert report.accepted == {"email": 20, "pec": 13, "registered": 2}
    assert most_in_a_minute([each.at for each in race.certified.sent]) == 6
    status = Counter((row.medium, row.status) for row in race.office.deliveries())
    assert {key for key in status if key[0] == "letter"} == {("letter", "queued")}
    assert sum(report.waiting.values()) + report.later >= race.LETTERS, "each letter says why"
    assert {row.attempts for row in race.office.deliveries() if row.status == "accepted"} == {1}
    told = dict(seen)
    assert (told["mail"], told["certified"]) == (20, 13)
    assert verify_store(race.office.store).problems == ()


def test_without_leave_to_rest_the_others_are_left_to_the_next_dispatch(
    make_office: MakeOffice,
) -> None:
    certified = FakeChannel(("pec",))
    office = make_office(certified=certified, mail=FakeChannel(("email",)))
    limited(office, "certified", 6)
    steps_of(office, "pec", 10)
    office.many_steps(5)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.accepted == {"email": 5, "pec": 6}
    until = office.clock.at + MINUTE
    assert report.resting == {"certified": until}
    (why,) = report.waiting
    assert localize(why, "it").endswith("rallentare e riposa fino al 23/11/2026 10:01")
    office.clock.forward(minutes=2)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"pec": 4}


def test_a_channel_rests_as_long_as_others_work(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post room hands its letter over only when all certified mails have left."""
    all_left = Event()

    def slow(honest: Callable[[], Any]) -> Any:
        assert all_left.wait(60)
        return honest()

    def seventh(honest: Callable[[], Any]) -> Any:
        if len(certified.sent) == 9:
            all_left.set()
        return honest()

    certified = FakeChannel(("pec",), for_ever(seventh))
    office = make_office(certified=certified, room=FakeChannel(("registered",), [slow]))
    limited(office, "certified", 6)
    steps_of(office, "pec", 10)
    steps_of(office, "registered", 1)

    def rest(ending: Event, rest: timedelta, still: Callable[[], bool]) -> bool:
        assert still(), "the post room works"
        office.clock.forward(seconds=rest.total_seconds())
        return True

    monkeypatch.setattr(resting, "pause", rest)
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, report.resting) == ({"pec": 10, "registered": 1}, {})


def test_a_rest_ends_with_what_it_was_taken_beside() -> None:
    hour, ended = timedelta(hours=1), Event()
    assert not resting.pause(Event(), hour, lambda: False)
    ended.set()
    assert not resting.pause(ended, hour, lambda: True)
    assert resting.pause(Event(), timedelta(milliseconds=1), lambda: True)


def test_a_channel_that_refuses_again_after_its_rest_is_left_alone(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server counts otherwise than we do."""
    certified = FakeChannel(("pec",))
    office = make_office(certified=certified)
    limited(office, "certified", 6)
    steps_of(office, "pec", 10)
    rests: list[timedelta] = []

    def rest(ending: Event, rest: timedelta, still: Callable[[], bool]) -> bool:
        rests.append(rest)
        return True

    monkeypatch.setattr(resting, "pause", rest)
    report = dispatch(office.hub, CLOCK, ON, longest_rest=resting.LONGEST)
    assert (report.accepted, len(rests)) == ({"pec": 6}, 1), "the clock stands still"


def test_what_a_channel_leaves_the_next_one_takes(make_office: MakeOffice) -> None:
    refused = FakeChannel(("email",), [None, None, AuthenticationError("535 refused")])
    second, certified = FakeChannel(("email",)), FakeChannel(("pec",))
    office = make_office(first=refused, second=second, certified=certified)
    office.many_steps(40)
    steps_of(office, "pec", 3)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.accepted == {"email": 40, "pec": 3}
    assert (len(refused.sent), len(second.sent)) == (2, 38)
    assert {row.status for row in office.deliveries()} == {"accepted"}


def test_what_breaks_one_ends_the_others_after_their_message(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk is full for one channel: whatever left is written down, nothing leaves twice."""
    mail, certified = FakeChannel(("email",), capabilities=()), FakeChannel(("pec",))
    office = make_office(mail=mail, certified=certified)
    office.many_steps(60)
    steps_of(office, "pec", 60)
    real, begun = LeftLog.begin, Lock()
    count = [0]

    def full(log: LeftLog, delivery: str) -> None:
        with begun:
            count[0] += 1
            if count[0] == 30:
                raise OSError(28, "No space left on device")
        real(log, delivery)

    monkeypatch.setattr(LeftLog, "begin", full)
    with pytest.raises(OSError, match="No space"):
        dispatch(office.hub, CLOCK, ON)
    monkeypatch.setattr(LeftLog, "begin", real)
    gone = Counter(row.status for row in office.deliveries())
    assert set(gone) <= {"accepted", "queued"}, "none is in doubt"
    assert gone["accepted"] == len(mail.sent) + len(certified.sent) < 120
    dispatch(office.hub, CLOCK, ON)
    assert (len(mail.sent), len(certified.sent)) == (60, 60)
    assert len({each.delivery for each in (*mail.sent, *certified.sent)}) == 120


KILLED_AT = [("begun", 20), ("handed over", 40), ("noted", 45), ("marked", 3), ("committed", 4)]


@pytest.mark.kill
@pytest.mark.slow
def test_a_kill_with_two_channels_under_way(store: Store, hub_url: str, tmp_path: Path) -> None:
    """Mail cannot be asked, a folder can: one mail at most is in doubt, nothing leaves twice."""
    on = datetime.now(UTC).date()
    office = Office(store, {}, tmp_path)
    with SmtpServer() as server:
        config = tmp_path / "plugins.toml"
        config.write_text(
            f'[hub]\ndatabase = "{hub_url}"\n\n[channels.mail]\n'
            'plugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {server.port}\nsender = "crediti@acme.example.it"\n\n'
            '[channels.room]\nplugin = "folder"\nmedia = ["pec"]\nfolder = "outbox"\n\n'
            '[companies.acme]\nname = "ACME"\niban = "IT60X0542811101000000123456"\n'
        )
        trust(office)
        with victim("tests.sending.kill_worker", config, on) as process:
            process.run()
            for point, number in KILLED_AT:
                known = doubtful(office)
                office.many_steps(30, on)
                for _ in range(30):
                    office.step(medium="pec", due_on=on)
                killed, _ = process.run(number, point)
                assert killed, (point, number)
                process.run()
                assert len(doubtful(office) - known) <= 1, (point, number)
        arrived = Counter(message.delivery for message in server.messages)
    written = Counter(path.stem for path in (tmp_path / "outbox").rglob("*.json"))
    rows = live(office)
    assert set((arrived + written).values()) == {1}
    assert {row.status for row in rows} <= {"accepted", "uncertain"}
    assert len(rows) == 300, "nothing is lost"
    assert {row.id for row in rows if row.status == "accepted"} <= {*arrived, *written}
    assert all(row.status == "accepted" for row in rows if row.medium == "pec")
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
