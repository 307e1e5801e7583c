"""The installments that a question is about, and what people call them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import AgreementKind, AgreementStatus, CaseState, StepStatus
from incasso.store.records import columns_of, one_record, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments, sources, sync_runs
from incasso.store.tables.recovery import agreements, case_events, cases, step_cases, steps


def installments_of(
    connection: Connection, kind: str, number: int, past: date | None = None
) -> list[int]:
    """The installments of a client (those open), an installment, a case or a step.

    With `past` those that the client had open on that day, as far as the ledger was known.
    """
    table = installments
    query = sa.select(table.c.id)
    if kind == "client":
        then = table.c.status == InstallmentStatus.OPEN
        if past is not None:
            seen = sa.or_(table.c.first_seen_on.is_(None), table.c.first_seen_on <= past)
            then = sa.and_(seen, sa.or_(then, table.c.closed_on >= past))
        query = query.where(table.c.client_id == number, then)
    elif kind == "installment":
        query = query.where(table.c.id == number)
    elif kind == "case":
        query = query.join(cases, cases.c.installment_id == table.c.id).where(cases.c.id == number)
    else:
        inside = sa.select(step_cases.c.case_id).where(step_cases.c.step_id == number)
        query = query.join(cases, cases.c.installment_id == table.c.id)
        query = query.where(cases.c.id.in_(inside))
    return list(connection.scalars(query.order_by(table.c.id)))


class InstallmentName(msgspec.Struct, frozen=True):
    """What people call an installment, and since when it is known."""

    source: str
    client: str
    """The client's code."""
    key: str
    client_id: int
    first_seen_on: date | None
    due_date: date


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, InstallmentName]:
    """The names of these installments."""
    columns = columns_of(
        InstallmentName, installments, source=sources.c.name, client=clients.c.code
    )
    query = (
        sa.select(installments.c.id, *columns)
        .join(sources, sources.c.id == installments.c.source_id)
        .join(clients, clients.c.id == installments.c.client_id)
        .where(among(connection, installments.c.id, ids))
    )
    return {number: InstallmentName(*name) for number, *name in connection.execute(query)}


class FailedWay(msgspec.Struct, frozen=True):
    """A message of a case that reached nobody, and why."""

    installment_id: int
    stage: str
    medium: str
    reason: str


def failed_ways(connection: Connection, ids: Collection[int]) -> list[FailedWay]:
    """Those of the running cases of these installments, oldest first."""
    columns = columns_of(FailedWay, steps, installment_id=cases.c.installment_id)
    query = (
        sa.select(*columns)
        .join(step_cases, step_cases.c.step_id == steps.c.id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(
            among(connection, cases.c.installment_id, ids),
            cases.c.state != CaseState.CLOSED,
            steps.c.status == StepStatus.FAILED,
            steps.c.medium != "",
            steps.c.reason != "",
        )
        .order_by(steps.c.id)
    )
    return records(connection, FailedWay, query)


def why_steps_wait(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """By installment, why the step of its case has not left yet, as the last dispatch found it."""
    query = (
        sa.select(cases.c.installment_id, steps.c.reason)
        .join(cases, cases.c.step_id == steps.c.id)
        .where(
            among(connection, cases.c.installment_id, ids),
            cases.c.state != CaseState.CLOSED,
            steps.c.status == StepStatus.READY,
            steps.c.reason != "",
        )
    )
    return {row.installment_id: row.reason for row in connection.execute(query)}


class LastRead(msgspec.Struct, frozen=True):
    """How far a source is known: its last good read, and the last day on which it was read."""

    good_on: date | None
    good_at: datetime | None
    on: date | None


def last_read(connection: Connection, source: int) -> LastRead:
    """When a source was read last."""
    runs = sa.select(sa.func.max(sync_runs.c.on_date)).where(sync_runs.c.source_id == source)
    query = sa.select(
        sources.c.last_good_sync_on, sources.c.last_good_sync_at, runs.scalar_subquery()
    )
    return one_record(connection, LastRead, query.where(sources.c.id == source))


class PastStep(msgspec.Struct, frozen=True):
    """A step with the days on which it went on."""

    id: int
    status: StepStatus
    action: Action
    mode: Mode
    medium: str
    done_on: date | None
    counted_on: date | None
    proof_until: date | None


def steps_numbered(connection: Connection, ids: Collection[int]) -> dict[int, PastStep]:
    """These steps, by id."""
    query = sa.select(*columns_of(PastStep, steps)).where(among(connection, steps.c.id, ids))
    return {one.id: one for one in records(connection, PastStep, query)}


class PastCase(msgspec.Struct, frozen=True):
    """A case with the days between which it ran."""

    id: int
    installment_id: int
    opened_on: date
    closed_on: date | None


def cases_on(connection: Connection, ids: Collection[int], on: date) -> dict[int, PastCase]:
    """The case of each of these installments that ran, opened or closed on that day."""
    query = (
        sa.select(*columns_of(PastCase, cases))
        .where(
            among(connection, cases.c.installment_id, ids),
            cases.c.opened_on <= on,
            sa.or_(cases.c.closed_on.is_(None), cases.c.closed_on >= on),
        )
        .order_by(cases.c.id)
    )
    return {one.installment_id: one for one in records(connection, PastCase, query)}


def left_by(connection: Connection, ids: Collection[int], on: date) -> set[tuple[int, int]]:
    """Which of these installments had left which step by the end of that day."""
    query = (
        sa.select(cases.c.installment_id, case_events.c.step_id)
        .join(case_events, case_events.c.case_id == cases.c.id)
        .where(
            among(connection, cases.c.installment_id, ids),
            case_events.c.what == "left",
            case_events.c.on_date <= on,
        )
    )
    return {(installment, step) for installment, step in connection.execute(query)}


class PastAgreement(msgspec.Struct, frozen=True):
    """An agreement with who made and who ended it."""

    client_id: int
    installment_id: int | None
    kind: AgreementKind
    made_on: date
    made_by: str
    until_on: date | None
    ended_on: date | None
    ended_by: str
    status: AgreementStatus


def agreements_until(
    connection: Connection, clients: Collection[int], on: date
) -> list[PastAgreement]:
    """What was agreed with these clients up to that day, oldest first."""
    query = (
        sa.select(*columns_of(PastAgreement, agreements))
        .where(among(connection, agreements.c.client_id, clients), agreements.c.made_on <= on)
        .order_by(agreements.c.id)
    )
    return records(connection, PastAgreement, query)


def these(connection: Connection, ids: Collection[int]) -> sa.ColumnElement[bool]:
    """These installments, as a page to read."""
    return among(connection, installments.c.id, ids)


def of_cases(connection: Connection, case_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The installments of these cases, as a page to read."""
    inside = sa.select(cases.c.installment_id).where(among(connection, cases.c.id, case_ids))
    return installments.c.id.in_(inside)
