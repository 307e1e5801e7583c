"""What a client wrote makes automatic steps wait until somebody answered, a day at most."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from incasso.domain.acts.replies import ReplyDone
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.decision import Verdict, blocks, decide
from incasso.domain.recovery.iters import Mode
from incasso.locale.decisions import decision_text
from incasso.services.acts import perform
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.ledger import client_words
from incasso.store.tables.office import users
from incasso.testing.fakes.channel import FakeChannel
from tests.domain.credit import credit, day, mail, version
from tests.inbox.test_taking import BOSS, LATER, inbox
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, Office


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel(("email", "pec"))


@pytest.fixture
def office(make_office: MakeOffice, channel: FakeChannel) -> Office:
    office = make_office(mail=channel)
    with office.store.write() as connection:
        connection.execute(sa.insert(users), [{"login": "capo", "role": "credit_manager"}])
    return office


@pytest.mark.parametrize(
    ("days", "mode", "written", "waits_until"),
    [
        (1, Mode.AUTO, 5, 5),
        (1, Mode.AUTO, 4, None),
        (3, Mode.AUTO, 4, 6),
        (0, Mode.AUTO, 5, None),
        (1, Mode.APPROVE, 5, None),
    ],
)
def test_an_automatic_stage_waits_for_an_answer(
    days: int, mode: Mode, written: int, waits_until: int | None
) -> None:
    facts = credit(version(mail("sollecito", 5, mode=mode), wait_for_reply_days=days))
    decision = decide(replace(facts, replied_on=day(written)), day(5))
    if waits_until is None:
        assert decision.verdict is Verdict.STEP
        return
    assert (decision.verdict, decision.blocked_by, decision.opens) == (Verdict.WAIT, "reply", True)
    assert decision.next_on == day(waits_until + 1)
    found = next(each for each in decision.conditions if each.name == "reply")
    assert (found.value, found.until) == (day(written).isoformat(), day(waits_until))
    later = decide(replace(facts, replied_on=day(written)), day(waits_until + 1))
    assert later.verdict is Verdict.STEP
    assert blocks(facts, day(5))[0].name == "case"


def test_what_is_not_due_yet_is_not_held() -> None:
    """It is in no list of what stands still, and is told as what it is: due on its day."""
    facts = replace(credit(version(mail("sollecito", 5))), replied_on=day(3))
    decision = decide(facts, day(3))
    assert (decision.blocked_by, decision.next_on) == ("", day(5))
    assert decision_text(decision).template == "{stage} is due on {day}."


def test_a_ready_step_is_held_back_at_the_last_look(office: Office, channel: FakeChannel) -> None:
    held, other = office.step(), office.step()
    channel.receive("c1@example.it", "Ho pagato", at=LATER)
    with office.store.write() as connection:
        client_words.renew(connection, [1, 2])
    collect(office.hub, CLOCK, ON)
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.about.step for sent in channel.sent] == [str(other)]
    assert office.step_row(held).status == "cancelled"


def test_an_answered_one_holds_nothing_back(office: Office, channel: FakeChannel) -> None:
    step = office.step()
    with office.store.write() as connection:
        client_words.renew(connection, [1])
    channel.receive("c1@example.it", "Ho pagato", at=LATER)
    collect(office.hub, CLOCK, ON)
    perform(office.hub, BOSS, ReplyDone(subject=str(inbox(office)[0]["id"])), ON)
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.about.step for sent in channel.sent] == [str(step)]
