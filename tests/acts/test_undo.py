"""What an act keeps in the journal is enough to take it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.domain.acts.act import Act, UndoBy, acts
from incasso.domain.acts.agreements import Dispute, Extend, Hold, Payment, PaymentPlan, Promise
from incasso.domain.acts.assignment import Assign, ChooseIter, Exclude, Park
from incasso.domain.acts.stages import AddStage, EnterStage, Skip
from incasso.domain.acts.steps import Edit, Move
from incasso.domain.acts.undo import Before, Change
from incasso.services.hub.hub import Hub
from incasso.store.recovery.before import TABLES
from incasso.store.tables import ledger, proof, recovery
from tests.acts.office import Small
from tests.acts.test_agreements import FRIDAY, rows
from tests.doing import do

KEPT = (
    (ledger.clients, ()),
    (ledger.installments, ("look_on",)),
    (recovery.cases, ()),
    (recovery.steps, ()),
    (recovery.step_cases, ()),
)
"""What must be as it was; planning may look again on any day."""


def take_back(connection: sa.Connection, before: Before) -> None:
    """As a page would: refuse what changed since, put the rest back from the end."""
    for change in reversed(before.changes):
        table = TABLES[change.thing]
        row = connection.execute(sa.select(table).where(table.c.id == change.id)).one()
        found = {name: plain(row._mapping[name]) for name in change.after}
        assert found == dict(change.after), "changed since"
        connection.execute(sa.update(table).where(table.c.id == change.id).values(typed(change)))
    for left in before.left:
        values = msgspec.structs.asdict(left)
        place = {"case_id": values.pop("case"), "step_id": values.pop("step"), **values}
        connection.execute(sa.insert(recovery.step_cases).values(place))
    agreements = recovery.agreements
    connection.execute(
        sa.delete(recovery.agreement_dates).where(
            recovery.agreement_dates.c.agreement_id.in_(before.made)
        )
    )
    connection.execute(sa.delete(agreements).where(agreements.c.id.in_(before.made)))


def typed(change: Change) -> dict[str, Any]:
    """The values before, as the columns want them."""
    columns = TABLES[change.thing].c
    return {
        name: date.fromisoformat(value)
        if value is not None and isinstance(columns[name].type, sa.Date)
        else value
        for name, value in change.before.items()
    }


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def state(hub: Hub) -> list[Any]:
    """Everything an act may change, but for the day planning looks again."""
    found: list[Any] = []
    for table, without in KEPT:
        columns = [column for column in table.c if column.name not in without]
        with hub.store.read() as connection:
            query = sa.select(*columns).order_by(*table.primary_key)
            found.append([tuple(row) for row in connection.execute(query)])
    found.append(rows(hub, recovery.agreements))
    found.append(rows(hub, recovery.agreement_dates))
    return found


def kept_by(hub: Hub) -> Before:
    """What the last event of the journal keeps, decoded from its facts."""
    last = rows(hub, proof.journal)[-1]
    return msgspec.convert(last.facts["before"], Before)


def samples(small: Small) -> Iterator[Act]:
    yield Hold(subject="C1", why="x")
    yield Hold(subject="F1/1", why="x")
    yield Dispute(subject="F2/1", why="x")
    yield Promise(subject="C1", until=FRIDAY)
    yield Promise(subject=f"step:{small.step}", until=FRIDAY, amount=Decimal("150"))
    yield PaymentPlan(subject="C1", pay=(Payment(on=FRIDAY, amount=Decimal(1)),))
    yield Extend(subject="C1", days=10)
    yield Park(subject="C1", why="x", into="cod")
    yield Park(subject="F1/1", why="x", into="legal")
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


def test_the_journal_is_enough_to_take_an_act_back(hub: Hub, small: Small) -> None:
    """One act after the other, each taken back with nothing but what its event keeps."""
    before = state(hub)
    for act in samples(small):
        do(hub, act)
        assert state(hub) != before, act
        with hub.store.write() as connection:
            take_back(connection, kept_by(hub))
        assert state(hub) == before, act


def test_an_agreement_that_gave_way_is_in_force_again(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="C1", why="uno"))
    before = state(hub)
    do(hub, Hold(subject="C1", why="due", until=FRIDAY))
    with hub.store.write() as connection:
        take_back(connection, kept_by(hub))
    assert state(hub) == before
    assert [row.status for row in rows(hub, recovery.agreements)] == ["active"]


def test_what_changed_since_is_noticed(hub: Hub, small: Small) -> None:
    do(hub, Move(subject=f"case:{small.cases[0]}", to=FRIDAY))
    moved = kept_by(hub)
    do(hub, Move(subject=f"case:{small.cases[0]}", to=date(2026, 12, 9)))
    with hub.store.write() as connection, pytest.raises(AssertionError, match="changed since"):
        take_back(connection, moved)


def test_every_act_says_how_it_is_taken_back() -> None:
    found = {act.name() for act in acts() if act.undo_by is not UndoBy.VALUES}
    assert found == {"done", "resolve", "write-back", "block-orders", "release-orders"}
