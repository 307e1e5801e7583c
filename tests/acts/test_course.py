"""What a person does to the course of cases and steps: skip, enter, add, move, edit, done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Hold, Release
from incasso.domain.acts.assignment import Assign, ChooseIter, Exclude, Include, Park
from incasso.domain.acts.deliveries import ResolveDelivery
from incasso.domain.acts.stages import AddStage, EnterStage, OwnStages, Skip
from incasso.domain.acts.steps import Approve, Done, Move, Reject
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import SubjectError
from incasso.services.recovery.iters import IterFileError, only_iter
from incasso.store.tables import ledger, office, recovery, sending
from tests.acts.office import MONDAY, Small, delivery, user
from tests.acts.test_agreements import FRIDAY, events_said, looks, rows
from tests.doing import do

OWN = """
[[iter]]
key = "su_misura"
[[iter.stage]]
key = "visita"
action = "visit"
mode = "manual"
advance_on = "done"
"""


def set_step(hub: Hub, small: Small, **values: Any) -> None:
    """As planning or dispatch would have left it."""
    steps = recovery.steps
    with hub.store.write() as connection:
        connection.execute(sa.update(steps).where(steps.c.id == small.step).values(**values))


def cases(hub: Hub) -> list[Any]:
    return rows(hub, recovery.cases)


def test_skipping_a_step_moves_its_cases_to_the_next_stage(hub: Hub, small: Small) -> None:
    do(hub, Skip(subject=f"step:{small.step}", why="già sentito"))
    (step,) = rows(hub, recovery.steps)
    assert (step.status, step.done_on, step.reason) == ("skipped", MONDAY, "già sentito")
    for case in cases(hub):
        assert (case.next_stage, case.skipped, case.step_id) == ("telefonata", "sollecito", None)
    assert looks(hub) == [MONDAY, MONDAY]


def test_skipping_to_the_end_leaves_no_stage(hub: Hub, small: Small) -> None:
    for _ in range(3):
        do(hub, Skip(subject=f"case:{small.cases[0]}", why="x"))
    with pytest.raises(ActError, match="no stage left"):
        do(hub, Skip(subject=f"case:{small.cases[0]}", why="x"))
    first, second = cases(hub)
    assert first.skipped == "sollecito,telefonata,diffida"
    assert (first.private_stages, second.step_id) == ([], small.step)


def test_a_case_goes_on_where_a_person_says(hub: Hub, small: Small) -> None:
    do(hub, EnterStage(subject="F1/1", stage="diffida"))
    assert [case.next_stage for case in cases(hub)] == ["diffida", "sollecito"]
    with pytest.raises(ActError, match="sollecito, telefonata, diffida"):
        do(hub, EnterStage(subject="F1/1", stage="pignoramento"))


def test_a_stage_is_added_before_the_next(hub: Hub, small: Small) -> None:
    do(hub, AddStage(subject="F1/1", to=FRIDAY))
    first, second = cases(hub)
    keys = [stage["key"] for stage in first.private_stages]
    assert keys == ["call_1", "sollecito", "telefonata", "diffida"]
    assert (first.moved_to, second.private_stages) == (FRIDAY, None)


def test_own_stages_for_one_case_only(hub: Hub, small: Small) -> None:
    do(hub, OwnStages(subject="F1/1", stages=only_iter(OWN, "su_misura.toml").stages))
    first, second = cases(hub)
    assert [stage["key"] for stage in first.private_stages] == ["visita"]
    assert second.private_stages is None
    with pytest.raises(IterFileError, match=r"su_misura\.toml"):
        only_iter("[[iter", "su_misura.toml")
    with pytest.raises(IterFileError, match="0 iters"):
        only_iter("", "su_misura.toml")


def test_a_step_moves_with_its_cases_a_case_leaves_it(hub: Hub, small: Small) -> None:
    do(hub, Move(subject=f"step:{small.step}", to=FRIDAY))
    assert [row.due_on for row in rows(hub, recovery.steps)] == [FRIDAY]
    do(hub, Move(subject=f"case:{small.cases[0]}", to=date(2026, 12, 9)))
    first, second = cases(hub)
    assert (first.moved_to, first.step_id) == (date(2026, 12, 9), None)
    assert (second.moved_to, second.step_id) == (None, small.step)


def test_approved_or_rejected(hub: Hub, small: Small) -> None:
    with pytest.raises(ActError, match="is ready"):
        do(hub, Approve(subject=f"step:{small.step}"))
    set_step(hub, small, status="proposed", mode="approve")
    do(hub, Approve(subject=f"step:{small.step}"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["ready"]
    set_step(hub, small, status="proposed")
    do(hub, Reject(subject=f"step:{small.step}", why="tono sbagliato"))
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]
    assert {case.next_stage for case in cases(hub)} == {"sollecito"}


def test_a_call_is_recorded_counts_and_may_bring_a_promise(hub: Hub, small: Small) -> None:
    set_step(hub, small, action="call", mode="manual", medium="")
    do(hub, Done(subject=f"step:{small.step}", outcome="non risponde", not_reached=True))
    assert [row.status for row in rows(hub, recovery.steps)] == ["ready"]
    paid = Done(
        subject=f"step:{small.step}",
        outcome="paga venerdì",
        promise=FRIDAY,
        amount=Decimal("200"),
    )
    said = do(hub, paid)
    assert said == f"Done, 200.00 EUR promised by 2026-11-27: step:{small.step}."
    (step,) = rows(hub, recovery.steps)
    assert (step.status, step.outcome, step.done_on) == ("counted", "paga venerdì", MONDAY)
    assert [row.effective for row in rows(hub, recovery.conversations)] == [False, True]
    assert [row.amount for row in rows(hub, recovery.agreements)] == [20000]
    assert {(case.stage, case.counted_on) for case in cases(hub)} == {("sollecito", MONDAY)}


@pytest.mark.parametrize("sent", [True, False])
def test_an_uncertain_delivery_is_resolved(hub: Hub, small: Small, sent: bool) -> None:
    with hub.store.write() as connection:
        delivery(connection, small.step, "D1", status="uncertain", accepted_at=None)
    set_step(hub, small, status="working")
    do(hub, ResolveDelivery(subject="D1", sent=sent))
    (found,) = rows(hub, sending.deliveries)
    (step,) = rows(hub, recovery.steps)
    if sent:
        assert (found.status, found.accepted_on, step.status) == ("accepted", MONDAY, "counted")
    else:
        assert (found.status, step.status) == ("cancelled", "ready")
    with pytest.raises(ActError, match="not uncertain"):
        do(hub, ResolveDelivery(subject="D1", sent=sent))
    with pytest.raises(SubjectError, match="D2"):
        do(hub, ResolveDelivery(subject="delivery:D2", sent=sent))


def test_parked_and_back(hub: Hub, small: Small) -> None:
    do(hub, Park(subject="C1", why="dall'avvocato", into="Legale"))
    assert [(case.state, case.container) for case in cases(hub)] == [("parked", "legal")] * 2
    with pytest.raises(ActError, match=r"case:1 is with the lawyers: `--confirm`"):
        do(hub, Release(subject="F1/1"))
    with pytest.raises(ActError, match="with the lawyers"):
        do(hub, Park(subject="F1/1", why="x", into="cod"))
    said = do(hub, Release(subject="F1/1", confirm=True))
    assert said == "Released parking: installment acme/F1/1."
    assert [case.state for case in cases(hub)] == ["open", "parked"]


def test_work_is_handed_over(hub: Hub, small: Small) -> None:
    do(hub, Assign(subject="C1", to="anna", responsible="anna"))
    assert {case.operator_id for case in cases(hub)} == {small.anna}
    assert [row.operator_id for row in rows(hub, recovery.steps)] == [small.anna]
    assert [row.responsible_id for row in rows(hub, ledger.clients)] == [small.anna]


def test_a_client_is_left_in_peace_and_counted_in_again(hub: Hub, small: Small) -> None:
    do(hub, Exclude(subject="C1", why="socio"))
    assert [row.office_excluded for row in rows(hub, ledger.clients)] == [True]
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]
    do(hub, Include(subject="C1"))
    assert [row.office_excluded for row in rows(hub, ledger.clients)] == [False]


def test_another_iter_for_one_installment(hub: Hub, small: Small) -> None:
    do(hub, ChooseIter(subject="F1/1", key="bonifico"))
    assert [row.iter_override for row in rows(hub, ledger.installments)] == ["bonifico", None]
    assert [case.state for case in cases(hub)] == ["open", "open"]
    do(hub, ChooseIter(subject="F1/1", key=None, move=True))
    first, second = cases(hub)
    assert (first.state, first.close_reason, second.state) == ("closed", "moved", "open")


REFUSED: list[tuple[str, Callable[[Hub, Small], object]]] = [
    ("may have many cases", lambda hub, _: do(hub, Skip(subject="C1", why="x"))),
    ("--why", lambda hub, _: do(hub, Skip(subject="F1/1", why=""))),
    ("is not a step", lambda hub, _: do(hub, Approve(subject="C1"))),
    ("carried out by the hub", lambda hub, s: do(hub, Done(subject=f"step:{s.step}"))),
    ("before", lambda hub, s: do(hub, Move(subject=f"step:{s.step}", to=date(2026, 1, 1)))),
    (
        "no name for a container",
        lambda hub, _: do(hub, Park(subject="C1", why="x", into="?")),
    ),
    ("--why", lambda hub, _: do(hub, Park(subject="C1", why="", into="legal"))),
    ("Nobody active", lambda hub, _: do(hub, Assign(subject="C1", to="nobody"))),
    ("to whom", lambda hub, _: do(hub, Assign(subject="C1"))),
    ("Only clients", lambda hub, _: do(hub, Exclude(subject="F1/1", why="x"))),
    ("No iter", lambda hub, _: do(hub, ChooseIter(subject="C1", key="nessuno"))),
    (
        "a client or an installment",
        lambda hub, s: do(hub, ChooseIter(subject=f"step:{s.step}", key=None)),
    ),
]


def test_what_is_refused_changes_nothing(hub: Hub, small: Small) -> None:
    before = rows(hub, recovery.cases), rows(hub, recovery.steps)
    for words, call in REFUSED:
        with pytest.raises(ActError, match=words):
            call(hub, small)
    assert (rows(hub, recovery.cases), rows(hub, recovery.steps)) == before
    assert events_said(hub) == []


def test_what_has_left_is_not_touched(hub: Hub, small: Small) -> None:
    set_step(hub, small, status="working")
    for act in (Skip, Reject):
        with pytest.raises(ActError, match="no longer"):
            do(hub, act(subject=f"step:{small.step}", why="x"))
    with pytest.raises(ActError, match="leaving right now"):
        do(hub, Skip(subject="F1/1", why="x"))
    set_step(hub, small, status="ready")
    with hub.store.write() as connection:
        connection.execute(sa.insert(sending.step_claims).values(step_id=small.step, owner="x"))
    with pytest.raises(ActError, match="leaving right now"):
        do(hub, Move(subject=f"step:{small.step}", to=FRIDAY))


def test_a_hold_is_always_possible(hub: Hub, small: Small) -> None:
    """Even while a message leaves, and even if somebody disabled the client's operator."""
    set_step(hub, small, status="working")
    with hub.store.write() as connection:
        connection.execute(sa.update(office.users).values(active=False))
        user(connection, "bruno")
    do(hub, Hold(subject="C1", why="x"), by="bruno")
    assert [row.status for row in rows(hub, recovery.steps)] == ["working"]
