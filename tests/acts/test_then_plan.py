"""What people do, seen through the next plan: it stops, goes on, and takes the way they chose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Dispute, Extend, Hold, Promise, Release
from incasso.domain.acts.assignment import ChooseIter, Exclude, Include, Park
from incasso.domain.acts.stages import AddStage, EnterStage, Skip
from incasso.domain.acts.steps import Done, Move
from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub
from incasso.services.recovery.plan import plan
from incasso.store.tables import ledger, proof, recovery
from incasso.store.tables import office as tables
from tests.acts import office
from tests.acts.office import MONDAY, NOON
from tests.acts.test_agreements import FRIDAY, rows
from tests.agenda import set_look
from tests.doing import do


@pytest.fixture
def planned(hub: Hub) -> Hub:
    """Rossi's one late installment, read this morning, with its first mail planned."""
    with hub.store.write() as connection:
        source = office.source(connection)
        office.user(connection, "anna", role="credit_manager")
        rossi = office.client(connection, source, "C1", "Rossi Srl")
        late = date(2026, 11, 2)
        office.installment(connection, rossi, "F1/1", 10000, late, look_on=MONDAY)
        office.iter_version(connection)
    plan_on(hub, MONDAY)
    assert steps(hub) == [("sollecito", "ready", MONDAY)]
    return hub


def plan_on(hub: Hub, day: date) -> None:
    """Plan a day on which the ledger was read."""
    at = NOON + (day - MONDAY)
    with hub.store.write() as connection:
        fresh = {"last_good_sync_on": day, "last_good_sync_at": at}
        connection.execute(sa.update(ledger.sources).values(**fresh))
    plan(hub, CLOCK, day)


def steps(hub: Hub) -> list[tuple[str, str, date]]:
    """Stage, status and day of every step that was not cancelled."""
    found = rows(hub, recovery.steps, recovery.steps.c.status != "cancelled")
    return [(row.stage, row.status, row.due_on) for row in found]


def running(hub: Hub) -> Any:
    """The running case."""
    (case,) = rows(hub, recovery.cases, recovery.cases.c.state != "closed")
    return case


def test_a_hold_ends_by_itself(planned: Hub) -> None:
    do(planned, Hold(subject="C1", why="verifica", until=FRIDAY))
    for number in range(4):
        plan_on(planned, MONDAY + timedelta(days=number))
    assert steps(planned) == []
    assert running(planned).blocked_by == "hold"
    saturday = FRIDAY + timedelta(days=1)
    plan_on(planned, saturday)
    assert steps(planned) == [("sollecito", "ready", saturday)]


def test_a_hold_from_friday_hides_nothing_that_is_due_before(planned: Hub) -> None:
    """Entered before Monday's plan: what Monday asks for is planned on Monday."""
    with planned.store.write() as connection:
        (rossi,) = connection.scalars(sa.select(ledger.clients.c.id))
        late = date(2026, 11, 2)
        office.installment(connection, rossi, "F2/1", 5000, late, look_on=MONDAY)
    do(planned, Hold(subject="F2/1", why="verifica", until=FRIDAY), on=FRIDAY)
    plan_on(planned, MONDAY)
    assert steps(planned) == [("sollecito", "ready", MONDAY), ("sollecito", "ready", MONDAY)]


def test_a_release_lets_it_go_on_the_same_day(planned: Hub) -> None:
    for stop in (
        Hold(subject="F1/1", why="x"),
        Dispute(subject="F1/1", why="x"),
        Park(subject="F1/1", why="x", into="legal"),
    ):
        do(planned, stop)
        plan_on(planned, MONDAY)
        assert steps(planned) == [], stop
        do(planned, Release(subject="F1/1", confirm=True))
        plan_on(planned, MONDAY)
        assert steps(planned) == [("sollecito", "ready", MONDAY)], stop


