"""Messages that are written while earlier pages leave: the same ones, and nothing depends on it."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incasso.contract.errors import AuthenticationError
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.services.hub.hub import build_hub
from incasso.services.proof.verify import verify_store
from incasso.services.sending import composer_process, pages
from incasso.services.sending.composed import Leaving
from incasso.services.sending.composer_desk import Desk
from incasso.services.sending.composer_process import ComposerProcess
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.page import DispatchPage
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.published import templates
from incasso.services.sending.run import Run
from incasso.services.sending.written_ahead import Opening, Order, Written
from incasso.store.engine import Store
from incasso.store.recovery import iters
from incasso.store.sending import outbox_queue
from incasso.store.sending.dispatcher_lock import take_turn
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.ahead import write_ahead
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, PROVEN, Office
from tests.sending.test_failures import mail_that
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config


def test_written_there_is_written_here(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word and byte by byte, but for the id of the delivery."""
    monkeypatch.setattr("secrets.token_hex", lambda size: "7" * 2 * size)
    office.many_steps(3)
    client = office.client(name="Perché & C. <s.n.c.>", language="en")
    office.step(client, amounts=(10_000, 2_550, 1), currency="EUR")
    office.step(office.client(email="A@example.it, b@example.it"))
    office.step(office.client(), PROVEN)
    here = _written_here(office)
    with office.store.read() as connection:
        steps = outbox_queue.ready(connection, ON, office.at, (ON, 0), 100)
    opening = Opening(office.hub.config, ON, templates(office.hub), _key(office))
    there = Desk(office.hub, opening).written(Order(steps, {}))
    assert len(here) == len(there) == 6
    for one, other in zip(here, there, strict=True):
        assert (one.step.id, one.channel.id) == (other.step, other.channel)
        for name in ("delivery", "address", "message", "prepared", "stage", "lines", "credits"):
            assert getattr(one, name) == getattr(other, name)


def _written_here(office: Office) -> list[Leaving]:
    with take_turn(office.store) as turn:
        run = Run(office.hub, turn, ON)
        with turn.write() as connection:
            steps = outbox_queue.claim(connection, turn.owner, ON, office.at, (ON, 0), 100)
        with office.store.read() as connection:
            facts = PageFacts(office.hub, connection, steps, run.iter_of, ON)
        composed = list(DispatchPage(run, steps)._compose(steps, facts))
    return [each for each in composed if isinstance(each, Leaving)]


def _key(office: Office) -> bytes:
    with take_turn(office.store) as turn:
        return Run(office.hub, turn, ON).envelope_key


