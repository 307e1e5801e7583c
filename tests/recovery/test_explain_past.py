"""Explain of a past day tells what the plan of that day did, whatever happened since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.errors import IncassoError
from incasso.domain.acts.agreements import Extend, Hold, Promise, Release
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.conditions import TRANSIENT
from incasso.domain.recovery.iters import CatchUp, Iter, Mode
from incasso.locale import localize
from incasso.services.cases.progress import fail_steps
from incasso.services.recovery.explain import Explanation, explain
from incasso.services.recovery.simulate import carry_out
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments
from tests.doing import do, people
from tests.profiles import tries
from tests.recovery.ledgers import Ledger, fill, iters, ledgers, small_office
from tests.recovery.office import DUE, TODAY, Office, after, letters, stage

DAYS = 30
QUIET = {"wait", "blocked", "in_step", "nothing", "unknown"}


def why(office: Office, subject: str, on: date) -> Explanation:
    (found,) = explain(office.hub, Scope.everything(), subject, on)
    return found


def said(office: Office, subject: str, on: date) -> str:
    return localize(why(office, subject, on).text, "it")


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


REMINDERS = letters(
    stage("promemoria", -5, label="Promemoria"),
    stage("sollecito", 5, label="Primo sollecito"),
    after("secondo", 10, label="Secondo sollecito"),
    min_gap_days=5,
)


def test_each_past_day_is_told_as_it_was(office: Office) -> None:
    """Due on 14/10: reminder on the 9th, first on the 19th; paid on the 21st, told on the 22nd."""
    office.on = date(2026, 10, 9)
    office.publish(REMINDERS)
    owed = office.owes(office.client(), due=date(2026, 10, 14), first_seen_on=office.on)
    days = [date(2026, 10, number) for number in (9, 15, 19, 21, 22)]
    for day in days:
        if day.day == 21:
            office.on = day
            office.change(owed, residual=0, status="paid", closed_on=day)
        office.plan(day)
        office.count()
    first, second = (step.id for step in office.steps())
    told = {n: said(office, "R1", date(2026, 10, n)) for n in (8, 9, 12, 15, 19, 20, 21)}
    assert told == {
        8: "Non era ancora nota: è arrivata il 09/10/2026.",
        9: f"Il piano l'ha messa nell'azione {first}: Promemoria (e-mail).",
        12: "Primo sollecito: in programma per il 19/10/2026.",
        15: "Primo sollecito: in programma per il 19/10/2026.",
        19: f"Il piano l'ha messa nell'azione {second}: Primo sollecito (e-mail).",
        20: "Secondo sollecito: in programma per il 29/10/2026.",
        21: "La pratica si chiude: pagata.",
    }
    assert [why(office, "R1", date(2026, 10, n)).decision for n in (8, 9, 12, 19, 21)] == [
        "unknown",
        "step",
        "wait",
        "step",
        "close",
    ]
    quiet = why(office, "R1", date(2026, 10, 12))
    assert (quiet.known_on, quiet.case, quiet.step) == (date(2026, 10, 9), 1, None)
    assert [localize(one, "it") for one in quiet.remarks] == [
        "Quel giorno non si è pianificato; l'ultimo esame è del 09/10/2026."
    ]


def test_today_the_step_of_the_morning_is_told_too(office: Office) -> None:
    office.publish(REMINDERS)
    office.owes(office.client(), due=TODAY - timedelta(days=5))
    office.plan()
    office.count()
    today = why(office, "R1", TODAY)
    assert (today.when, today.decision) == ("present", "wait")
    assert [localize(one, "it") for one in today.remarks] == [
        f"Il piano l'ha messa nell'azione {office.steps()[0].id}: Primo sollecito (e-mail)."
    ]


def test_a_hold_of_today_was_unknown_yesterday(office: Office) -> None:
    people(office.store)
    office.publish(letters(stage("one", 5), after("two", 1, mode=Mode.APPROVE)))
    office.owes(office.client(), due=DUE)
    office.plan()
    office.count()
    office.plan(office.days(1))
    do(office.hub, Hold(subject="C1", why="prova"), on=office.days(2))
    office.plan(office.days(2))
    office.plan(office.days(3))
    yesterday, held = (why(office, "R1", office.days(number)) for number in (1, 2))
    assert (yesterday.decision, yesterday.stage) == ("step", "two")
    assert not any(c.name == "hold" and c.blocks for c in yesterday.conditions)
    assert (held.decision, held.next_on) == ("blocked", date(2026, 4, 4))
    assert [localize(one, "it") for one in held.remarks] == [
        "Disposto il 04/03/2026 da anna: sospensione fino al 03/04/2026."
    ]


def test_what_people_did_on_a_day_without_a_plan_is_a_remark(office: Office) -> None:
    """The plan of the 2nd knew neither the promise of the 3rd nor its end on the 4th."""
    people(office.store)
    office.publish(letters(stage("one", 60)))
    office.owes(office.client(), due=DUE)
    office.plan()
    do(office.hub, Promise(subject="C1", until=office.days(9)), on=office.days(1))
    do(office.hub, Release(subject="C1"), on=office.days(2))
    office.plan(office.days(3))
    made = "Disposto il 03/03/2026 da anna: promessa fino all'11/03/2026."
    ended = "Chiuso il 04/03/2026 da anna: promessa."
    for number, remarks in ((0, []), (1, [made]), (2, [made, ended])):
        found = why(office, "R1", office.days(number))
        told = [localize(one, "it") for one in found.remarks]
        assert (found.decision, told[1 if number else 0 :]) == ("wait", remarks)


def test_a_step_left_by_the_plan_is_told(office: Office) -> None:
    office.publish(letters(stage("one", 5, mode=Mode.APPROVE)))
    owed = office.owes(office.client(), due=DUE)
    office.plan()
    office.on = office.days(1)
    office.change(owed, erp_hold="legal")
    office.plan()
    office.plan(office.days(2))
    then = why(office, "R1", office.days(1))
    assert then.decision == "blocked"
    assert [localize(one, "it") for one in then.remarks] == [
        "È uscita dall'azione in cui era: trattenuta nel gestionale."
    ]


def test_rules_of_today_do_not_judge_yesterday(office: Office) -> None:
    office.owes(office.client(), due=DUE)
    office.publish(letters(stage("late", 40)))
    office.plan()
    office.on = office.days(1)
    office.publish(letters(stage("soon", 1)))
    office.plan()
    office.plan(office.days(2))
    before, then = (why(office, "R1", office.days(number)) for number in (0, 1))
    assert (before.decision, before.stage, before.next_on) == ("wait", "late", date(2026, 3, 13))
    assert (then.decision, then.stage) == ("step", "soon")


class Day(NamedTuple):
    """What the plan of a day did with an installment, read from the tables."""

    step: int | None
    stage: str
    closed: str
    opened: bool
    in_step: bool
    blocked_by: str
    next_stage: str


def state(office: Office) -> tuple[set[tuple[int, int, str]], dict[int, Any]]:
    # A task outside the iter, such as a broken promise, is no stage of a case.
    stages = {step.id for step in office.steps() if step.iter_version_id is not None}
    inside = {(m.step_id, m.case_id, m.stage) for m in office.members() if m.step_id in stages}
    return inside, {case.id: case for case in office.cases()}


def what_the_plan_did(
    before: tuple[set[tuple[int, int, str]], dict[int, Any]],
    now: tuple[set[tuple[int, int, str]], dict[int, Any]],
) -> dict[int, Day]:
    found: dict[int, Day] = {}
    for number, case in sorted(now[1].items()):
        old = before[1].get(number)
        if old is not None and old.state == "closed":
            continue
        joined = [one for one in now[0] - before[0] if one[1] == number]
        found[case.installment_id] = Day(
            step=joined[0][0] if joined else None,
            stage=joined[0][2] if joined else "",
            closed=case.close_reason if case.state == "closed" else "",
            opened=old is None,
            in_step=case.step_id is not None,
            blocked_by=case.blocked_by,
            next_stage=case.next_stage,
        )
    return found


def something_happens(office: Office, dice: Random, known: list[int]) -> None:
    """Payments, dates that move, bills that come back, addresses lost, acts of people."""
    one, code = dice.choice(known), f"C{dice.randrange(4)}"
    act: Any = None
    match dice.randrange(9):
        case 0:
            office.change(one, residual=0, status="paid", closed_on=office.on)
        case 1:
            office.change(one, due_date=office.on + timedelta(days=dice.randrange(-20, 30)))
        case 2:
            office.change(one, unpaid_on=office.on)
        case 3:
            office.update(clients, clients.c.code == code, email="")
            office.look()
        case 4:
            act = Hold(subject=code, until=office.on + timedelta(days=4), why="x")
        case 5:
            act = Promise(subject=code, until=office.on + timedelta(days=3), amount=Decimal(1))
        case 6:
            act = Extend(subject=code, days=dice.randrange(1, 20))
        case 7:
            act = Release(subject=code)
        case 8:
            office.publish(letters(stage("other", dice.randrange(40)), key="all"))
    if act is not None:
        try:
            do(office.hub, act, on=office.on)
        except IncassoError:
            return  # nothing is open there, or nothing stands that could end


def dispatched(office: Office, dice: Random) -> None:
    ready = [row.id for row in office.steps("ready") if row.mode == "auto"]
    broken = [number for number in ready if dice.random() < 0.3]
    with office.store.write() as connection:
        fail_steps(connection, broken, office.on, "broken")
        carry_out(connection, office.on, "done" if dice.random() < 0.5 else "nothing")


def play(office: Office, known: list[int], dice: Random) -> dict[date, dict[int, Day]]:
    """What each plan did; on a day off there is none, and nothing happens."""
    people(office.store)
    done: dict[date, dict[int, Day]] = {}
    for number in range(DAYS):
        if dice.random() < 0.2:
            continue
        office.on = office.days(number)
        while dice.random() < 0.5:
            something_happens(office, dice, known)
        before = state(office)
        office.plan()
        done[office.on] = what_the_plan_did(before, state(office))
        dispatched(office, dice)
    office.plan(office.days(DAYS))
    return done


def hold_equal(office: Office, done: dict[date, dict[int, Day]], known: Iterable[int]) -> None:
    keys = {row.id: row.key for row in office.rows(sa.select(installments))}
    for number in range(DAYS):
        on = office.days(number)
        plan = done.get(on, {})
        for one in known:
            found = why(office, keys[one], on)
            told = (found.decision, found.stage, found.step)
            did = plan.get(one)
            if did is None:
                assert found.decision in QUIET, (on, keys[one], told)
                continue
            if did.step is not None:
                assert told == ("step", did.stage, did.step), (on, keys[one], did)
            elif did.closed and not (did.opened or did.in_step):
                assert found.decision == "close", (on, keys[one], did, told)
            elif did.blocked_by in TRANSIENT and on != found.known_on:
                # What the case shows stems from the last look, and may have passed since.
                assert found.decision in {"blocked", "wait"}, (on, keys[one], did, told)
            elif did.blocked_by and not did.in_step:
                assert found.decision in {"blocked", "review"}, (on, keys[one], did, told)
                blocking = {c.name for c in found.conditions if c.blocks}
                assert did.blocked_by in blocking, (on, keys[one], did, told)
            elif did.in_step:
                assert found.decision in {"in_step", "wait", "blocked"}, (on, keys[one], did, told)
            elif found.decision == "blocked":
                # No plan looked: a Sunday stops a call that would not have been due anyway.
                assert {c.name for c in found.conditions if c.blocks} <= TRANSIENT
                assert found.known_on is not None and found.known_on < on
            else:
                assert found.decision in {"wait", "nothing", "advance", "review"}, (on, did, told)
                if found.decision == "wait":
                    assert found.stage == did.next_stage, (on, keys[one], did, told)


@tries(12)
@given(ledgers(), iters(), st.integers(0, 10_000))
def test_explain_of_every_past_day_equals_what_the_plan_did(
    ledger: Ledger, procedure: Iter, seed: int
) -> None:
    with small_office() as office:
        known = fill(office, ledger, procedure)
        hold_equal(office, play(office, known, Random(seed)), known)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_on_both_databases(office: Office, seed: int) -> None:
    dice = Random(seed)
    office.publish(
        Iter(
            key="all",
            catch_up=CatchUp.LATEST,
            stages=(stage("s0", 3), stage("s1", 10, mode=Mode.APPROVE), after("t0", 4)),
        )
    )
    numbers = [office.client(f"C{number}") for number in range(3)]
    known = [
        office.owes(dice.choice(numbers), 1_000 * (n + 1), due=office.days(dice.randrange(-30, 9)))
        for n in range(8)
    ]
    hold_equal(office, play(office, known, dice), known)
