"""Just before leaving the caps on messages are asked once more (rule 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.contract.errors import RejectedError, TemporaryError
from incasso.domain.acts.steps import Approve
from incasso.domain.office.actor import CLOCK, Role
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import iters
from incasso.store.tables import ledger, proof, recovery, sending
from incasso.testing.fakes.channel import FakeChannel
from tests.doing import do, people
from tests.sending.conftest import MakeOffice
from tests.sending.office import ITER, NOTICE, NOW, ON, PROVEN, Office

MONDAY = ON + timedelta(days=7)
CAPPED = "postponed to 2026-11-30: at most 2 messages a week"


def on_day(office: Office, day: date) -> Any:
    """What leaves on a day."""
    office.clock.at = NOW + (day - ON)
    office.trust_ledger(day)
    return dispatch(office.hub, CLOCK, day)


def told(mail: FakeChannel) -> list[str]:
    """The steps whose messages left."""
    return [sent.message.about.step for sent in mail.sent]


def test_a_third_message_gets_the_first_day_allowed(office: Office, mail: FakeChannel) -> None:
    client = office.client()
    first, second, third = (office.step(client) for _ in range(3))
    report = dispatch(office.hub, CLOCK, ON)
    assert told(mail) == [str(first), str(second)]
    row = office.step_row(third)
    assert (row.status, row.due_on, str(row.reason)) == ("ready", MONDAY, CAPPED)
    assert len(office.cases(third)) == 1
    assert dict(report.waiting) == {CAPPED: 1}
    for number in range(1, 7):
        on_day(office, ON + timedelta(days=number))
    assert len(mail.sent) == 2
    on_day(office, MONDAY)
    assert told(mail)[2:] == [str(third)]
    assert office.step_row(third).reason == ""


def test_the_journal_tells_what_was_postponed(office: Office) -> None:
    client = office.client()
    for _ in range(3):
        office.step(client)
    dispatch(office.hub, CLOCK, ON)
    with office.store.read() as connection:
        table = proof.journal
        (event,) = connection.execute(sa.select(table).where(table.c.kind == "step.postponed"))
    assert (event.source, event.client, event.subject) == ("acme", "C1", "step 3")
    assert event.facts["to"] == "2026-11-30"


def test_a_formal_notice_leaves_and_takes_a_place(
    office: Office, mail: FakeChannel, pec: FakeChannel
) -> None:
    client = office.client()
    first, second, notice = office.step(client), office.step(client), office.step(client, PROVEN)
    dispatch(office.hub, CLOCK, ON)
    assert (told(pec), told(mail)) == ([str(notice)], [str(first)])
    assert office.step_row(second).due_on == MONDAY


def test_what_is_approved_late_breaks_no_cap_and_keeps_its_words(
    office: Office, mail: FakeChannel
) -> None:
    people(office.store, Role.CREDIT_MANAGER)
    client = office.client()
    late = office.step(client, status="proposed", mode="approve", text_override="Come d'accordo.")
    for _ in range(2):
        office.step(client)
    dispatch(office.hub, CLOCK, ON)
    do(office.hub, Approve(subject=f"step:{late}"), on=ON)
    on_day(office, ON + timedelta(days=2))
    assert len(mail.sent) == 2
    row = office.step_row(late)
    assert (row.status, row.due_on, row.text_override) == ("ready", MONDAY, "Come d'accordo.")
    on_day(office, MONDAY)
    assert "Come d'accordo." in mail.sent[2].message.text


def test_another_client_is_not_concerned(office: Office, mail: FakeChannel) -> None:
    for _ in range(2):
        client = office.client()
        for _ in range(2):
            office.step(client)
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 4


def test_what_failed_does_not_count(make_office: MakeOffice) -> None:
    mail = FakeChannel(("email",), [RejectedError("mailbox full")], capabilities=())
    office = make_office(mail=mail)
    client = office.client()
    office.step(client)
    dispatch(office.hub, CLOCK, ON)
    for _ in range(2):
        office.step(client)
    on_day(office, ON + timedelta(days=1))
    assert len(mail.sent) == 2


def test_what_waits_in_the_queue_counts_but_not_against_itself(make_office: MakeOffice) -> None:
    mail = FakeChannel(("email",), [TemporaryError("busy")], capabilities=())
    office = make_office(mail=mail)
    client = office.client()
    waits = office.step(client)
    dispatch(office.hub, CLOCK, ON)
    second, third = office.step(client), office.step(client)
    dispatch(office.hub, CLOCK, ON)
    assert told(mail) == [str(second)]
    assert office.step_row(third).due_on == MONDAY
    office.clock.forward(hours=2)
    dispatch(office.hub, CLOCK, ON)
    assert told(mail) == [str(second), str(waits)]


def test_a_working_days_stage_is_postponed_to_a_working_day(office: Office) -> None:
    """29 March 2027 is Easter Monday."""
    wednesday = date(2027, 3, 24)
    stage = iters_stage(office)
    client = office.client()
    steps = [office.step(client, due_on=wednesday, stage=stage) for _ in range(3)]
    on_day(office, wednesday)
    assert office.step_row(steps[2]).due_on == date(2027, 3, 30)


def iters_stage(office: Office) -> Any:
    """The stage of the office's iter, for working days only."""
    stage = msgspec.structs.replace(NOTICE, working_days=True)
    changed = msgspec.structs.replace(ITER, stages=(stage, *ITER.stages[1:]))
    with office.store.write() as connection:
        iters.publish(connection, changed, at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    return stage


def test_a_trial_tells_it_and_changes_nothing(office: Office) -> None:
    client = office.client()
    steps = [office.step(client) for _ in range(3)]
    report = dispatch(office.hub, CLOCK, ON, really_send=False)
    assert dict(report.waiting) == {CAPPED: 1}
    assert {office.step_row(step).due_on for step in steps} == {ON}


def test_without_caps_everything_leaves(office: Office, mail: FakeChannel) -> None:
    with office.store.write() as connection:
        iters.save_setting(connection, "contact_policy", ContactPolicy(messages_per_week=0))
    client = office.client()
    for _ in range(3):
        office.step(client)
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_what_another_dispatcher_queued_since_the_last_look_counts(
    make_office: MakeOffice,
) -> None:
    """It writes to the same client while this one composes."""
    mail = FakeChannel(("email",), {"channel_prepare": iter(())}, capabilities=())
    office = make_office(mail=mail)
    client = office.client()
    others = [office.step(client, status="working") for _ in range(2)]
    mine = office.step(client)

    def meanwhile(honest: Callable[[], Any]) -> Any:
        with office.store.write() as connection:
            for step in others:
                connection.execute(
                    sa.insert(sending.deliveries).values(
                        id=f"other-{step}",
                        step_id=step,
                        source_id=office.source,
                        client_id=client,
                        medium="email",
                        status="sending",
                        on_date=ON,
                        claimed_by="999999",
                    )
                )
        return honest()

    mail._acts["channel_prepare"] = iter([meanwhile])
    dispatch(office.hub, CLOCK, ON)
    assert mail.sent == []
    assert office.step_row(mine).due_on == MONDAY
    assert office.deliveries(mine) == []


def test_a_message_whose_own_stage_was_paid_does_not_leave_for_the_rest(
    office: Office, mail: FakeChannel
) -> None:
    """Its words were those of the other stage: planning writes the rest a message of its own."""
    step = office.step(amounts=(10_000, 5_000))
    _, rest = office.cases(step)
    members = recovery.step_cases
    with office.store.write() as connection:
        other = sa.update(members).where(members.c.case_id == rest.id)
        connection.execute(other.values(stage="promemoria"))
    office.pay(f"{step}/1")
    report = dispatch(office.hub, CLOCK, ON)
    assert (mail.sent, report.left_out) == ([], 2)
    assert office.step_row(step).status == "cancelled"


def test_what_is_past_due_leaves_before_a_reminder(office: Office, mail: FakeChannel) -> None:
    """The reminder was planned a day earlier; with room for two messages it waits."""
    early = msgspec.structs.replace(NOTICE, key="promemoria", days=-5)
    changed = msgspec.structs.replace(ITER, stages=(early, *ITER.stages))
    with office.store.write() as connection:
        iters.publish(connection, changed, at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    client = office.client()
    reminder = office.step(client, early, due_on=ON - timedelta(days=1))
    (case,) = office.cases(reminder)
    with office.store.write() as connection:
        item = ledger.installments
        ahead = sa.update(item).where(item.c.id == case.installment_id)
        connection.execute(ahead.values(due_date=ON + timedelta(days=4)))
    first, second = office.step(client), office.step(client)
    dispatch(office.hub, CLOCK, ON)
    assert told(mail) == [str(first), str(second)]
    assert office.step_row(reminder).status == "ready"