def test_every_page_but_the_first_is_written_ahead(
    office: Office, mail: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write_ahead(monkeypatch.setattr, 3)
    steps = office.many_steps(10)
    told: list[int] = []
    report = dispatch(office.hub, CLOCK, ON, progress=lambda _, count: told.append(count))
    assert report.accepted == {"email": 10}
    assert told == [3, 6, 9, 10]
    assert [int(each.message.about.step) for each in mail.sent] == steps
    assert [each.step for each in made[0].given] == steps[3:]
    assert {each.sha256 for each in office.deliveries()} >= {
        each.entry.sha256 for each in made[0].given
    }
    assert verify_store(office.store).problems == ()
    assert made[0].ready is False, "it was closed"


def test_a_client_who_is_about_to_hear_something_waits_for_it(
    office: Office, mail: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many messages he heard, and what a text says of earlier ones, is known only then."""
    made = write_ahead(monkeypatch.setattr, 2)
    with office.store.write() as connection:
        iters.save_setting(connection, "contact_policy", ContactPolicy(messages_per_day=1))
    client = office.client()
    first = office.step(client)
    others = office.many_steps(2)
    second = office.step(client)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.accepted == {"email": 3}
    assert made[0].ordered == [others[1]]
    assert [int(each.message.about.step) for each in mail.sent] == [first, *others]
    assert office.step_row(second).due_on > ON


def test_what_cannot_be_written_ahead_is_judged_at_its_turn(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = FakeChannel(("email",), capabilities=())
    office = make_office(mail=mail)
    write_ahead(monkeypatch.setattr, 2)
    office.many_steps(2)
    nobody = office.step(office.client(email=""))
    no_text = office.step(template="gone")
    good = office.step()
    report = dispatch(office.hub, CLOCK, ON)
    assert report.accepted == {"email": 3}
    assert office.step_row(nobody).status == "failed"
    assert office.step_row(no_text).status == "ready"
    assert "gone" in office.step_row(no_text).reason
    assert office.step_row(good).status == "counted"


def test_a_channel_that_stops_takes_nothing_that_was_written(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = mail_that(None, AuthenticationError("535 refused"))
    office = make_office(mail=mail)
    write_ahead(monkeypatch.setattr, 2)
    steps = office.many_steps(6)
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, len(mail.sent)) == ({"email": 1}, 1)
    assert [office.step_row(step).status for step in steps] == ["counted", *["ready"] * 5]
    assert "535" in office.step_row(steps[-1]).reason


def test_what_was_looked_at_long_ago_is_looked_at_again(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office: Office

    def slow(honest: object) -> object:
        office.clock.forward(seconds=70)
        office.pay(f"{paid}/1")
        return honest()  # type: ignore[operator]

    mail = mail_that(slow)
    office = make_office(mail=mail)
    made = write_ahead(monkeypatch.setattr, 1)
    office.step()
    paid = office.step()
    left = office.step()
    report = dispatch(office.hub, CLOCK, ON)
    assert made[0].ordered == [paid, left], "both were looked at while nothing was paid"
    assert (report.accepted, report.left_out) == ({"email": 2}, 1)
    assert office.step_row(paid).status == "cancelled"
    assert office.step_row(left).status == "counted"


def test_of_a_client_all_messages_are_written_ahead_or_none(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that may not both leave today, the count over both decides which one does."""
    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    made = write_ahead(monkeypatch.setattr, 2)
    office.many_steps(2)
    client = office.client()
    one, other = office.step(client), office.step(client, template="gone")
    dispatch(office.hub, CLOCK, ON)
    assert [each.step for each in made[0].given] == [one]
    assert office.step_row(one).status == "counted"
    assert len(office.deliveries(one)) == 1
    assert office.step_row(other).status == "ready"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["none", "killed", "silent", "never starts"])
def test_by_a_second_process(
    store: Store, hub_url: str, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever becomes of it, every message leaves, and once."""
    office = Office(store, {}, tmp_path)
    config = write_config(tmp_path, hub_url, 'plugin = "folder"\nfolder = "outbox"\n')
    trust(office)
    on = datetime.now(UTC).date()
    office.many_steps(50, on)
    monkeypatch.setattr(pages, "ENOUGH", 10)
    monkeypatch.setattr(pages, "PAGE", 10)
    monkeypatch.setattr(pages, "_SLOW", timedelta(minutes=5))
    monkeypatch.setattr(pages, "_cores", lambda: 2)
    taken: list[int] = []
    monkeypatch.setattr(pages, "ComposerProcess", spoiled(fault, taken, monkeypatch))
    with build_hub(config) as hub:
        assert dispatch(hub, CLOCK, on).accepted == {"email": 50}
    written = Counter(path.stem for path in (tmp_path / "outbox").rglob("*.json"))
    rows = live(office)
    assert written == Counter(row.id for row in rows)
    assert {row.status for row in rows} == {"accepted"}
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
    assert sum(taken) == {"none": 40, "killed": 10, "silent": 10, "never starts": 0}[fault]


def spoiled(fault: str, taken: list[int], monkeypatch: pytest.MonkeyPatch) -> type[ComposerProcess]:
    """A process for which the dispatcher waits, and what happens to it after its first page;
    `taken` is how many messages of each page came."""

    class Spoiled(ComposerProcess):
        @property
        def ready(self) -> bool:
            until = time.monotonic() + 60
            while not super().ready and not self.gone and time.monotonic() < until:
                time.sleep(0.05)
            return super().ready

        def taken(self) -> Sequence[Written]:
            found = super().taken()
            taken.append(len(found))
            if len(taken) == 1 and fault == "killed":
                self._process.kill()
                self._process.wait()
                self._line.close()
            if len(taken) == 1 and fault == "silent":
                os.kill(self._process.pid, signal.SIGSTOP)
                while self._line.poll():  # what it had said before
                    self._line.recv()
                monkeypatch.setattr(composer_process, "_PATIENCE_S", 0.1)
            return found

    if fault == "never starts":
        monkeypatch.setattr(composer_process, "_MODULE", "incasso.no_such_module")
    return Spoiled
