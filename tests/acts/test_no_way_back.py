"""A rejected stage is asked again or skipped on purpose; no case goes back unawares.

The course of the small office's iter, as it went: first letter on Monday 23 November, call on
Monday 30, last notice to approve from 10 December on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.act import Act
from incasso.domain.acts.agreements import Extend, Hold, Release
from incasso.domain.acts.assignment import ChooseIter, Park
from incasso.domain.acts.stages import AddStage, EnterStage, OwnStages, Skip
from incasso.domain.acts.steps import Move, Reject
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import Role
from incasso.services.acts import ActError
from incasso.services.cases.progress import count_steps
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.services.recovery.iters import only_iter
from incasso.store.tables import proof, recovery
from tests.acts import office
from tests.acts.office import MONDAY, TRANSFER
from tests.acts.test_agreements import FRIDAY, rows
from tests.acts.test_then_plan import plan_on, running
from tests.doing import do, people

LEGAL = {
    "key": "legale",
    "anchor": "previous",
    "days": 10,
    "action": "park",
    "container": "legal",
    "mode": "approve",
    "advance_on": "done",
}
STAGES = [*TRANSFER["stages"], LEGAL]
GENTLE: dict[str, Any] = {
    "key": "gentile",
    "priority": 200,
    "stages": [
        {"key": "invito", "days": 5, "channels": ["email"], "template": "x"},
        {"key": "messa_in_mora", "days": 30, "channels": ["registered"], "template": "x"},
    ],
}
SOFT = {**GENTLE, "key": "morbido", "priority": 300, "stages": GENTLE["stages"][:1]}
CALLED = date(2026, 11, 30)
NOTICE = date(2026, 12, 10)


@pytest.fixture
def course(hub: Hub) -> Hub:
    """Rossi's installment of 2 November, telephoned on 30 November, its last notice proposed."""
    with hub.store.write() as connection:
        source = office.source(connection)
        office.user(connection, "anna", role="credit_manager")
        rossi = office.client(connection, source, "C1", "Rossi Srl", pec="c1@pec.example.it")
        late = date(2026, 11, 2)
        office.installment(connection, rossi, "F1/1", 10000, late, look_on=MONDAY)
        office.iter_version(connection, {**TRANSFER, "min_gap_days": 3, "stages": STAGES})
        office.iter_version(connection, GENTLE)
        office.iter_version(connection, SOFT)
    for day in (MONDAY, CALLED):
        plan_on(hub, day)
        carried_out(hub, "ready", day)
    plan_on(hub, NOTICE)
    assert steps(hub)[-1] == ("diffida", "proposed", NOTICE)
    return hub


def after(days: int) -> date:
    return NOTICE + timedelta(days=days)


def waiting(hub: Hub, status: str = "proposed") -> int:
    """The only step of that status."""
    (step,) = rows(hub, recovery.steps, recovery.steps.c.status == status)
    return int(step.id)


def carried_out(hub: Hub, status: str, day: date) -> None:
    """The waiting message or work left, or was done, and counts."""
    with hub.store.write() as connection:
        count_steps(connection, [waiting(hub, status)], day)


def act(hub: Hub, what: Act) -> str:
    """On the day the last notice was proposed."""
    return str(do(hub, what, on=NOTICE))


def steps(hub: Hub) -> list[tuple[str, str, date]]:
    """Stage, status and day of every step that was not cancelled, oldest first."""
    found = rows(hub, recovery.steps, recovery.steps.c.status != "cancelled")
    return [(r.stage, r.status, r.due_on) for r in sorted(found, key=lambda row: row.id)]


def test_a_rejected_stage_is_asked_again_after_the_least_distance(course: Hub) -> None:
    step = waiting(course)
    said = act(course, Reject(subject=str(step), why="aspettiamo"))
    assert said == f"Rejected, asked again on 2026-12-13: step:{step}."
    for days in (1, 2):
        plan_on(course, after(days))
    assert [stage for stage, _, _ in steps(course)] == ["sollecito", "telefonata"]
    plan_on(course, after(3))
    assert steps(course)[-1] == ("diffida", "proposed", after(3))
    told = [(e.what, e.stage, e.why) for e in rows(course, recovery.case_events)]
    assert ("rejected", "diffida", "aspettiamo") in told
    (rejected,) = rows(course, proof.journal, proof.journal.c.kind == "step.rejected")
    assert rejected.facts["until"] == "2026-12-13"


