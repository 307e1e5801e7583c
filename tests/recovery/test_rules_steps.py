"""What waits in a step and what leaves it, when several things happen on one day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.iter_file import IterFile
from incasso.domain.recovery.iters import Anchor, Mode
from incasso.domain.recovery.matching import Match
from incasso.services.cases.progress import count_steps
from incasso.services.recovery.iters import publish
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.tables.ledger import clients
from incasso.store.tables.recovery import cases, steps
from tests.agreeing import agreed
from tests.recovery.ledgers import small_office
from tests.recovery.office import Office, call, letters, stage

NEVER = date(9999, 12, 31)


@pytest.fixture
def office() -> Iterator[Office]:
    with small_office() as office:
        yield office


def test_a_step_may_lose_its_last_case_and_take_in_another_on_one_day(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    client = office.client()
    paid = office.owes(client, 100)
    office.plan()
    office.pay(paid)
    office.owes(client, 200)
    assert office.plan(office.days(1)).cancelled == 0
    assert [(step.status, step.total) for step in office.steps()] == [("proposed", 200)]
    assert [case.step_id for case in office.cases()] == [None, 1]


def test_a_reminder_nobody_approved_in_time_is_skipped(office: Office) -> None:
    office.publish(letters(stage("reminder", -5, mode=Mode.APPROVE), stage("one", 5)))
    office.owes(office.client(), due=office.days(3))
    office.plan()
    assert office.plan(office.days(3)).looked == 0
    office.plan(office.days(4))
    (step,) = office.steps()
    assert (step.status, step.reason) == ("cancelled", "promemoria oltre la scadenza")
    office.plan(office.days(8))
    assert [step.stage for step in office.steps("ready")] == ["one"]
    assert [case.skipped for case in office.cases()] == ["reminder"]


def test_a_reminder_does_not_leave_after_the_due_date(office: Office) -> None:
    office.publish(letters(stage("reminder", -5), stage("one", 5)))
    office.owes(office.client(), due=office.days(3))
    office.plan()
    with office.store.read() as connection:
        assert blocked_now(connection, [1], office.days(3)) == {}
        assert blocked_now(connection, [1], office.days(4)) == {1: "promemoria oltre la scadenza"}


def test_a_due_date_put_off_in_the_erp_takes_the_case_out_of_its_step(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.on = office.days(1)
    office.change(debt, due_date=office.days(20))
    with office.store.read() as connection:
        assert blocked_now(connection, [1], office.on) == {1: "scadenza spostata in avanti"}
    office.plan()
    assert [step.status for step in office.steps()] == ["cancelled"]
    assert office.plan(office.days(24)).steps_made == 0
    assert office.plan(office.days(25)).steps_made == 1


def test_a_payment_seen_before_its_last_stage_counted_closes_the_case(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.update(steps, steps.c.id > 0, status="done", proof_until=office.days(3))
    office.on = office.days(1)
    office.pay(debt)
    with office.store.write() as connection:
        count_steps(connection, [1], office.on)
    assert office.plan().closed == {"paid": 1}


def test_a_bill_that_comes_back_during_a_call_changes_iter_after_it(office: Office) -> None:
    office.publish(
        letters(call("phone", 5, anchor=Anchor.DUE_DATE), match=Match(unpaid=False), key="missed"),
        letters(
            stage("back", 0, anchor=Anchor.UNPAID_DATE), match=Match(unpaid=True), key="unpaid"
        ),
    )
    debt = office.owes(office.client(), payment_method="riba")
    office.plan()
    office.update(steps, steps.c.id > 0, status="working")
    office.on = office.days(1)
    office.change(debt, unpaid_on=office.days(1))
    assert office.plan().closed == {}
    office.on = office.days(2)
    office.count(1)
    assert office.plan().closed == {"moved": 1}
    assert [step.stage for step in office.steps("ready")] == ["back"]


@pytest.mark.parametrize("kind", ["hold", "dispute", "promise", "extension"])
def test_what_is_agreed_for_ever_stops_one_case_and_not_the_plan(office: Office, kind: str) -> None:
    office.publish(letters(stage("one", 5, working_days=True)))
    client = office.client()
    debt = office.owes(client)
    office.owes(client)
    _agree(office, kind, debt, until_on=NEVER)
    report = office.plan()
    assert report.steps_made == 1
    assert report.opened == (1 if kind == "extension" else 2)


@pytest.mark.parametrize("state", ["open", "parked"])
def test_a_promise_is_judged_even_if_nothing_more_would_happen(office: Office, state: str) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.count()
    office.update(cases, cases.c.id > 0, state=state)
    _agree(office, "promise", debt, until_on=office.days(5))
    office.plan()
    assert office.plan(office.days(9)).broken == 0
    assert office.plan(office.days(10)).broken == 1


def test_new_exclusions_empty_the_steps_that_wait(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    office.owes(office.client(category="PA"))
    office.plan()
    office.on = office.days(1)
    excluded = IterFile(exclusions=Exclusions(categories=("PA",)))
    assert publish(office.hub, CLOCK, excluded, on=office.on).looking_again == 1
    office.plan()
    assert [(step.status, step.reason) for step in office.steps()] == [("cancelled", "esclusa")]


def _agree(office: Office, kind: str, debt: int | None, **more: object) -> None:
    client = office.rows(sa.select(clients.c.id))[0].id
    values = {"from_on": office.on, "made_on": office.on, "made_by": "anna", "kind": kind}
    values |= {"source_id": office.source, "client_id": client, "installment_id": debt}
    with office.store.write() as connection:
        agreed(connection, **(values | more))
    office.look()


def test_nothing_leaves_for_what_the_last_read_did_not_bring(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.change(debt, absences=1)
    with office.store.read() as connection:
        assert blocked_now(connection, [1], office.on) == {1: "assente dall'ultima lettura"}
    unseen = office.owes(office.client("C2"), absences=1)
    assert office.plan(office.days(1)).blocked == {"absent": 1}
    office.change(unseen, absences=0)
    assert office.plan(office.days(2)).opened == 1