def test_a_broken_promise_goes_on(planned: Hub) -> None:
    do(planned, Promise(subject="C1", until=FRIDAY))
    # Monday to Wednesday the bank may still post the payment.
    for number in range(4, 10):
        plan_on(planned, MONDAY + timedelta(days=number))
    assert steps(planned) == []
    assert running(planned).blocked_by == "promise"
    thursday = date(2026, 12, 3)
    plan_on(planned, thursday)
    assert steps(planned) == [
        ("sollecito", "ready", thursday),
        ("promise_broken", "ready", thursday),
    ]
    assert [row.status for row in rows(planned, recovery.agreements)] == ["broken"]


def test_a_broken_promise_is_a_task_until_it_is_made_again(planned: Hub) -> None:
    do(planned, Promise(subject="C1", until=FRIDAY))
    plan_on(planned, date(2026, 12, 3))
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    assert (task.action, task.mode, task.status, task.total) == ("task", "manual", "ready", 10000)
    assert task.reason == "Promised by 2026-11-27 and not paid: 0.00 EUR came in since."
    (anna,) = rows(planned, tables.users)
    assert task.operator_id == anna.id
    (event,) = rows(planned, proof.journal, proof.journal.c.kind == "agreement.broken")
    assert (event.source, event.client) == ("acme", "C1")
    do(planned, Promise(subject="C1", until=date(2026, 12, 11)), on=date(2026, 12, 3))
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    assert (task.status, task.outcome) == ("counted", "promise")
    assert [row.renewal for row in rows(planned, recovery.agreements)] == [0, 1]


def test_the_task_of_a_broken_promise_goes_when_the_debt_is_paid(planned: Hub) -> None:
    do(planned, Promise(subject="C1", until=FRIDAY))
    plan_on(planned, date(2026, 12, 3))
    with planned.store.write() as connection:
        connection.execute(sa.update(ledger.installments).values(status="paid", residual=0))
        set_look(connection, date(2026, 12, 4))
    plan_on(planned, date(2026, 12, 4))
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    assert task.status == "cancelled"


def test_the_task_of_a_broken_promise_is_done_with_another_promise(planned: Hub) -> None:
    do(planned, Promise(subject="C1", until=FRIDAY))
    plan_on(planned, date(2026, 12, 3))
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    done = Done(subject=f"step:{task.id}", outcome="sentito", promise=date(2026, 12, 11))
    said = do(planned, done, on=date(2026, 12, 3))
    assert said == f"Done, 100.00 EUR promised by 2026-12-11: step:{task.id}."
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    assert (task.status, task.outcome) == ("counted", "sentito")
    assert running(planned).stage == ""  # no stage of the iter counted


def test_skipping_the_task_of_a_broken_promise_skips_no_stage(planned: Hub) -> None:
    do(planned, Promise(subject="C1", until=FRIDAY))
    plan_on(planned, date(2026, 12, 3))
    (task,) = rows(planned, recovery.steps, recovery.steps.c.stage == "promise_broken")
    do(planned, Skip(subject=f"step:{task.id}", why="già sentito"), on=date(2026, 12, 3))
    assert running(planned).skipped == ""


def test_an_extension_starts_the_clock_again(planned: Hub) -> None:
    do(planned, Extend(subject="F1/1", to=FRIDAY))
    plan_on(planned, MONDAY)
    assert steps(planned) == []
    # Five days after the new due date.
    plan_on(planned, date(2026, 12, 1))
    assert steps(planned) == []
    plan_on(planned, date(2026, 12, 2))
    assert steps(planned) == [("sollecito", "ready", date(2026, 12, 2))]


def test_a_skipped_stage_never_comes_back(planned: Hub) -> None:
    do(planned, Skip(subject="step:1", why="sentito di persona"))
    for number in range(8):
        plan_on(planned, MONDAY + timedelta(days=number))
    stages = [stage for stage, status, _ in steps(planned) if status != "skipped"]
    assert stages == ["telefonata"]


