"""Tasks of people outside every iter: a promise was broken, a parked case is to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import CaseState, OfficeTask, StepStatus
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.office import users
from incasso.store.tables.recovery import cases, step_cases, steps


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task about some installments of a client, in one currency."""

    task: OfficeTask
    source_id: int
    client_id: int
    installments: frozenset[int]
    currency: str
    due_on: date
    operator_id: int | None
    reason: str


class TaskClient(msgspec.Struct, frozen=True):
    """Whom a task is about, and who works it."""

    id: int
    code: str
    operator_id: int | None


class _Running(msgspec.Struct, frozen=True):
    """A case that a task is about; minor units."""

    id: int
    installment_id: int
    operator_id: int | None
    residual: int


def make(connection: Connection, tasks: Sequence[NewTask]) -> list[int]:
    """Write the tasks as steps with the running cases inside; their numbers."""
    running = _running(connection, frozenset().union(*(one.installments for one in tasks)))
    cycles = _cycles(connection, [case.id for case in running.values()])
    return [_make(connection, task, running, cycles) for task in tasks]


def _make(
    connection: Connection,
    task: NewTask,
    running: Mapping[int, _Running],
    cycles: dict[tuple[int, str], int],
) -> int:
    inside = [running[each] for each in sorted(task.installments) if each in running]
    operators = (case.operator_id for case in inside if case.operator_id is not None)
    row = {
        "source_id": task.source_id,
        "client_id": task.client_id,
        "stage": task.task,
        "action": Action.TASK,
        "mode": Mode.MANUAL,
        "status": StepStatus.READY,
        "due_on": task.due_on,
        "total": sum(case.residual for case in inside),
        "currency": task.currency,
        "operator_id": next(operators, task.operator_id),
        "reason": task.reason,
    }
    number = int(
        connection.execute(sa.insert(steps).values(row).returning(steps.c.id)).scalar_one()
    )
    members = []
    for case in inside:
        # A case may have several such tasks in its life: the cycle tells them apart.
        cycle = cycles[case.id, task.task] = cycles.get((case.id, task.task), -1) + 1
        same = {"step_id": number, "case_id": case.id, "residual": case.residual}
        members.append({**same, "stage": task.task, "cycle": cycle})
    if members:
        connection.execute(sa.insert(step_cases), members)
    return number


def _running(connection: Connection, ids: Collection[int]) -> Mapping[int, _Running]:
    query = (
        sa.select(*columns_of(_Running, cases, residual=installments.c.residual))
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(among(connection, cases.c.installment_id, ids), cases.c.state != CaseState.CLOSED)
    )
    return {case.installment_id: case for case in records(connection, _Running, query)}


def _cycles(connection: Connection, ids: Collection[int]) -> dict[tuple[int, str], int]:
    query = (
        sa.select(step_cases.c.case_id, step_cases.c.stage, sa.func.max(step_cases.c.cycle))
        .where(among(connection, step_cases.c.case_id, ids))
        .where(step_cases.c.stage.in_(list(OfficeTask)))
        .group_by(step_cases.c.case_id, step_cases.c.stage)
    )
    return {(case, stage): cycle for case, stage, cycle in connection.execute(query)}


def cancel_idle(connection: Connection, closed: Collection[int], on: date, why: str) -> int:
    """Cancel the waiting tasks about these closed cases that are about no open one. How many."""
    open_case = (
        sa.exists()
        .where(step_cases.c.step_id == steps.c.id, step_cases.c.case_id == cases.c.id)
        .where(cases.c.state != CaseState.CLOSED)
    )
    about = sa.select(step_cases.c.step_id).where(
        among(connection, step_cases.c.case_id, closed), step_cases.c.stage.in_(list(OfficeTask))
    )
    change = sa.update(steps).where(steps.c.id.in_(about), is_waiting(), ~open_case)
    cancelled = change.values(status=StepStatus.CANCELLED, done_on=on, reason=why)
    return connection.execute(cancelled).rowcount


def waiting_about(connection: Connection, case_ids: Collection[int], task: OfficeTask) -> list[int]:
    """The waiting tasks of that kind about any of these cases."""
    query = (
        sa.select(steps.c.id)
        .distinct()
        .join(step_cases, step_cases.c.step_id == steps.c.id)
        .where(among(connection, step_cases.c.case_id, case_ids))
        .where(is_waiting(), steps.c.stage == task)
    )
    return list(connection.scalars(query.order_by(steps.c.id)))


def is_waiting() -> sa.ColumnElement[bool]:
    """A step outside every iter that nobody has carried out."""
    return sa.and_(
        steps.c.iter_version_id.is_(None),
        steps.c.status == StepStatus.READY,
        # The partial index is found by these words only.
        sa.text("steps.mode <> 'auto' AND steps.status IN ('proposed', 'ready')"),
    )


def clients_of(connection: Connection, ids: Collection[int]) -> Mapping[int, TaskClient]:
    """The clients by id."""
    query = sa.select(*columns_of(TaskClient, clients)).where(among(connection, clients.c.id, ids))
    return {row.id: row for row in records(connection, TaskClient, query)}


def people_called(connection: Connection, logins: Collection[str]) -> Mapping[str, int]:
    """The active people of these logins, by login."""
    if not logins:
        return {}
    query = sa.select(users.c.login, users.c.id).where(users.c.login.in_(logins), users.c.active)
    return {row.login: row.id for row in connection.execute(query)}