def test_a_rejected_stage_is_asked_again_when_the_person_says(course: Hub) -> None:
    act(course, Reject(subject=str(waiting(course)), why="x", until=after(20)))
    for days in range(1, 20):
        plan_on(course, after(days))
    assert len(steps(course)) == 2
    plan_on(course, after(20))
    assert steps(course)[-1] == ("diffida", "proposed", after(20))
    again = waiting(course)
    with pytest.raises(ActError, match="is before 2026-12-10"):
        act(course, Reject(subject=str(again), why="x", until=after(-1)))
    with pytest.raises(ActError, match="--until DATE`, or skipped"):
        act(course, Reject(subject=str(again), why="x", until=after(30), skip=True))


def test_skipped_on_purpose_the_next_stage_is_counted_from_that_day(course: Hub) -> None:
    step = waiting(course)
    said = act(course, Reject(subject=str(step), why="x", skip=True))
    assert said == f"Rejected, diffida skipped: step:{step}."
    # Ten days after the day it was skipped, not after the call.
    for days in range(1, 10):
        plan_on(course, after(days))
    assert [stage for stage, _, _ in steps(course)] == ["sollecito", "telefonata", "diffida"]
    plan_on(course, after(10))
    assert steps(course)[-1] == ("legale", "proposed", after(10))


