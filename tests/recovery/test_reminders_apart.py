"""What is not past due never shares a message with what is (rules 6 and 8)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.ledger import PaymentMethod
from incasso.contract.media import Medium
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import CatchUp, Grouping, Mode
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.explain import explain
from incasso.services.recovery.simulate import simulate
from incasso.store.engine import Store
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, step_cases, steps
from tests.recovery.office import TODAY, Office, letters, stage

RIBA, TRANSFER = (Match(payment_methods=(PaymentMethod(one),)) for one in ("riba", "transfer"))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def messages(office: Office) -> list[tuple[str, list[str]]]:
    """The stage that gives the words of each step, and the installments in it."""
    query = (
        sa.select(steps.c.id, steps.c.stage, installments.c.key)
        .join(step_cases, step_cases.c.step_id == steps.c.id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .order_by(steps.c.stage, steps.c.id, installments.c.key)
    )
    found: dict[int, tuple[str, list[str]]] = {}
    for row in office.rows(query):
        found.setdefault(row.id, (row.stage, []))[1].append(row.key)
    return list(found.values())


def by_client(office: Office, **notice: Any) -> int:
    office.publish(
        letters(
            stage("promemoria", -5),
            stage("sollecito", 5),
            stage("diffida", 20, channels=(Medium.PEC,), **notice),
            grouping=Grouping.CLIENT,
            catch_up=CatchUp.LATEST,
        )
    )
    return office.client(pec="c1@pec.example.it")


def test_a_formal_notice_lists_no_installment_that_is_not_past_due(office: Office) -> None:
    """R1 is 23 days late, R2 seven; R3 is due in three days, R4 today."""
    client = by_client(office)
    for days in (-23, -7, 3, 0):
        office.owes(client, due=office.days(days))
    forecast = simulate(office.hub, Scope.everything(), TODAY, 1)
    office.plan()
    assert messages(office) == [("diffida", ["R1", "R2"]), ("promemoria", ["R3", "R4"])]
    told = [(one.stage, one.installments) for one in forecast.steps]
    assert sorted(told) == [("diffida", 2), ("promemoria", 2)]


def test_a_notice_that_waits_takes_in_no_reminder(office: Office) -> None:
    client = by_client(office, mode=Mode.APPROVE)
    office.owes(client, due=office.days(-23))
    office.plan()
    office.owes(client, due=office.days(6))
    office.owes(client, due=office.days(-4))
    office.plan(office.days(1))
    assert messages(office) == [("diffida", ["R1", "R3"]), ("promemoria", ["R2"])]


@pytest.mark.parametrize(("reminder", "sollecito"), [(10, 20), (20, 10)])
def test_a_reminder_joins_no_request_of_another_iter(
    office: Office, reminder: int, sollecito: int
) -> None:
    """R1 is 23 days late, R2 is due in three days; either iter may come first."""
    office.publish(
        letters(stage("sollecito", 5), key="bonifico", priority=sollecito, match=TRANSFER),
        letters(stage("promemoria", -5), key="riba", priority=reminder, match=RIBA),
    )
    client = office.client()
    office.owes(client, due=office.days(-23))
    office.owes(client, due=office.days(3), payment_method="riba")
    office.plan()
    assert messages(office) == [("promemoria", ["R2"]), ("sollecito", ["R1"])]


def test_reminders_of_two_iters_share_a_message(office: Office) -> None:
    office.publish(
        letters(stage("avviso", -5), key="bonifico", priority=10, match=TRANSFER),
        letters(stage("promemoria", -5), key="riba", priority=20, match=RIBA),
    )
    client = office.client()
    office.owes(client, due=office.days(2))
    office.owes(client, due=office.days(3), payment_method="riba")
    office.plan()
    assert messages(office) == [("avviso", ["R1", "R2"])]


def test_with_one_message_a_week_the_reminder_waits(office: Office) -> None:
    """Although its iter comes first, and it is the second stage of it."""
    office.publish_policy(ContactPolicy(messages_per_week=1))
    office.publish(
        letters(stage("sollecito", 5), key="bonifico", priority=20, match=TRANSFER),
        letters(
            stage("presto", -30),
            stage("promemoria", -5),
            key="riba",
            priority=10,
            match=RIBA,
        ),
    )
    client = office.client()
    office.owes(client, due=office.days(20), payment_method="riba")
    office.plan()
    office.count()
    office.owes(client, due=office.days(10))
    office.plan(office.days(15))
    assert messages(office)[1:] == [("sollecito", ["R2"])]
    (said,) = explain(office.hub, Scope.everything(), "acme/R1", office.on)
    assert said.decision == "blocked"


def test_what_is_due_today_stays_apart_from_what_was_due(office: Office) -> None:
    """One stage for the due date itself, one debt that entered late; the caps leave room."""
    office.publish(letters(stage("scadenza", 0), grouping=Grouping.STAGE))
    client = office.client()
    office.owes(client, due=office.days(-3))
    office.owes(client, due=TODAY)
    office.owes(client, due=TODAY)
    office.plan()
    assert messages(office) == [("scadenza", ["R1"]), ("scadenza", ["R2", "R3"])]


def test_what_waits_from_its_due_date_takes_in_what_fell_due_that_day(office: Office) -> None:
    """On the same day a second debt of that day; on the next none that is due only then."""
    office.publish(letters(stage("scadenza", 0, mode=Mode.APPROVE)))
    client = office.client()
    office.owes(client, due=TODAY)
    office.plan()
    office.owes(client, due=TODAY)
    office.owes(client, due=office.days(-2))
    office.plan()
    assert messages(office) == [("scadenza", ["R1", "R2"]), ("scadenza", ["R3"])]
    office.publish_policy(ContactPolicy(messages_per_week=0))
    office.owes(client, due=office.days(1))
    office.owes(client, due=TODAY)
    office.plan(office.days(1))
    assert messages(office) == [
        ("scadenza", ["R1", "R2", "R5"]),
        ("scadenza", ["R3"]),
        ("scadenza", ["R4"]),
    ]


def test_a_formal_notice_for_the_due_date_waits_until_it_has_passed(office: Office) -> None:
    office.publish(letters(stage("diffida", 0, channels=(Medium.PEC,))))
    office.owes(office.client(pec="c1@pec.example.it"), due=TODAY)
    assert office.plan().steps_made == 0
    assert office.plan(office.days(1)).steps_made == 1
