"""A cap on messages a week to a client, and messages of several iters in one (rules 8 and 9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.ledger import PaymentMethod
from incasso.contract.media import Medium
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Anchor, Grouping, Mode
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.explain import Explanation, explain
from incasso.services.recovery.simulate import carry_out, simulate
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import deliveries
from tests.recovery.office import TODAY, Office, after, letters, stage

SUNDAY, MONDAY = date(2026, 3, 8), date(2026, 3, 9)
RIBA, TRANSFER = (Match(payment_methods=(PaymentMethod(one),)) for one in ("riba", "transfer"))
SDD, CHEQUE = (Match(payment_methods=(PaymentMethod(one),)) for one in ("sdd", "cheque"))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def policy(office: Office, **more: Any) -> None:
    office.publish_policy(ContactPolicy(**more))


def day(office: Office, on: date) -> None:
    """Plan a day; what the hub sends by itself leaves."""
    office.plan(on)
    with office.store.write() as connection:
        carry_out(connection, on, "nothing")


def told(office: Office, key: str, on: date) -> Explanation:
    office.on = on
    office.trust(on)
    (said,) = explain(office.hub, Scope.everything(), f"acme/{key}", on)
    return said


def made(office: Office) -> list[tuple[str, date]]:
    """Which installment came into a step planned for which day."""
    query = (
        sa.select(installments.c.key, steps.c.due_on)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .order_by(steps.c.due_on, installments.c.key)
    )
    return [tuple(row) for row in office.rows(query)]


def three_letters(office: Office) -> None:
    """Three debts that are written about separately; R2 is the oldest, then R3."""
    office.publish(letters(stage("one", 5), grouping=Grouping.INSTALLMENT))
    client = office.client()
    for due in (date(2026, 2, 3), date(2026, 1, 5), date(2026, 1, 20)):
        office.owes(client, due=due)


def test_the_third_message_of_a_week_waits_for_monday(office: Office) -> None:
    three_letters(office)
    assert office.plan().blocked == {"message_cap": 1}
    assert made(office) == [("R2", TODAY), ("R3", TODAY)]
    day(office, TODAY)
    for number in range(1, 7):
        day(office, office.days(number))
    assert len(made(office)) == 2
    day(office, MONDAY)
    assert made(office)[2:] == [("R1", MONDAY)]


def test_explain_names_the_cap_and_the_day(office: Office) -> None:
    three_letters(office)
    before = {key: told(office, key, TODAY).decision for key in ("R1", "R2", "R3")}
    assert before == {"R1": "blocked", "R2": "step", "R3": "step"}
    day(office, TODAY)
    said = told(office, "R1", office.days(2))
    (cap,) = [one for one in said.conditions if one.name == "message_cap"]
    assert (cap.value, cap.blocks, cap.until, said.next_on) == ("week 2", True, SUNDAY, MONDAY)
    assert told(office, "R1", MONDAY).decision == "step"


def test_planning_again_makes_no_third_message(office: Office) -> None:
    three_letters(office)
    office.plan()
    office.look()
    office.plan()
    assert len(office.steps()) == 2


def test_what_is_postponed_for_a_working_days_stage_comes_on_a_working_day(office: Office) -> None:
    """6 April 2026 is Easter Monday."""
    office.publish(letters(stage("one", 5, working_days=True), grouping=Grouping.INSTALLMENT))
    client = office.client()
    for _ in range(3):
        office.owes(client)
    thursday, tuesday = date(2026, 4, 2), date(2026, 4, 7)
    day(office, thursday)
    assert told(office, "R3", thursday).next_on == tuesday
    for number in range(3, 6):
        day(office, date(2026, 4, number))
    day(office, tuesday)
    assert made(office)[2:] == [("R3", tuesday)]


def test_a_formal_notice_leaves_and_counts(office: Office) -> None:
    """The notice by PEC takes one of two places; the higher of the other stages the second."""
    office.publish(
        letters(
            stage("one", 5),
            stage("two", 20),
            stage("notice", 40, channels=(Medium.PEC, Medium.REGISTERED)),
            catch_up="latest",
        )
    )
    client = office.client(pec="c1@pec.example.it")
    office.owes(client, due=date(2026, 2, 25))  # five days: one
    office.owes(client, due=date(2026, 2, 8))  # 22 days: two
    office.owes(client, due=date(2026, 1, 1))  # 60 days: notice
    day(office, TODAY)
    assert [step.stage for step in office.steps()] == ["two", "notice"]
    said = told(office, "R1", TODAY)
    assert (said.decision, said.next_on) == ("blocked", MONDAY)


def test_the_caps_never_hold_up_a_formal_notice(office: Office) -> None:
    policy(office, messages_per_week=1)
    notice = stage("notice", 5, channels=(Medium.PEC,))
    office.publish(letters(notice, grouping=Grouping.INSTALLMENT))
    client = office.client(pec="c1@pec.example.it")
    for _ in range(3):
        office.owes(client)
    assert office.plan().steps == {("send", "pec", "ready"): 3}


def test_an_office_may_say_what_is_formal(office: Office) -> None:
    policy(office, messages_per_week=1)
    office.publish(
        letters(stage("one", 5, channels=(Medium.PEC,), formal=False), grouping="installment")
    )
    client = office.client(pec="c1@pec.example.it")
    for _ in range(3):
        office.owes(client)
    assert office.plan().steps == {("send", "pec", "ready"): 1}


def test_without_caps_everything_leaves(office: Office) -> None:
    policy(office, messages_per_week=0)
    three_letters(office)
    assert office.plan().steps_made == 3


def test_a_cap_for_the_day(office: Office) -> None:
    policy(office, messages_per_day=1, messages_per_week=0)
    three_letters(office)
    for number in range(3):
        day(office, office.days(number))
    assert made(office) == [("R2", TODAY), ("R3", office.days(1)), ("R1", office.days(2))]


def test_every_medium_counts_and_internal_notices_do_not(office: Office) -> None:
    client = office.client(mobile="+39 333 1234567", address="Via Po 2", city="Torino")
    office.publish(
        letters(stage("mail", 5), match=TRANSFER, key="a"),
        letters(stage("letter", 5, channels=(Medium.LETTER,)), match=RIBA, key="b", priority=200),
        letters(
            stage("inside", 5, action=Action.NOTIFY, to=("direzione",)),
            match=CHEQUE,
            key="c",
        ),
        letters(
            stage("sms", 5, channels=(Medium.SMS,)),
            match=SDD,
            key="d",
            priority=300,
        ),
    )
    for method in ("transfer", "riba", "cheque", "sdd"):
        office.owes(client, payment_method=method)
    office.plan()
    assert sorted(step.stage for step in office.steps()) == ["inside", "letter", "mail"]


def test_what_failed_does_not_count(office: Office) -> None:
    three_letters(office)
    day(office, TODAY)
    office.update(deliveries, deliveries.c.step_id == 1, status="bounced")
    office.look()
    day(office, office.days(1))
    assert made(office)[2:] == [("R1", office.days(1))]


def test_what_a_person_sent_by_hand_counts(office: Office) -> None:
    """The hub has no delivery of it: the report that it is done says so."""
    three_letters(office)
    office.plan()
    office.update(steps, steps.c.id == 1, status="counted", mode="manual", done_on=TODAY)
    office.look()
    assert office.plan().steps_made == 0
    office.update(steps, steps.c.id == 1, done_on=office.days(-1))
    office.look()
    assert office.plan().steps_made == 1


def test_clients_of_the_same_code_in_two_companies_have_a_cap_each(office: Office) -> None:
    office.publish(letters(stage("one", 5), grouping=Grouping.INSTALLMENT))
    with office.store.write() as connection:
        made_source = sa.insert(sources).values(
            name="beta", country="IT", last_good_sync_on=TODAY, last_good_sync_at=office.now()
        )
        beta = connection.execute(made_source.returning(sources.c.id)).scalar_one()
    ours, theirs = office.client("C1"), office.client("C2")
    office.update(clients, clients.c.id == theirs, code="C1", source_id=beta)
    for client in (ours, theirs):
        for _ in range(2):
            office.owes(client)
    office.update(installments, installments.c.client_id == theirs, source_id=beta)
    assert office.plan().steps_made == 4


# Several iters in one message.


def two_iters(office: Office, **more: Any) -> None:
    """A returned bill comes first by priority; a transfer is one stage further on."""
    office.publish(
        letters(stage("avviso", 1), key="insoluto", priority=10, match=RIBA),
        letters(
            stage("promemoria", 1),
            after("sollecito", 5),
            key="bonifico",
            priority=20,
            match=TRANSFER,
            **more,
        ),
    )


def both_debts(office: Office, **more: Any) -> None:
    client = office.client()
    office.owes(client, 100_000)
    office.owes(client, 200_000, payment_method="riba", **more)


def iter_key(office: Office, step: Any) -> str:
    return {1: "insoluto", 2: "bonifico"}[step.iter_version_id]


def test_two_iters_due_on_a_day_share_one_message(office: Office) -> None:
    two_iters(office)
    both_debts(office)
    day(office, TODAY)
    (step,) = office.steps()
    assert (iter_key(office, step), step.stage, step.total) == ("insoluto", "avviso", 300_000)
    assert sorted(one.stage for one in office.members()) == ["avviso", "promemoria"]
    assert [(case.iter_version_id, case.stage) for case in office.cases()] == [
        (2, "promemoria"),
        (1, "avviso"),
    ]


def test_each_case_goes_on_by_its_own_iter(office: Office) -> None:
    two_iters(office)
    both_debts(office)
    for number in range(6):
        day(office, office.days(number))
    assert [(s.stage, s.total, s.due_on) for s in office.steps()[1:]] == [
        ("sollecito", 100_000, office.days(5))
    ]


def test_where_the_office_does_not_want_it_each_iter_writes(office: Office) -> None:
    policy(office, join_iters=False)
    two_iters(office)
    both_debts(office)
    assert office.plan().steps_made == 2


@pytest.mark.parametrize(
    ("iter_setting", "debt"),
    [
        ({}, {"currency": "USD"}),
        ({"grouping": Grouping.INSTALLMENT}, {}),
    ],
)
def test_what_stays_apart(
    office: Office, iter_setting: dict[str, Any], debt: dict[str, Any]
) -> None:
    two_iters(office, **iter_setting)
    both_debts(office, **debt)
    assert office.plan().steps_made == 2


def test_different_media_and_what_people_send_stay_apart(office: Office) -> None:
    office.publish(
        letters(stage("a", 1), key="a", match=TRANSFER),
        letters(stage("b", 1, channels=(Medium.PEC,)), key="b", match=RIBA),
        letters(
            stage("c", 1, mode=Mode.MANUAL, advance_on="done"),
            key="c",
            match=SDD,
        ),
    )
    policy(office, messages_per_week=9)
    client = office.client(pec="c1@pec.example.it")
    for method in ("transfer", "riba", "sdd"):
        office.owes(client, payment_method=method)
    assert office.plan().steps_made == 3


def test_a_formal_notice_gives_the_words_whatever_the_priority(office: Office) -> None:
    office.publish(
        letters(
            stage("avviso", 1, channels=(Medium.PEC, Medium.EMAIL)),
            key="insoluto",
            priority=10,
            match=RIBA,
        ),
        letters(
            stage("diffida", 1, channels=(Medium.PEC,), mode=Mode.APPROVE),
            key="bonifico",
            priority=20,
            match=TRANSFER,
        ),
    )
    client = office.client(pec="c1@pec.example.it")
    office.owes(client)
    office.owes(client, payment_method="riba")
    office.plan()
    (step,) = office.steps()
    assert (step.stage, step.mode, step.status) == ("diffida", "approve", "proposed")


def test_a_shared_message_is_one_for_the_cap(office: Office) -> None:
    policy(office, messages_per_week=1)
    two_iters(office)
    both_debts(office)
    assert office.plan().steps_made == 1
    assert len(office.members()) == 2


def test_two_stages_of_one_iter_stay_apart_and_another_iter_joins_one(office: Office) -> None:
    policy(office, messages_per_week=5)
    office.publish(
        letters(stage("avviso", 1), key="insoluto", priority=10, match=RIBA),
        letters(
            stage("first", 1),
            stage("second", 20),
            key="bonifico",
            priority=20,
            match=TRANSFER,
            catch_up="latest",
        ),
    )
    client = office.client()
    office.owes(client, due=date(2026, 2, 25))
    office.owes(client, due=date(2026, 1, 25))
    office.owes(client, payment_method="riba")
    office.plan()
    together = {
        step.stage: sorted(m.stage for m in office.members() if m.step_id == step.id)
        for step in office.steps()
    }
    assert together == {"avviso": ["avviso", "second"], "first": ["first"]}


def test_simulating_keeps_the_caps(office: Office) -> None:
    """What left earlier in the week counts in the trial too."""
    three_letters(office)
    day(office, TODAY)
    tuesday = office.days(1)
    office.on = tuesday
    forecast = simulate(office.hub, Scope.everything(), tuesday, 8)
    assert [(s.on, s.total) for s in forecast.steps] == [(MONDAY, Decimal(100))]


def test_a_stage_counted_from_an_unpaid_bill_joins_too(office: Office) -> None:
    """A reminder of a transfer and the notice of a returned bill, both due on Wednesday. The words
    are the reminder's, whatever the priority: the transfer was returned by no bank."""
    office.publish(
        letters(
            stage("avviso", 1, anchor=Anchor.UNPAID_DATE),
            key="insoluto",
            priority=10,
            match=Match(unpaid=True),
        ),
        letters(stage("sollecito", 7), key="bonifico", priority=20, match=TRANSFER),
    )
    client, wednesday = office.client(), date(2026, 10, 7)
    office.on = date(2026, 10, 6)
    office.owes(client, 100_000, due=date(2026, 9, 30))
    office.owes(
        client,
        200_000,
        due=date(2026, 9, 30),
        payment_method="riba",
        unpaid_on=date(2026, 10, 6),
    )
    day(office, date(2026, 10, 6))
    assert office.steps() == []
    day(office, wednesday)
    (step,) = office.steps()
    assert (step.stage, step.total) == ("sollecito", 300_000)


def test_words_of_cash_on_delivery_are_not_said_of_a_transfer(office: Office) -> None:
    """The carrier's goods come first by priority; the one message has the words of the transfer,
    and alone they have their own."""
    cash = Match(payment_methods=(PaymentMethod.COD,))
    office.publish(
        letters(stage("consegna", 1), key="contrassegno", priority=10, match=cash),
        letters(stage("sollecito", 1), key="bonifico", priority=20, match=TRANSFER),
    )
    both, alone = office.client("C1"), office.client("C2")
    office.owes(both, 100_000)
    office.owes(both, 200_000, payment_method="cod")
    office.owes(alone, 300_000, payment_method="cod")
    day(office, TODAY)
    assert sorted((step.stage, step.total) for step in office.steps()) == [
        ("consegna", 300_000),
        ("sollecito", 300_000),
    ]