def test_a_case_moved_to_the_same_iter_goes_on_at_the_highest_stage(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    number = running(course).id
    back = ChooseIter(subject="F1/1", key="bonifico", move=True)
    with pytest.raises(ActError) as refused:
        act(course, back)
    assert str(refused.value) == (
        f"case:{number} has reached diffida; moved, it would begin again at sollecito. "
        "`--confirm` lets it enter at diffida, `--stage KEY --confirm` where you say."
    )
    assert running(course).id == number
    act(course, ChooseIter(subject="F1/1", key="bonifico", move=True, confirm=True))
    case = running(course)
    assert (case.next_stage, case.skipped) == ("diffida", "sollecito,telefonata")
    for days in range(3):
        plan_on(course, after(days))
    assert len(steps(course)) == 3
    plan_on(course, after(3))
    assert steps(course)[-1] == ("diffida", "proposed", after(3))


def test_the_person_may_say_a_softer_stage(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    with pytest.raises(ActError, match="telefonata is milder: `--confirm`"):
        act(course, ChooseIter(subject="F1/1", key="bonifico", move=True, stage="telefonata"))
    act(
        course,
        ChooseIter(subject="F1/1", key="bonifico", move=True, stage="telefonata", confirm=True),
    )
    # Three days after the notice is a Sunday, on which nobody is called.
    plan_on(course, after(3))
    assert len(steps(course)) == 3
    plan_on(course, after(4))
    assert steps(course)[-1] == ("telefonata", "ready", after(4))
    with pytest.raises(ActError, match="no stage pignoramento: choose from"):
        act(course, ChooseIter(subject="F1/1", key="bonifico", move=True, stage="pignoramento"))
    with pytest.raises(ActError, match="give `--move` too"):
        act(course, ChooseIter(subject="F1/1", key="bonifico", stage="diffida"))


def test_in_another_iter_a_formal_notice_is_followed_by_none_below(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    with pytest.raises(ActError, match="begin again at invito"):
        act(course, ChooseIter(subject="F1/1", key="gentile", move=True))
    with pytest.raises(ActError, match="morbido has no stage as grave as diffida"):
        act(course, ChooseIter(subject="F1/1", key="morbido", move=True, confirm=True))
    act(course, ChooseIter(subject="F1/1", key="gentile", move=True, confirm=True))
    assert running(course).next_stage == "messa_in_mora"


def test_before_a_formal_notice_a_case_moves_freely(course: Hub) -> None:
    act(course, ChooseIter(subject="F1/1", key="gentile", move=True))
    plan_on(course, NOTICE)
    assert running(course).next_stage == "invito"


def test_out_of_legal_only_by_confirmation(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    act(course, Park(subject="F1/1", into="legal", why="x"))
    for one in (
        Release(subject="C1"),
        Park(subject="F1/1", into="cod", why="x"),
        ChooseIter(subject="C1", key="bonifico", move=True),
    ):
        with pytest.raises(ActError, match="is with the lawyers: `--confirm`"):
            act(course, one)
    act(course, Hold(subject="C1", why="x"))
    said = act(course, Release(subject="C1", what=("hold",)))
    assert said.startswith("Released hold until ") and said.endswith(": client acme/C1.")
    act(course, ChooseIter(subject="C1", key="bonifico", move=True, confirm=True))
    assert running(course).next_stage == "legale"


def test_who_may_not_send_to_the_lawyers_takes_nothing_back_from_them(course: Hub) -> None:
    people(course.store, Role.OPERATOR, "luca")
    act(course, Park(subject="F1/1", into="legal", why="x"))
    with pytest.raises(ActorError, match="may not release"):
        do(course, Release(subject="F1/1", confirm=True), by="luca", on=NOTICE)
    act(course, Release(subject="F1/1", confirm=True))
    assert running(course).state == "open"


def test_a_move_to_another_stage_is_taken_back(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    before = running(course)
    act(course, ChooseIter(subject="F1/1", key="bonifico", move=True, confirm=True))
    assert running(course).id != before.id
    act(course, Undo(subject="last"))
    again = running(course)
    assert (again.id, again.stage, again.next_stage) == (before.id, "diffida", "legale")
    plan_on(course, after(10))
    assert steps(course)[-1] == ("legale", "proposed", after(10))


def test_a_rejection_is_taken_back(course: Hub) -> None:
    step = waiting(course)
    act(course, Reject(subject=str(step), why="x"))
    act(course, Undo(subject="last"))
    assert waiting(course) == step
    assert running(course).step_id == step


def test_a_person_who_enters_a_stage_before_one_that_was_reached_confirms_it(course: Hub) -> None:
    carried_out(course, "proposed", NOTICE)
    with pytest.raises(ActError, match="has reached diffida; sollecito is milder"):
        act(course, EnterStage(subject="F1/1", stage="sollecito"))
    act(course, EnterStage(subject="F1/1", stage="legale"))
    act(course, EnterStage(subject="F1/1", stage="sollecito", confirm=True))
    assert running(course).next_stage == "sollecito"


def test_own_stages_may_begin_with_one_counted_from_what_was_before(course: Hub) -> None:
    own = """
[[iter]]
key = "su_misura"
[[iter.stage]]
key = "visita"
anchor = "previous"
days = 21
action = "visit"
"""
    act(course, OwnStages(subject="F1/1", stages=only_iter(own, "own.toml").stages))
    for day in (date(2026, 12, 20), date(2026, 12, 21)):
        plan_on(course, day)
    # Twenty-one days after the call.
    assert steps(course)[-1] == ("visita", "ready", date(2026, 12, 21))


def test_what_is_added_for_a_day_before_the_due_date_is_a_reminder(course: Hub) -> None:
    act(course, Extend(subject="F1/1", to=after(40)))
    act(course, AddStage(subject="F1/1", action="call", to=after(5)))
    plan_on(course, after(4))
    plan_on(course, after(5))
    assert steps(course)[-1] == ("call_1", "ready", after(5))
    act(course, Skip(subject="F1/1", why="x"))
    formal = AddStage(subject="F1/1", action="send", medium=("pec",), template="x", to=after(6))
    act(course, formal)
    plan_on(course, after(7))
    assert running(course).blocked_by == "extension"


def test_a_stage_for_working_days_is_moved_to_one(hub: Hub, small: office.Small) -> None:
    stages = [{**TRANSFER["stages"][0], "working_days": True}]
    versions = recovery.iter_versions
    with hub.store.write() as connection:
        connection.execute(sa.update(versions).values(definition={"key": "b", "stages": stages}))
    saturday = FRIDAY + timedelta(days=1)
    said = do(hub, Move(subject=f"step:{small.step}", to=saturday))
    assert said == "Moved to 2026-11-30: step:1."
    assert [row.due_on for row in rows(hub, recovery.steps)] == [date(2026, 11, 30)]