def test_skipping_everything_ends_in_silence(planned: Hub) -> None:
    for _ in range(3):
        do(planned, Skip(subject="F1/1", why="x"))
    plan_on(planned, date(2027, 3, 1))
    assert steps(planned) == []


def test_an_added_stage_comes_first_on_its_day(planned: Hub) -> None:
    do(planned, AddStage(subject="F1/1", action="visit", to=FRIDAY))
    plan_on(planned, MONDAY)
    assert steps(planned) == []
    plan_on(planned, FRIDAY)
    assert steps(planned) == [("visit_1", "ready", FRIDAY)]
    (step,) = [row.id for row in rows(planned, recovery.steps) if row.stage == "visit_1"]
    do(planned, Done(subject=f"step:{step}", outcome="pagherà"), on=FRIDAY)
    saturday = FRIDAY + timedelta(days=1)
    plan_on(planned, saturday)
    assert steps(planned)[-1] == ("sollecito", "ready", saturday)


def test_a_case_goes_on_where_it_was_sent(planned: Hub) -> None:
    do(planned, EnterStage(subject="F1/1", stage="diffida"))
    plan_on(planned, date(2026, 12, 8))
    # Rossi has no certified mail and no postal address: the stage becomes somebody's task.
    assert [(stage, status) for stage, status, _ in steps(planned)] == [("diffida", "ready")]


def test_a_moved_case_waits_for_its_day(planned: Hub) -> None:
    do(planned, Move(subject="F1/1", to=FRIDAY))
    plan_on(planned, MONDAY)
    assert steps(planned) == []
    plan_on(planned, FRIDAY)
    assert steps(planned) == [("sollecito", "ready", FRIDAY)]


def test_an_excluded_client_is_left_in_peace(planned: Hub) -> None:
    do(planned, Exclude(subject="C1", why="socio"))
    plan_on(planned, FRIDAY)
    assert steps(planned) == []
    do(planned, Include(subject="C1"))
    plan_on(planned, FRIDAY)
    assert steps(planned) == [("sollecito", "ready", FRIDAY)]


def test_a_case_moved_to_another_iter_starts_anew(planned: Hub) -> None:
    with planned.store.write() as connection:
        office.iter_version(connection, {**office.TRANSFER, "key": "rapido"})
    first = running(planned).id
    do(planned, ChooseIter(subject="F1/1", key="rapido", move=True))
    plan_on(planned, MONDAY)
    assert running(planned).id != first
    assert steps(planned) == [("sollecito", "ready", MONDAY)]


def test_the_list_of_cases_shows_a_block_the_moment_it_begins_and_ends(planned: Hub) -> None:
    def shown() -> tuple[str, date | None]:
        return running(planned).blocked_by, running(planned).next_due_on

    due = date(2026, 11, 7)
    for stop, name in (
        (Hold(subject="F1/1", why="x"), "hold"),
        (Dispute(subject="C1", why="x"), "dispute"),
        (Promise(subject="F1/1", until=FRIDAY), "promise"),
        (Park(subject="F1/1", why="x", into="cod"), "parked"),
    ):
        do(planned, stop)
        assert shown() == (name, due)
        before = everything_shown(planned)
        plan_on(planned, MONDAY)
        assert everything_shown(planned) == before
        do(planned, Release(subject="C1"))
        assert shown() == ("", due)
    do(planned, Extend(subject="F1/1", to=FRIDAY))
    assert shown() == ("", FRIDAY + timedelta(days=5))
    do(planned, Exclude(subject="C1", why="x"))
    assert shown()[0] == "excluded"
    do(planned, Include(subject="C1"))
    assert shown()[0] == ""


def everything_shown(hub: Hub) -> list[tuple[str, date | None]]:
    """Of every running case."""
    return [(case.blocked_by, case.next_due_on) for case in rows(hub, recovery.cases)]
