"""What a person does to the course of cases and steps: skip, enter, add, move, edit, done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode, Stage
from incasso.services import acts
from incasso.services.acts import ActError, PromiseMade
from incasso.services.running.hub import Hub
from incasso.store.tables import ledger, office, proof, recovery, sending
from tests.acts.office import MONDAY, Small, delivery
from tests.acts.test_agreements import ANNA, FRIDAY, rows

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
    acts.skip(hub, f"step:{small.step}", **ANNA, why="già sentito")
    (step,) = rows(hub, recovery.steps)
    assert (step.status, step.done_on, step.reason) == ("skipped", MONDAY, "già sentito")
    for case in cases(hub):
        assert (case.next_stage, case.skipped, case.step_id) == ("telefonata", "sollecito", None)
    assert [row.look_on for row in rows(hub, ledger.installments)] == [MONDAY, MONDAY]


def test_skipping_to_the_end_leaves_no_stage(hub: Hub, small: Small) -> None:
    for _ in range(3):
        acts.skip(hub, f"case:{small.cases[0]}", **ANNA, why="x")
    with pytest.raises(ActError, match="no stage left"):
        acts.skip(hub, f"case:{small.cases[0]}", **ANNA, why="x")
    first, second = cases(hub)
    assert first.skipped == "sollecito,telefonata,diffida"
    assert (first.private_stages, second.step_id) == ([], small.step)


def test_a_case_goes_on_where_a_person_says(hub: Hub, small: Small) -> None:
    acts.enter(hub, "F1/1", **ANNA, stage="diffida")
    assert [case.next_stage for case in cases(hub)] == ["diffida", "sollecito"]
    with pytest.raises(ActError, match="sollecito, telefonata, diffida"):
        acts.enter(hub, "F1/1", **ANNA, stage="pignoramento")


def test_a_stage_is_added_before_the_next(hub: Hub, small: Small) -> None:
    extra = Stage(key="richiamo", action=Action.CALL, mode=Mode.MANUAL)
    acts.add(hub, "F1/1", **ANNA, stage=extra, to=FRIDAY)
    first, second = cases(hub)
    keys = [stage["key"] for stage in first.private_stages]
    assert keys == ["richiamo_1", "sollecito", "telefonata", "diffida"]
    assert (first.moved_to, second.private_stages) == (FRIDAY, None)


def test_own_stages_for_one_case_only(hub: Hub, small: Small) -> None:
    acts.private_stages(hub, "F1/1", **ANNA, text=OWN, file="su_misura.toml")
    first, second = cases(hub)
    assert [stage["key"] for stage in first.private_stages] == ["visita"]
    assert second.private_stages is None
    with pytest.raises(ActError, match=r"su_misura\.toml"):
        acts.private_stages(hub, "F1/1", **ANNA, text="[[iter", file="su_misura.toml")
    with pytest.raises(ActError, match="0 iters"):
        acts.private_stages(hub, "F1/1", **ANNA, text="", file="su_misura.toml")


def test_a_step_moves_with_its_cases_a_case_leaves_it(hub: Hub, small: Small) -> None:
    acts.move(hub, f"step:{small.step}", **ANNA, to=FRIDAY)
    assert [row.due_on for row in rows(hub, recovery.steps)] == [FRIDAY]
    acts.move(hub, f"case:{small.cases[0]}", **ANNA, to=date(2026, 12, 9))
    first, second = cases(hub)
    assert (first.moved_to, first.step_id) == (date(2026, 12, 9), None)
    assert (second.moved_to, second.step_id) == (None, small.step)


def test_a_message_is_edited(hub: Hub, small: Small) -> None:
    acts.edit(hub, f"step:{small.step}", **ANNA, title="Ultimo avviso", text="Gentile cliente")
    (step,) = rows(hub, recovery.steps)
    assert (step.subject_override, step.text_override) == ("Ultimo avviso", "Gentile cliente")
    with pytest.raises(ActError, match="no address for pec"):
        acts.edit(hub, f"step:{small.step}", **ANNA, medium="pec")
    with pytest.raises(ActError, match="not a medium"):
        acts.edit(hub, f"step:{small.step}", **ANNA, medium="pigeon")


def test_approved_or_rejected(hub: Hub, small: Small) -> None:
    with pytest.raises(ActError, match="is ready"):
        acts.approve(hub, f"step:{small.step}", **ANNA)
    set_step(hub, small, status="proposed", mode="approve")
    acts.approve(hub, f"step:{small.step}", **ANNA)
    assert [row.status for row in rows(hub, recovery.steps)] == ["ready"]
    set_step(hub, small, status="proposed")
    acts.reject(hub, f"step:{small.step}", **ANNA, why="tono sbagliato")
    assert [row.status for row in rows(hub, recovery.steps)] == ["skipped"]
    assert {case.next_stage for case in cases(hub)} == {"telefonata"}


def test_a_call_is_recorded_counts_and_may_bring_a_promise(hub: Hub, small: Small) -> None:
    set_step(hub, small, action="call", mode="manual", medium="")
    acts.done(hub, f"step:{small.step}", **ANNA, outcome="non risponde", reached=False)
    assert [row.status for row in rows(hub, recovery.steps)] == ["ready"]
    promised = PromiseMade(until=FRIDAY, amount=Decimal("200"))
    said = acts.done(hub, f"step:{small.step}", **ANNA, outcome="paga venerdì", promised=promised)
    assert said == f"Done, 200.00 EUR promised by 2026-11-27: step:{small.step}."
    (step,) = rows(hub, recovery.steps)
    assert (step.status, step.outcome, step.done_on) == ("counted", "paga venerdì", MONDAY)
    assert [row.effective for row in rows(hub, recovery.conversations)] == [False, True]
    assert [row.amount for row in rows(hub, recovery.agreements)] == [10000, 10000]
    assert {(case.stage, case.counted_on) for case in cases(hub)} == {("sollecito", MONDAY)}


@pytest.mark.parametrize("sent", [True, False])
def test_an_uncertain_delivery_is_resolved(hub: Hub, small: Small, sent: bool) -> None:
    with hub.store.write() as connection:
        delivery(connection, small.step, "D1", status="uncertain", accepted_at=None)
    set_step(hub, small, status="working")
    acts.resolve(hub, "D1", **ANNA, sent=sent)
    (found,) = rows(hub, sending.deliveries)
    (step,) = rows(hub, recovery.steps)
    if sent:
        assert (found.status, found.accepted_on, step.status) == ("accepted", MONDAY, "counted")
    else:
        assert (found.status, step.status) == ("cancelled", "ready")
    with pytest.raises(ActError, match="not uncertain"):
        acts.resolve(hub, "D1", **ANNA, sent=sent)
    with pytest.raises(ActError, match="D2"):
        acts.resolve(hub, "delivery:D2", **ANNA, sent=sent)


def test_parked_and_back(hub: Hub, small: Small) -> None:
    acts.park(hub, "C1", **ANNA, why="dall'avvocato", container="Legale")
    assert [(case.state, case.container) for case in cases(hub)] == [("parked", "legal")] * 2
    assert acts.release(hub, "F1/1", **ANNA) == "Released park: installment acme/F1/1."
    assert [case.state for case in cases(hub)] == ["open", "parked"]


def test_work_is_handed_over(hub: Hub, small: Small) -> None:
    acts.assign(hub, "C1", **ANNA, to="anna", responsible="anna")
    assert {case.operator_id for case in cases(hub)} == {small.anna}
    assert [row.operator_id for row in rows(hub, recovery.steps)] == [small.anna]
    assert [row.responsible_id for row in rows(hub, ledger.clients)] == [small.anna]


def test_a_client_is_left_in_peace_and_counted_in_again(hub: Hub, small: Small) -> None:
    acts.exclude(hub, "C1", **ANNA, why="socio")
    assert [row.office_excluded for row in rows(hub, ledger.clients)] == [True]
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]
    acts.exclude(hub, "C1", **ANNA, why="", excluded=False)
    assert [row.office_excluded for row in rows(hub, ledger.clients)] == [False]


def test_another_iter_for_one_installment(hub: Hub, small: Small) -> None:
    acts.choose_iter(hub, "F1/1", **ANNA, iter="bonifico")
    assert [row.iter_override for row in rows(hub, ledger.installments)] == ["bonifico", None]
    assert [case.state for case in cases(hub)] == ["open", "open"]
    acts.choose_iter(hub, "F1/1", **ANNA, iter=None, move_running=True)
    first, second = cases(hub)
    assert (first.state, first.close_reason, second.state) == ("closed", "moved", "open")


REFUSED: list[tuple[str, Callable[[Hub, Small], object]]] = [
    ("may have many cases", lambda hub, _: acts.skip(hub, "C1", **ANNA, why="x")),
    ("--why", lambda hub, _: acts.skip(hub, "F1/1", **ANNA, why="")),
    ("is not a step", lambda hub, _: acts.approve(hub, "C1", **ANNA)),
    ("carried out by the hub", lambda hub, s: acts.done(hub, f"step:{s.step}", **ANNA)),
    ("what to change", lambda hub, s: acts.edit(hub, f"step:{s.step}", **ANNA)),
    ("before", lambda hub, s: acts.move(hub, f"step:{s.step}", **ANNA, to=date(2026, 1, 1))),
    (
        "no name for a container",
        lambda hub, _: acts.park(hub, "C1", **ANNA, why="x", container="?"),
    ),
    ("--why", lambda hub, _: acts.park(hub, "C1", **ANNA, why="", container="legal")),
    ("Nobody active", lambda hub, _: acts.assign(hub, "C1", **ANNA, to="nobody")),
    ("to whom", lambda hub, _: acts.assign(hub, "C1", **ANNA)),
    ("Only clients", lambda hub, _: acts.exclude(hub, "F1/1", **ANNA, why="x")),
    ("No iter", lambda hub, _: acts.choose_iter(hub, "C1", **ANNA, iter="nessuno")),
    (
        "a client or an installment",
        lambda hub, s: acts.choose_iter(hub, f"step:{s.step}", **ANNA, iter=None),
    ),
]


def test_what_is_refused_changes_nothing(hub: Hub, small: Small) -> None:
    before = rows(hub, recovery.cases), rows(hub, recovery.steps)
    for words, call in REFUSED:
        with pytest.raises(ActError, match=words):
            call(hub, small)
    assert (rows(hub, recovery.cases), rows(hub, recovery.steps)) == before
    assert rows(hub, proof.journal) == []


def test_what_has_left_is_not_touched(hub: Hub, small: Small) -> None:
    set_step(hub, small, status="working")
    for act in (acts.skip, acts.reject):
        with pytest.raises(ActError, match="no longer"):
            act(hub, f"step:{small.step}", **ANNA, why="x")
    with pytest.raises(ActError, match="leaving right now"):
        acts.skip(hub, "F1/1", **ANNA, why="x")
    set_step(hub, small, status="ready")
    with hub.store.write() as connection:
        connection.execute(sa.insert(sending.step_claims).values(step_id=small.step, owner="x"))
    with pytest.raises(ActError, match="leaving right now"):
        acts.move(hub, f"step:{small.step}", **ANNA, to=FRIDAY)


def test_a_hold_is_always_possible(hub: Hub, small: Small) -> None:
    """Even while a message leaves, and even if somebody disabled the client's operator."""
    set_step(hub, small, status="working")
    with hub.store.write() as connection:
        connection.execute(sa.update(office.users).values(active=False))
    acts.hold(hub, "C1", by="bruno", on=MONDAY, why="x")
    assert [row.status for row in rows(hub, recovery.steps)] == ["working"]
