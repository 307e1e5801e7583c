"""Planning a day in the database: steps, groups, cases and what leaves them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import AdvanceOn, Anchor, CatchUp, Grouping, Mode, Otherwise
from incasso.domain.recovery.matching import Match
from incasso.services.cases.progress import count_steps, fail_steps
from incasso.services.recovery.plan import plan
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import (
    agreement_dates,
    agreements,
    case_events,
    cases,
    conversations,
    step_cases,
    steps,
)
from incasso.store.tables.sending import bad_addresses
from tests.agreeing import agreed
from tests.recovery.office import TODAY, Office, after, call, letters, stage


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_a_case_opens_with_its_first_step(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    report = office.plan()
    assert (report.opened, report.steps) == (1, {("send", "email", "ready"): 1})
    (step,), (case,), (member,) = office.steps(), office.cases(), office.members()
    assert (step.stage, step.due_on, step.total, step.currency) == ("one", TODAY, 10_000, "EUR")
    assert (case.installment_id, case.step_id, case.opened_on) == (debt, step.id, TODAY)
    assert (member.case_id, member.stage, member.cycle, member.residual) == (
        case.id,
        "one",
        0,
        10_000,
    )


def test_planning_twice_changes_nothing(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10)))
    for code in ("C1", "C2"):
        office.owes(office.client(code))
    office.plan()
    before = _everything(office)
    assert office.plan().looked == 0
    assert _everything(office) == before


def test_planning_twice_changes_nothing_even_if_it_must_look_again(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    office.owes(office.client())
    office.plan()
    before = _everything(office)
    office.look()
    office.plan()
    assert _everything(office) == before


def _everything(office: Office) -> list[object]:
    tables = (cases, steps, step_cases, case_events, installments, agreements)
    return [sorted(map(tuple, office.rows(sa.select(table))), key=repr) for table in tables]


def test_installments_of_one_client_and_stage_share_a_step(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    first, second = office.client("C1"), office.client("C2")
    for client, residual in ((first, 100), (first, 250), (second, 70)):
        office.owes(client, residual)
    office.plan()
    assert [(step.client_id, step.total) for step in office.steps()] == [(first, 350), (second, 70)]


def test_a_step_never_mixes_currencies(office: Office) -> None:
    office.publish(letters(stage("one", 5), grouping=Grouping.CLIENT))
    client = office.client()
    office.owes(client, 100)
    office.owes(client, 200, currency="USD")
    office.plan()
    assert [(step.currency, step.total) for step in office.steps()] == [("EUR", 100), ("USD", 200)]


@pytest.mark.parametrize(
    ("language", "country", "written"),
    [
        ("", "IT", "it"),
        ("", "", "it"),
        ("", "FR", "fr"),
        ("de", "DE", "de"),
        ("pl", "PL", "en"),
        ("it-CH", "CH", "it"),
    ],
)
def test_a_client_is_written_to_in_its_language(
    office: Office, language: str, country: str, written: str
) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client(language=language, country=country))
    office.plan()
    assert [step.language for step in office.steps()] == [written]


def test_grouping_by_installment_makes_one_each(office: Office) -> None:
    office.publish(letters(stage("one", 5), grouping=Grouping.INSTALLMENT))
    client = office.client()
    office.owes(client, 100)
    office.owes(client, 200)
    office.plan()
    assert [step.total for step in office.steps()] == [100, 200]


def test_grouping_by_client_sends_the_words_of_the_highest_stage(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10), grouping=Grouping.CLIENT))
    client = office.client()
    old = office.owes(client, 100)
    office.plan()
    office.count()
    young = office.owes(client, 200, due=office.days(4))
    office.plan(office.days(10))
    (step,) = office.steps("ready")
    assert (step.stage, step.template, step.total) == ("two", "two", 300)
    assert _stages_in(office, step.id) == {old: "two", young: "one"}
    office.count(step.id)
    assert {case.installment_id: case.stage for case in office.cases()} == {
        old: "two",
        young: "one",
    }


def _stages_in(office: Office, step: int) -> dict[int, str]:
    inside = {case.id: case.installment_id for case in office.cases()}
    return {inside[row.case_id]: row.stage for row in office.members() if row.step_id == step}


@pytest.mark.parametrize(("mode", "status"), [("approve", "proposed"), ("manual", "ready")])
def test_a_step_that_waits_for_a_person_takes_in_newly_due_cases(
    office: Office, mode: str, status: str
) -> None:
    office.publish(letters(stage("one", 5, mode=Mode(mode))))
    client = office.client()
    office.owes(client, 100)
    office.plan()
    office.owes(client, 200)
    assert office.plan(office.days(3)).joined == 1
    (step,) = office.steps()
    assert (step.status, step.total, step.due_on) == (status, 300, TODAY)
    assert len(office.members()) == 2


def test_a_step_somebody_began_takes_nothing_in(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.MANUAL)))
    client = office.client()
    office.owes(client, 100)
    office.plan()
    office.update(steps, steps.c.id > 0, status="working")
    office.owes(client, 200)
    office.plan(office.days(1))
    assert [step.total for step in office.steps()] == [100, 200]


def test_an_approved_step_takes_nothing_in(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    client = office.client()
    office.owes(client, 100)
    office.plan()
    office.update(steps, steps.c.id > 0, status="ready")
    office.owes(client, 200)
    office.plan(office.days(1))
    assert [step.total for step in office.steps()] == [100, 200]


def test_a_paid_installment_leaves_a_step_and_its_case_closes(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    client = office.client()
    paid, open_one = office.owes(client, 100), office.owes(client, 200)
    office.plan()
    office.pay(paid)
    report = office.plan(office.days(1))
    assert (report.left, report.closed, report.cancelled) == (1, {"paid": 1}, 0)
    (step,) = office.steps()
    assert (step.status, step.total) == ("proposed", 200)
    closed = {case.installment_id: case.close_reason for case in office.cases()}
    assert closed == {paid: "paid", open_one: ""}


def test_an_empty_step_is_cancelled(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.pay(debt)
    assert office.plan(office.days(1)).cancelled == 1
    (step,) = office.steps()
    assert (step.status, step.total, step.reason) == ("cancelled", 0, "pagata")
    assert office.members() == []


def test_what_has_left_is_not_taken_back(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.update(steps, steps.c.id > 0, status="working")
    office.pay(debt)
    office.plan(office.days(1))
    assert [(step.status, step.total) for step in office.steps()] == [("working", 10_000)]
    assert [case.state for case in office.cases()] == ["closed"]


def test_a_hold_takes_a_case_out_and_its_end_brings_it_back(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    _agree(office, debt, "hold", until_on=office.days(9))
    office.plan(office.days(1))
    assert [(case.step_id, case.blocked_by) for case in office.cases()] == [(None, "hold")]
    assert office.plan(office.days(9)).steps_made == 0
    assert office.plan(office.days(10)).steps_made == 1
    assert [step.status for step in office.steps()] == ["cancelled", "ready"]


def _agree(office: Office, debt: int | None, kind: str, **more: object) -> int:
    client = office.rows(sa.select(clients.c.id))[0].id
    values = {"from_on": TODAY, "made_on": TODAY, "made_by": "anna"}
    with office.store.write() as connection:
        number = agreed(
            connection,
            kind=kind,
            source_id=office.source,
            client_id=client,
            installment_id=debt,
            **(values | more),
        )
    office.look()
    return number


def _status(office: Office, agreement: int) -> str:
    query = sa.select(agreements.c.status).where(agreements.c.id == agreement)
    return str(office.rows(query)[0].status)


def test_a_broken_promise_lets_the_case_go_on(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    promise = _agree(office, debt, "promise", until_on=office.days(5))
    assert office.plan().blocked == {"promise": 1}
    # Promised for Saturday 7 March: the bank has Monday to Wednesday.
    office.plan(office.days(9))
    assert _status(office, promise) == "active"
    report = office.plan(office.days(10))
    # The message that is due by now, and a task for a person.
    assert (report.broken, report.steps_made) == (1, 2)
    assert _status(office, promise) == "broken"


def test_a_promise_kept_in_part_is_kept(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client(), 10_000)
    promise = _agree(office, debt, "promise", until_on=office.days(5), amount=4_000)
    office.plan()
    office.change(debt, residual=6_000)
    report = office.plan(office.days(3))
    assert (report.kept, _status(office, promise)) == (1, "kept")
    assert [step.total for step in office.steps()] == [6_000]


def test_a_plan_over_the_whole_client_is_broken_by_the_first_missed_date(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    one, _two = office.owes(client, 6_000), office.owes(client, 4_000)
    plan = _agree(office, None, "plan", until_on=office.days(60))
    with office.store.write() as connection:
        rows = [
            {"agreement_id": plan, "due_on": office.days(days), "amount": 5_000}
            for days in (10, 60)
        ]
        connection.execute(sa.insert(agreement_dates), rows)
    first = office.plan()
    assert (first.blocked, first.opened) == ({"plan": 2}, 2)
    office.change(one, residual=1_000)
    assert office.plan(office.days(18)).broken == 0
    # The second payment was for Friday 1 May, a holiday: Monday to Wednesday are the bank's.
    assert office.plan(office.days(65)).broken == 0
    report = office.plan(office.days(66))
    # One message about both, and the task.
    assert (report.broken, report.steps_made) == (1, 2)


def test_a_promise_in_euros_holds_no_dollars(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    office.owes(client, 100)
    office.owes(client, 200, currency="USD")
    _agree(office, None, "promise", until_on=office.days(5), currency="EUR")
    office.plan()
    assert [step.currency for step in office.steps()] == ["USD"]


def test_credits_that_cover_what_is_past_due_stop_the_dunning(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    office.owes(client, 300)
    note = office.owes(client, -300, document_kind="credit_note")
    report = office.plan()
    assert (report.blocked, report.opened) == ({"net_credits": 1, "owed": 1}, 1)
    office.change(note, residual=-200)
    assert office.plan(office.days(1)).steps_made == 1


def test_credits_are_weighed_against_what_falls_due_later(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    office.owes(client, 300)
    office.owes(client, 100, due=office.days(10))
    office.owes(client, -300, document_kind="credit_note")
    office.plan()
    assert office.plan(office.days(10)).steps_made == 0
    assert office.plan(office.days(11)).steps_made == 1


def test_a_credit_of_one_currency_covers_no_other(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    client = office.client()
    office.owes(client, 300)
    office.owes(client, -500, currency="USD", document_kind="advance")
    assert office.plan().opened == 1


def test_a_bill_that_comes_back_changes_iter(office: Office) -> None:
    office.publish(
        letters(stage("one", 5, mode=Mode.APPROVE), match=Match(unpaid=False), key="missed"),
        letters(
            stage("back", 1, anchor=Anchor.UNPAID_DATE), match=Match(unpaid=True), key="unpaid"
        ),
    )
    debt = office.owes(office.client(), payment_method="riba")
    office.plan()
    office.change(debt, unpaid_on=office.days(2))
    report = office.plan(office.days(3))
    assert (report.closed, report.opened, report.cancelled) == ({"moved": 1}, 1, 1)
    assert [(case.state, case.unpaid, case.next_stage) for case in office.cases()] == [
        ("closed", False, ""),
        ("open", True, "back"),
    ]
    assert [(step.stage, step.status) for step in office.steps()] == [
        ("one", "cancelled"),
        ("back", "ready"),
    ]


def test_a_paid_bill_that_comes_back_opens_a_new_case(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    office.plan()
    office.count()
    office.pay(debt)
    office.plan(office.days(1))
    office.change(debt, residual=10_000, status="open", unpaid_on=office.days(4))
    office.plan(office.days(5))
    assert [case.state for case in office.cases()] == ["closed", "open"]
    assert [step.stage for step in office.steps()] == ["one", "one"]


def test_without_an_address_a_person_gets_a_task(office: Office) -> None:
    office.publish(letters(stage("one", 5, channels=(Medium.EMAIL, Medium.PEC))))
    office.owes(office.client(email=""))
    office.plan()
    (step,) = office.steps()
    assert (step.action, step.mode, step.medium, step.status) == ("task", "manual", "", "ready")
    assert step.reason == "nessun recapito valido per e-mail, PEC"


def test_an_address_that_bounced_is_no_address(office: Office) -> None:
    office.publish(letters(stage("one", 5, channels=(Medium.EMAIL, Medium.LETTER))))
    client = office.client(address="via Roma 1", city="Milano", zip="20100")
    with office.store.write() as connection:
        connection.execute(
            sa.insert(bad_addresses).values(
                source_id=office.source,
                client_id=client,
                medium="email",
                address="c1@example.it",
                since=office.now(),
            )
        )
    office.owes(client)
    office.plan()
    assert [step.medium for step in office.steps()] == ["letter"]


def test_a_failed_message_takes_the_next_medium_then_a_person(office: Office) -> None:
    office.publish(letters(stage("one", 5, channels=(Medium.PEC, Medium.EMAIL))))
    office.owes(office.client(pec="c1@pec.example.it"))
    office.plan()
    for days, medium, action in ((1, "email", "send"), (2, "", "task")):
        (waiting,) = office.steps("ready")
        with office.store.write() as connection:
            fail_steps(connection, [waiting.id], office.on, "mailbox unknown")
        office.plan(office.days(days))
        (new,) = office.steps("ready")
        assert (new.stage, new.medium, new.action) == ("one", medium, action)
    assert [(row.stage, row.cycle) for row in office.members()] == [
        ("one", 0),
        ("one", 1),
        ("one", 2),
    ]


def test_a_stage_without_proof_follows_its_otherwise(office: Office) -> None:
    proven = {"advance_on": AdvanceOn.DELIVERED, "proof_days": 3}
    office.publish(letters(stage("one", 5, otherwise=Otherwise.ADVANCE, **proven), after("two", 4)))
    office.owes(office.client())
    office.plan()
    office.update(steps, steps.c.id > 0, status="done", proof_until=office.days(3))
    office.change(1, look_on=office.days(4))
    assert office.plan(office.days(3)).looked == 0
    assert office.plan(office.days(4)).advanced == 1
    assert [(case.stage, case.counted_on) for case in office.cases()] == [("one", office.days(4))]
    office.plan(office.days(8))
    assert [step.stage for step in office.steps("ready")] == ["two"]


def test_an_unproven_message_gives_way_to_the_next_medium(office: Office) -> None:
    proven = {"advance_on": AdvanceOn.DELIVERED, "otherwise": Otherwise.FALLBACK}
    office.publish(letters(stage("one", 5, channels=(Medium.PEC, Medium.EMAIL), **proven)))
    office.owes(office.client(pec="c1@pec.example.it"))
    office.plan()
    office.update(steps, steps.c.id > 0, status="done", proof_until=office.days(3))
    office.change(1, look_on=office.days(4))
    office.plan(office.days(4))
    assert [(step.medium, step.status) for step in office.steps()] == [
        ("pec", "failed"),
        ("email", "ready"),
    ]


def test_the_contact_policy_counts_conversations_of_every_kind(office: Office) -> None:
    office.publish(letters(call("phone", 5, anchor=Anchor.DUE_DATE)))
    client = office.client()
    office.owes(client)
    with office.store.write() as connection:
        connection.execute(
            sa.insert(conversations).values(client_id=client, on_date=TODAY, medium="visit")
        )
    assert office.plan().blocked == {"contact_policy": 1}
    assert office.plan(office.days(1)).steps == {("call", "call", "ready"): 1}


def test_a_source_that_was_not_read_plans_nothing(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client())
    office.trust(office.days(-3))
    assert office.plan(fresh=False).blocked == {"source_trusted": 1}
    assert office.plan(office.days(1)).opened == 1


def test_the_operator_of_the_client_gets_the_step(office: Office) -> None:
    from incasso.store.tables.office import users

    office.publish(letters(call("phone", 5, anchor=Anchor.DUE_DATE)))
    client = office.client()
    with office.store.write() as connection:
        insert = sa.insert(users).values(login="anna").returning(users.c.id)
        anna = connection.execute(insert).scalar_one()
    office.update(clients, clients.c.id == client, operator_id=anna)
    office.owes(client)
    office.plan()
    assert [step.operator_id for step in office.steps()] == [anna]


def test_review_opens_a_case_without_a_step(office: Office) -> None:
    office.publish(letters(stage("one", 5), stage("two", 10), catch_up=CatchUp.REVIEW))
    office.owes(office.client())
    office.plan()
    (case,) = office.cases()
    assert (case.blocked_by, case.next_stage, case.step_id) == ("review", "", None)
    office.look()
    office.plan(office.days(1))
    assert office.steps() == []
    office.update(cases, cases.c.id == case.id, next_stage="two")
    office.look()
    office.plan(office.days(2))
    assert [step.stage for step in office.steps()] == ["two"]


def test_skipped_stages_are_recorded(office: Office) -> None:
    office.publish(
        letters(stage("r", -5), stage("one", 5), stage("two", 10), catch_up=CatchUp.LATEST)
    )
    office.owes(office.client())
    office.plan()
    assert [(case.next_stage, case.skipped) for case in office.cases()] == [("two", "r,one")]


def test_a_person_repeats_a_stage_in_a_new_cycle(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10)))
    office.owes(office.client())
    office.plan()
    office.count()
    office.update(cases, cases.c.id > 0, next_stage="one")
    office.look()
    office.plan(office.days(1))
    assert [(row.stage, row.cycle) for row in office.members()] == [("one", 0), ("one", 1)]


def test_a_dry_run_counts_the_same_and_writes_nothing(office: Office) -> None:
    office.publish(letters(stage("one", 5)))
    office.owes(office.client())
    before = _everything(office)
    tried = plan(office.hub, CLOCK, TODAY, dry_run=True)
    assert _everything(office) == before
    done = plan(office.hub, CLOCK, TODAY)
    assert (tried.opened, tried.steps) == (done.opened, done.steps)


def test_the_sources_own_holidays_move_its_stages(office: Office) -> None:
    office.publish(letters(stage("one", 1, working_days=True)))
    office.owes(office.client(), due=date(2026, 4, 3))
    assert office.plan(date(2026, 4, 6)).opened == 0
    assert office.plan(date(2026, 4, 7)).opened == 1


@pytest.mark.parametrize("action", [Action.PARK, Action.CLOSE, Action.BLOCK_ORDERS])
def test_stages_without_a_message_make_steps_too(office: Office, action: Action) -> None:
    step = stage("end", 5, action=action, channels=(), container="legal")
    office.publish(letters(step))
    office.owes(office.client())
    office.plan()
    assert [(step.action, step.medium, step.status) for step in office.steps()] == [
        (action.value, "", "ready")
    ]


def test_new_rules_look_again_at_what_has_no_case(office: Office) -> None:
    office.owes(office.client())
    assert office.plan().opened == 0
    office.publish(letters(stage("one", 5)))
    assert office.plan().opened == 1


def test_a_running_case_keeps_the_version_it_opened_with(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10)))
    office.owes(office.client())
    office.plan()
    office.count()
    office.publish(letters(stage("one", 5), after("other", 10)))
    office.plan(office.days(10))
    assert [step.stage for step in office.steps("ready")] == ["two"]


def test_counting_a_step_twice_counts_once(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10)))
    office.owes(office.client())
    office.plan()
    office.count(1)
    before = _everything(office)
    with office.store.write() as connection:
        assert count_steps(connection, [1], office.days(5)) == 0
    assert _everything(office) == before


def test_planning_looks_at_what_is_due_and_nowhere_else(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 10)))
    office.owes(office.client("C1"))
    office.owes(office.client("C2"), due=TODAY + timedelta(days=30))
    office.plan()
    office.count()
    looked = [office.plan(office.days(number)).looked for number in range(1, 12)]
    assert looked == [0] * 9 + [1, 0]


@pytest.mark.parametrize("asks", ["one", "two"])
def test_a_shared_message_waits_for_approval_if_any_of_its_stages_does(
    office: Office, asks: str
) -> None:
    modes = {"one": Mode.AUTO, "two": Mode.AUTO, asks: Mode.APPROVE}
    office.publish(
        letters(
            stage("one", 1, mode=modes["one"]),
            stage("two", 10, mode=modes["two"]),
            grouping=Grouping.CLIENT,
            catch_up=CatchUp.LATEST,
        )
    )
    client = office.client()
    office.owes(client, 1_000, due=office.days(-20))
    office.owes(client, 2_000, due=office.days(-3))
    office.plan()
    (step,) = office.steps()
    assert (step.stage, step.total) == ("two", 3_000)
    assert (step.mode, step.status) == ("approve", "proposed")


def test_a_block_that_ends_lets_a_case_begin_with_its_first_stage(office: Office) -> None:
    """Also with `latest`: the case opened on the day its first stage was due, under the block."""
    office.publish(letters(stage("one", 5), stage("two", 12), catch_up=CatchUp.LATEST))
    client = office.client()
    debt = office.owes(client, due=office.days(0))
    _agree(office, debt, "hold", until_on=office.days(20))
    report = office.plan(office.days(5))
    assert (report.opened, report.steps_made, report.blocked) == (1, 0, {"hold": 1})
    (case,) = office.cases()
    assert (case.blocked_by, case.next_stage, case.next_due_on) == ("hold", "one", office.days(5))
    office.plan(office.days(21))
    assert [(step.stage, step.due_on) for step in office.steps()] == [("one", office.days(21))]


def test_what_the_erp_puts_off_is_withdrawn_and_goes_on_later(office: Office) -> None:
    office.publish(letters(stage("one", 5), after("two", 5, mode=Mode.APPROVE)))
    debt = office.owes(office.client(), due=office.days(-5))
    office.plan()
    office.count()
    office.plan(office.days(5))
    office.change(debt, due_date=office.days(30))
    assert office.plan(office.days(6)).cancelled == 1
    assert office.steps()[-1].reason == "non ancora scaduta"
    office.plan(office.days(30))
    assert len(office.steps()) == 2
    office.plan(office.days(31))
    assert [(step.stage, step.status) for step in office.steps()[1:]] == [
        ("two", "cancelled"),
        ("two", "proposed"),
    ]


def test_what_credits_leave_within_the_iters_tolerance_is_not_dunned(office: Office) -> None:
    """1,000.00 less an advance of 999.00: the iter with a tolerance of 5.00 asks for nothing."""
    tolerant = letters(stage("one", 5), tolerance=Decimal(5), match=Match(clients=("C1",)))
    office.publish(tolerant, letters(stage("one", 5), key="exact", priority=200))
    for code in ("C1", "C2"):
        client = office.client(code)
        office.owes(client, 100_000)
        office.owes(client, -99_900, document_kind="advance")
    assert office.plan().blocked["net_credits"] == 1
    assert [case.blocked_by for case in office.cases()] == ["net_credits", ""]
    assert [step.total for step in office.steps()] == [100_000]
