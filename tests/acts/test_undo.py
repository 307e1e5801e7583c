"""An act is taken back by `undo` while nothing followed from it, with what its event keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from incasso.domain.acts.act import Act, UndoBy, acts
from incasso.domain.acts.agreements import (
    AnswerDispute,
    Dispute,
    Extend,
    Hold,
    Payment,
    PaymentPlan,
    Promise,
    Release,
)
from incasso.domain.acts.assignment import Assign, ChooseIter, Exclude, Include, Park
from incasso.domain.acts.charges import Charges
from incasso.domain.acts.client_contacts import EndContact, SetContact
from incasso.domain.acts.consents import Agree, Refuse
from incasso.domain.acts.contacts import CallBack, Contact, Correct
from incasso.domain.acts.replies import AssignReply, HandReplyOver, ReplyAnswered, ReplyDone
from incasso.domain.acts.stages import AddStage, EnterStage, OwnStages, Skip
from incasso.domain.acts.steps import Approve, Done, Edit, Move, Reject
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import Role
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import DisputeResult
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.store.proof import journal
from incasso.store.tables import ledger, reaching, recovery
from tests.acts.office import MONDAY, NOON, Small, delivery
from tests.acts.test_agreements import FRIDAY, events_said, rows
from tests.doing import do, people
from tests.profiles import tries

KEPT = (
    (ledger.clients, ()),
    (ledger.client_corrections, ("id",)),
    (reaching.consents, ("id",)),
    (reaching.client_contacts, ("id",)),
    (ledger.installments, ()),
    (recovery.cases, ("next_due_on", "blocked_by")),
    (recovery.steps, ()),
    (recovery.step_cases, ()),
    (recovery.conversations, ("id",)),
    (recovery.agreements, ("id",)),
    (recovery.agreement_dates, ()),
    (recovery.agreement_installments, ()),
)
"""What must be as it was; planning may look again on any day, so its agenda is not among them."""


def state(hub: Hub) -> list[Any]:
    """Everything an act may change, but for the day planning looks again."""
    found: list[Any] = []
    for table, without in KEPT:
        columns = [column for column in table.c if column.name not in without]
        with hub.store.read() as connection:
            query = sa.select(*columns).order_by(*table.primary_key)
            found.append([tuple(row) for row in connection.execute(query)])
    return found


LAST = Undo(subject="last")


def samples(small: Small) -> Iterator[Act]:
    yield Hold(subject="C1", why="x")
    yield Hold(subject="F1/1", why="x")
    yield Dispute(subject="F2/1", why="x")
    yield Promise(subject="C1", until=FRIDAY)
    yield Promise(subject=f"step:{small.step}", until=FRIDAY, amount=Decimal("150"))
    yield PaymentPlan(subject="C1", pay=(Payment(on=FRIDAY, amount=Decimal(1)),), confirm=True)
    yield Extend(subject="C1", days=60)
    yield Charges(subject="F2/1", amount=Decimal("7.50"))
    yield Park(subject="C1", why="x", into="cod")
    yield Park(subject="F1/1", why="x", into="legal", review=FRIDAY)
    yield Assign(subject="C1", to="anna", responsible="anna")
    yield Assign(subject=f"case:{small.cases[0]}", responsible="anna")
    yield Assign(subject=f"step:{small.step}", to="anna")
    yield Exclude(subject="C1", why="x")
    yield ChooseIter(subject="F1/1", key="bonifico", move=True)
    yield Move(subject=f"step:{small.step}", to=FRIDAY)
    yield Move(subject=f"case:{small.cases[1]}", to=FRIDAY)
    yield Skip(subject=f"step:{small.step}", why="x")
    yield EnterStage(subject="F1/1", stage="diffida")
    yield AddStage(subject="F1/1", to=FRIDAY)
    yield Edit(subject=f"step:{small.step}", title="Ultimo avviso", text="Gentile cliente")
    yield Approve(subject=f"step:{small.step}")
    yield Reject(subject=f"step:{small.step}", why="x")
    yield OwnStages(subject="F1/1", stages=(Stage(key="a"),))
    yield Contact(
        subject="F1/1",
        kind="call",
        outcome="will_pay",
        email="nuova@example.it",
        call_back=CallBack(on=FRIDAY, at=time(15, 30)),
    )
    yield Correct(subject="C1", pec="rossi@pec.example.it", phone="011 5550100", from_="visura")
    yield Refuse(subject="C1", medium=("email", "sms"), from_="modulo")
    yield Agree(subject="C1", medium=("email",), from_="telefonata")
    yield SetContact(subject="C1", role="titolare", person="A. Rossi", from_="visura")
    yield SetContact(subject="C1", role="solleciti", email="crediti@rossi.it", from_="visura")


def waiting_for_approval(hub: Hub, small: Small, status: str = "proposed") -> None:
    steps = recovery.steps
    with hub.store.write() as connection:
        mode = "approve" if status == "proposed" else "auto"
        change = sa.update(steps).where(steps.c.id == small.step)
        connection.execute(change.values(status=status, mode=mode))


def came_back(hub: Hub, small: Small) -> None:
    """One of the installments is a returned bill."""
    table = ledger.installments
    with hub.store.write() as connection:
        change = sa.update(table).where(table.c.id == small.later)
        connection.execute(change.values(unpaid_on=date(2026, 11, 12)))


def test_every_act_is_taken_back_to_the_letter(hub: Hub, small: Small) -> None:
    """One act after the other; before and after each the database is the same."""
    came_back(hub, small)
    done = set()
    for act in samples(small):
        proposed = isinstance(act, Approve | Reject)
        waiting_for_approval(hub, small, "proposed" if proposed else "ready")
        before = state(hub)
        do(hub, act)
        assert state(hub) != before, act
        do(hub, LAST)
        assert state(hub) == before, act
        done.add(type(act))
    ended = {Release, Include, AnswerDispute, EndContact}
    ended |= {ReplyAnswered, ReplyDone, HandReplyOver, AssignReply}  # tests/inbox
    assert done | ended == {act for act in acts() if act.undo_by is UndoBy.VALUES}


@tries(10, HealthCheck.function_scoped_fixture)
@given(chosen=st.lists(st.integers(0, 40), max_size=6))
def test_any_acts_taken_back_from_the_last_leave_nothing(
    hub: Hub, small: Small, chosen: list[int]
) -> None:
    """One after the other, also where each changes what the one before had changed."""
    came_back(hub, small)
    before, wanted, done = state(hub), list(samples(small)), 0
    for number in chosen:
        try:
            do(hub, wanted[number % len(wanted)])
        except ActError:  # it does not fit what the others left
            continue
        # Parking twice in one container changes nothing the second time.
        done += "before" in events_said(hub)[-1].facts
    for _ in range(done):
        do(hub, LAST)
    assert state(hub) == before


def test_what_ends_something_is_taken_back_too(hub: Hub, small: Small) -> None:
    for first, end in (
        (Hold(subject="C1", why="x"), Release(subject="C1")),
        (Park(subject="C1", why="x", into="cod"), Release(subject="C1")),
        (Exclude(subject="C1", why="x"), Include(subject="C1")),
        (
            SetContact(subject="C1", role="solleciti", email="x@rossi.it", from_="visura"),
            EndContact(subject="C1", role="solleciti"),
        ),
        (
            Dispute(subject="F1/1", why="x"),
            AnswerDispute(subject="F1/1", result=DisputeResult.REJECTED, answer="dovuta"),
        ),
        (
            Correct(subject="C1", email="uno@example.it", from_="telefonata"),
            Correct(subject="C1", email="due@example.it", from_="telefonata"),
        ),
    ):
        do(hub, first)
        before = state(hub)
        do(hub, end)
        do(hub, LAST)
        assert state(hub) == before, end
        do(hub, LAST)


def test_an_agreement_that_gave_way_is_in_force_again(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="C1", why="uno"))
    before = state(hub)
    do(hub, Hold(subject="C1", why="due", until=FRIDAY))
    do(hub, LAST)
    assert state(hub) == before
    assert [row.status for row in rows(hub, recovery.agreements)] == ["active"]


def test_what_changed_since_is_refused(hub: Hub, small: Small) -> None:
    do(hub, Move(subject=f"case:{small.cases[0]}", to=FRIDAY))
    moved = events_said(hub)[-1].id
    do(hub, Move(subject=f"case:{small.cases[0]}", to=date(2026, 12, 9)))
    before = state(hub)
    with pytest.raises(ActError, match=r"moved_to: 2026-12-09"):
        do(hub, Undo(subject=str(moved)))
    assert state(hub) == before


def test_a_promise_that_was_released_is_not_taken_away(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="C1", until=FRIDAY))
    made = events_said(hub)[-1].id
    do(hub, Release(subject="C1"))
    with pytest.raises(ActError, match="agreement 1 changed since"):
        do(hub, Undo(subject=str(made)))


def test_a_message_that_left_is_what_followed(hub: Hub, small: Small) -> None:
    do(hub, Edit(subject=f"step:{small.step}", title="Ultimo avviso"))
    do(hub, Assign(subject="C1", to="anna"))
    with hub.store.write() as connection:
        delivery(connection, small.step, "D-1")
        left = journal.Event(
            kind="delivery.accepted",
            actor="dispatch",
            on=MONDAY,
            source="acme",
            client="C1",
            subject="delivery D-1",
            facts={"step": str(small.step)},
        )
        journal.record(connection, [left], at=NOON)
    edited, assigned = (row.id for row in events_said(hub)[:2])
    for number in (edited, assigned):
        with pytest.raises(ActError, match=r"delivery.accepted followed \(step:1\)"):
            do(hub, Undo(subject=str(number)))


def test_a_step_that_left_meanwhile_is_what_followed(hub: Hub, small: Small) -> None:
    """The record tells it even where the journal does not yet."""
    do(hub, Move(subject=f"step:{small.step}", to=FRIDAY))
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(status="working"))
    with pytest.raises(ActError, match=r"step 1 changed since \(status: working\)"):
        do(hub, LAST)


def test_taken_back_once_and_only_what_can_be(hub: Hub, small: Small) -> None:
    with pytest.raises(ActError, match="You did nothing"):
        do(hub, LAST)
    do(hub, Hold(subject="C1", why="x"))
    number = str(events_said(hub)[-1].id)
    do(hub, Undo(subject=number))
    with pytest.raises(ActError, match=f"Event {number} was taken back on"):
        do(hub, Undo(subject=number))
    with pytest.raises(ActError, match="You did nothing"):
        do(hub, LAST)
    for wrong in ("999", "moon", "-1", "²"):
        with pytest.raises(ActError, match="no act"):
            do(hub, Undo(subject=wrong))
    undone = events_said(hub)[-1]
    with pytest.raises(ActError, match="cannot be taken back: undo it by another act"):
        do(hub, Undo(subject=str(undone.id)))


def test_a_call_that_was_made_is_not_taken_back(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(mode="manual", action="call"))
    do(hub, Done(subject=f"step:{small.step}", outcome="sentito"))
    with pytest.raises(ActError, match="cannot be taken back"):
        do(hub, Undo(subject=str(events_said(hub)[-1].id)))


def test_the_acts_of_others_are_for_managers(hub: Hub, small: Small) -> None:
    people(hub.store, Role.OPERATOR, "luca", "sara")
    do(hub, Hold(subject="C1", why="x"), by="luca")
    number = str(events_said(hub)[-1].id)
    with pytest.raises(ActorError, match="may not take an act back"):
        do(hub, Undo(subject=number), by="sara")
    do(hub, Undo(subject=number), by="anna")
    assert rows(hub, recovery.agreements) == []


def test_every_act_says_how_it_is_taken_back() -> None:
    found = {act.name() for act in acts() if act.undo_by is not UndoBy.VALUES}
    by_another = {"block-orders", "release-orders"}
    told = {"resolve", "judge", "letter", "unmark", "write-back"}
    assert found == {"done", "undo", *told, *by_another}
