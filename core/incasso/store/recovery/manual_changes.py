"""What people change by hand on cases and steps, outside the course of the iter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import CONVERSATIONS, Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import NOT_BEGUN, CaseState, CloseReason, StepStatus
from incasso.store.proof.sealed_rows import DECIDED
from incasso.store.records import columns_of, one_record
from incasso.store.recovery import agenda, case_progress
from incasso.store.tables import sending
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.written_rows import written


class CaseToChange(msgspec.Struct, frozen=True):
    """A case as a person finds it who is about to change its course."""

    id: int
    installment_id: int
    iter_version_id: int
    stage: str
    """The last one that counted."""
    next_stage: str
    skipped: str
    step_id: int | None
    private_stages: list[dict[str, Any]] | None
    in_stage: str | None
    """The stage of the step it is in."""


class StepToChange(msgspec.Struct, frozen=True):
    """A step as a person finds it who is about to change it."""

    id: int
    client_id: int
    iter_version_id: int | None
    """Null: a task outside every iter."""
    stage: str
    action: Action
    medium: str
    mode: Mode
    status: StepStatus
    attempts: int


def case(connection: Connection, number: int) -> CaseToChange:
    """A case, with the stage of the step it is in."""
    inside = sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id)
    columns = columns_of(CaseToChange, cases, in_stage=step_cases.c.stage)
    query = sa.select(*columns).select_from(cases).outerjoin(step_cases, inside)
    return one_record(connection, CaseToChange, query.where(cases.c.id == number))


def step(connection: Connection, number: int) -> StepToChange:
    """A step, locked until the transaction ends so that dispatch cannot begin it meanwhile."""
    query = sa.select(*columns_of(StepToChange, steps)).where(steps.c.id == number)
    return one_record(connection, StepToChange, query.with_for_update())


def cases_in(connection: Connection, step: int) -> Sequence[int]:
    """The cases a step is about."""
    query = sa.select(step_cases.c.case_id).where(step_cases.c.step_id == step)
    return connection.scalars(query.order_by(step_cases.c.case_id)).all()


def is_being_sent(connection: Connection, step: int) -> bool:
    """Whether a dispatcher has this step in hand."""
    claims = sending.step_claims
    return (
        connection.scalar(sa.select(claims.c.step_id).where(claims.c.step_id == step)) is not None
    )


def set_cases(connection: Connection, ids: Collection[int], **values: object) -> None:
    """Change fields of some cases."""
    if ids:
        connection.execute(sa.update(cases).where(cases.c.id.in_(ids)).values(**values))


def set_step(connection: Connection, number: int, **values: object) -> None:
    """Change fields of a step."""
    connection.execute(sa.update(steps).where(steps.c.id == number).values(**values))
    if not values.keys().isdisjoint(DECIDED[steps]):
        written(connection, steps.name, number)


def set_installment(connection: Connection, number: int, **values: object) -> None:
    """Change what the office decides about an installment."""
    connection.execute(sa.update(installments).where(installments.c.id == number).values(**values))
    written(connection, installments.name, number)


def has_due_look(connection: Connection, client: int, on: date) -> bool:
    """Whether the next plan will look at a running case of this client that is in no step."""
    query = (
        sa.select(cases.c.id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(cases.c.state != CaseState.CLOSED, cases.c.step_id.is_(None))
        .where(agenda.due_of_client(connection, client, on))
    )
    return connection.scalar(query.limit(1)) is not None


def waiting(connection: Connection, ids: Collection[int]) -> list[int]:
    """Those of the cases that are in a step that has not begun."""
    query = sa.select(cases.c.id).join(steps, steps.c.id == cases.c.step_id)
    wanted = query.where(cases.c.id.in_(ids), steps.c.status.in_(NOT_BEGUN))
    return list(connection.scalars(wanted.order_by(cases.c.id)))


def leaving(connection: Connection, ids: Collection[int]) -> list[int]:
    """Steps of these cases whose message is being handed over at this moment."""
    query = sa.select(steps.c.id).distinct().join(cases, cases.c.step_id == steps.c.id)
    sent = sa.and_(steps.c.status == StepStatus.WORKING, steps.c.mode != Mode.MANUAL)
    return list(connection.scalars(query.where(cases.c.id.in_(ids), sent).order_by(steps.c.id)))


def close_cases(connection: Connection, ids: Collection[int], on: date) -> int:
    """Close running cases because a person moves them to another iter. How many."""
    return case_progress.close(connection, ids, on, CloseReason.MOVED)


def new_case(
    connection: Connection,
    *,
    after: int,
    version: int,
    unpaid: bool,
    skipped: str,
    stage: str,
    due: date,
    on: date,
) -> int:
    """A case that follows another of the same installment, at a stage that is due on a day.

    It is made closed; its number.
    """
    same = ("source_id", "client_id", "installment_id", "operator_id", "responsible_id")
    values: dict[str, sa.ColumnElement[Any]] = {
        **{name: cases.c[name] for name in same},
        "iter_version_id": sa.literal(version),
        "state": sa.literal(CaseState.CLOSED.value),
        "close_reason": sa.literal(CloseReason.MOVED.value),
        "closed_on": sa.literal(on, sa.Date),
        "opened_on": sa.literal(on, sa.Date),
        "unpaid": sa.literal(unpaid),
        "skipped": sa.literal(skipped),
        "next_stage": sa.literal(stage),
        "next_due_on": sa.literal(due, sa.Date),
        "moved_to": sa.literal(due, sa.Date),
    }
    like = sa.select(*values.values()).where(cases.c.id == after)
    made = sa.insert(cases).from_select(list(values), like).returning(cases.c.id)
    return int(connection.execute(made).scalar_one())


def waiting_tasks(connection: Connection, client: int) -> list[int]:
    """A client's tasks that nobody has begun."""
    query = sa.select(steps.c.id).where(
        steps.c.client_id == client,
        steps.c.action == Action.TASK,
        steps.c.mode == Mode.MANUAL,
        steps.c.status.in_(NOT_BEGUN),
    )
    return list(connection.scalars(query.order_by(steps.c.id)))


def waiting_by(connection: Connection, client: int, ways: Collection[str]) -> list[int]:
    """A client's steps that nobody has begun: messages by these media, talks of these kinds."""
    query = sa.select(steps.c.id).where(
        steps.c.client_id == client,
        sa.or_(
            steps.c.medium.in_(ways),
            steps.c.action.in_([one for one in CONVERSATIONS if one in ways]),
        ),
        steps.c.status.in_(NOT_BEGUN),
    )
    return list(connection.scalars(query.order_by(steps.c.id)))


def tried(connection: Connection, step: int, stage: str) -> set[tuple[str, str]]:
    """Media and addresses by which a message of this stage was made before, for a case that is in
    this step now; whatever became of it."""
    earlier = step_cases.alias("earlier")
    deliveries = sending.deliveries
    query = (
        sa.select(deliveries.c.medium, deliveries.c.to)
        .distinct()
        .join(earlier, earlier.c.step_id == deliveries.c.step_id)
        .join(step_cases, step_cases.c.case_id == earlier.c.case_id)
        .where(step_cases.c.step_id == step, earlier.c.stage == stage)
    )
    return {(row.medium, row.to) for row in connection.execute(query)}


def address_for(connection: Connection, client: int, medium: str) -> str:
    """The address of a client for a medium; empty if there is none."""
    found = connection.execute(sa.select(clients).where(clients.c.id == client)).one()
    return str(getattr(found, Medium(medium).traits.address))
