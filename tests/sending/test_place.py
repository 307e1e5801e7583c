"""A `place` stage only proposes: its step waits for a lot, and says so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.stages import Skip
from incasso.domain.acts.steps import Done
from incasso.domain.office.actor import CLOCK, Role, Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import AdvanceOn, Anchor, Iter, Otherwise, Stage
from incasso.services.acts.doing import ActError
from incasso.services.recovery.explain import explain
from incasso.services.recovery.plan import plan
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import agenda, iters
from incasso.store.tables import ledger
from tests.doing import do, people
from tests.sending.office import NOTICE, NOW, ON, Office


def to_place(office: Office, *, leaves: bool = True, **more: Any) -> int:
    """A debt that is due to be placed, with a message ten days after; its step."""
    place = Stage(
        key="affida",
        action=Action.PLACE,
        service="phone",
        advance_on=AdvanceOn.DONE,
        **more,
    )
    after = Stage(
        key="dopo",
        anchor=Anchor.PREVIOUS,
        days=10,
        channels=NOTICE.channels,
        template=NOTICE.template,
    )
    people(office.store, Role.CREDIT_MANAGER)
    step = office.step()
    with office.store.write() as connection:
        connection.execute(sa.update(ledger.installments).values(status="paid", residual=0))
        iters.publish(connection, Iter(key="affidamento", stages=(place, after)), at=NOW, by="test")
    other = office.client()
    with office.store.write() as connection:
        connection.execute(
            sa.insert(ledger.installments).values(
                source_id=office.source,
                client_id=other,
                key="P1",
                due_date=date(2026, 10, 1),
                amount=5_000,
                residual=5_000,
                payment_method="transfer",
                iter_override="affidamento",
            )
        )
        agenda.review_client(connection, other, ON)
    a_day(office, ON, leaves=leaves)
    return step + 1


def a_day(office: Office, on: date, *, leaves: bool = True) -> None:
    office.clock.at = NOW + (on - ON)
    office.trust_ledger(on)
    plan(office.hub, CLOCK, on)
    if leaves:
        dispatch(office.hub, CLOCK, on)


def test_it_waits_for_a_lot_and_says_so(office: Office) -> None:
    step = to_place(office)
    row = office.step_row(step)
    assert (row.action, row.status, row.done_on) == ("place", "ready", None)
    assert str(row.reason) == "waits for a lot of service phone reminders"
    (said,) = explain(office.hub, Scope.everything(), "P1", ON)
    assert said.decision == "in_step"
    assert "waits for a lot of service phone reminders" in str(said.text)


def test_it_says_so_as_soon_as_it_is_planned(office: Office) -> None:
    step = to_place(office, leaves=False)
    row = office.step_row(step)
    assert (row.mode, row.reason) == (
        "auto",
        "attende un lotto del servizio solleciti telefonici",
    )


def test_saying_that_it_is_done_places_nothing(office: Office) -> None:
    step = to_place(office)
    with pytest.raises(ActError, match="waits for a lot of service phone reminders, and is done"):
        do(office.hub, Done(subject=f"step:{step}"), on=ON)
    assert office.step_row(step).status == "ready"


def test_the_next_stage_never_overtakes_it(office: Office) -> None:
    step = to_place(office)
    for number in (1, 9, 30):
        a_day(office, ON + timedelta(days=number))
    assert office.step_row(step).status == "ready"
    (case,) = office.cases(step)
    assert (case.step_id, case.stage) == (step, "")


def test_a_person_may_go_on_without(office: Office) -> None:
    step = to_place(office)
    do(office.hub, Skip(subject=f"step:{step}", why="nessun fornitore"), on=ON)
    (case,) = office.cases(step)
    assert case.next_stage == "dopo"


def test_the_iter_goes_on_where_its_stage_says_so(office: Office) -> None:
    """Proposed on the 23rd, three days to be taken: on the 27th it counts without a lot."""
    step = to_place(office, otherwise=Otherwise.ADVANCE, proof_days=3)
    a_day(office, ON + timedelta(days=3))
    assert office.step_row(step).status == "ready"
    a_day(office, ON + timedelta(days=4))
    (case,) = office.cases(step)
    assert (case.stage, case.counted_on) == ("affida", ON + timedelta(days=4))
    assert office.step_row(step).status == "counted"
