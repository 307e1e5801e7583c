"""A call that reached nobody is tried again, on a day and as often as its stage says."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from incasso.domain.acts.contacts import CallBack
from incasso.domain.acts.steps import Done
from incasso.domain.office.actor import Role, Scope
from incasso.domain.recovery.iters import Anchor, Otherwise
from incasso.services.acts.doing import ActError
from incasso.store.engine import Store
from incasso.store.lists.reading import read_list
from incasso.store.lists.recovery import STEPS
from tests.doing import do, people
from tests.recovery.office import Office, after, call, letters

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)
MONDAY = date(2026, 3, 9)


@pytest.fixture
def office(sqlite_store: Store) -> Office:
    people(sqlite_store, Role.CREDIT_MANAGER)
    return Office(sqlite_store)


def to_call(office: Office, **more: Any) -> None:
    """A call that is due, with a letter ten days after it."""
    office.publish(letters(call("phone", 5, anchor=Anchor.DUE_DATE, **more), after("one", 10)))
    office.owes(office.client())
    office.plan(WEDNESDAY)


def nobody(office: Office, on: date, **more: Any) -> str:
    return do(office.hub, Done(subject="step:1", not_reached=True, **more), on=on)


def step(office: Office) -> dict[str, Any]:
    with office.store.read() as connection:
        (found,) = read_list(connection, STEPS, Scope.everything())
    return found


def test_it_is_tried_again_on_the_next_working_day(office: Office) -> None:
    to_call(office)
    said = nobody(office, WEDNESDAY, outcome="non risponde")
    assert said == "Tried, to be done again on 2026-03-05: step:1."
    found = step(office)
    assert (found["status"], found["due_on"], found["attempts"]) == ("ready", THURSDAY, 1)
    assert found["reason"] == "non risponde"
    nobody(office, FRIDAY)
    assert (step(office)["due_on"], step(office)["attempts"]) == (MONDAY, 2)


def test_the_stage_says_how_much_later(office: Office) -> None:
    """Three days after Wednesday is a Saturday."""
    to_call(office, retry_days=3)
    nobody(office, WEDNESDAY)
    assert step(office)["due_on"] == MONDAY


def test_the_person_may_say_when(office: Office) -> None:
    to_call(office)
    nobody(office, WEDNESDAY, again=date(2026, 3, 20))
    assert step(office)["due_on"] == date(2026, 3, 20)
    nobody(office, WEDNESDAY, call_back=CallBack(on=FRIDAY, at=time(15, 30)))
    assert (step(office)["due_on"], step(office)["attempts"]) == (FRIDAY, 2)


def test_after_its_attempts_a_person_decides(office: Office) -> None:
    to_call(office)
    for on in (WEDNESDAY, THURSDAY, FRIDAY):
        nobody(office, on)
    found = step(office)
    assert (found["status"], found["due_on"], found["attempts"]) == ("ready", MONDAY, 3)
    assert found["reason"] == "3 attempts reached nobody: decide how to go on"


def test_after_its_attempts_a_stage_may_count(office: Office) -> None:
    to_call(office, attempts=2, otherwise=Otherwise.ADVANCE)
    nobody(office, WEDNESDAY)
    assert nobody(office, THURSDAY) == (
        "Tried 2 times without reaching anybody, so phone counts: step:1."
    )
    (case,) = office.cases()
    assert (case.stage, case.counted_on) == ("phone", THURSDAY)
    assert (case.next_stage, case.next_due_on) == ("one", date(2026, 3, 15))
    assert step(office)["attempts"] == 2


def test_one_more_attempt_that_a_person_wants_does_not_count_yet(office: Office) -> None:
    to_call(office, attempts=1, otherwise=Otherwise.ADVANCE)
    nobody(office, WEDNESDAY, again=FRIDAY)
    assert (step(office)["status"], step(office)["due_on"]) == ("ready", FRIDAY)


def test_an_attempt_is_no_conversation(office: Office) -> None:
    """The policy allows one a day; the second try of the day is nobody's conversation either."""
    to_call(office)
    for _ in range(3):
        nobody(office, WEDNESDAY)
    assert step(office)["attempts"] == 3
    do(office.hub, Done(subject="step:1", outcome="paga"), on=WEDNESDAY)
    assert step(office)["status"] == "counted"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Done(subject="step:1", again=FRIDAY), "`--again` says when to try once more"),
        (
            Done(subject="step:1", not_reached=True, again=date(2026, 3, 3)),
            "The day of the next attempt 2026-03-03 is before 2026-03-04",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(office: Office, wrong: Done, told: str) -> None:
    to_call(office)
    with pytest.raises(ActError, match=told):
        do(office.hub, wrong, on=WEDNESDAY)
    assert step(office)["attempts"] == 0
