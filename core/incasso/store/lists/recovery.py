"""Lists of the recovery: cases, steps and deliveries, with the field names of DESIGN §5.5."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select

from incasso.store.lists.filters import (
    CaseFilter,
    DeliveryFilter,
    StepFilter,
    narrow,
    narrow_days,
    narrow_who,
)
from incasso.store.lists.rows import Fields, money, pages
from incasso.store.tables import recovery, sending
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.office import users

_operator = users.alias("operator")
_responsible = users.alias("responsible")
_cases, _steps, _deliveries = recovery.cases, recovery.steps, sending.deliveries


def cases(connection: Connection, wanted: CaseFilter) -> Iterator[Fields]:
    """Cases by id: where each installment stands, and what it waits for."""
    query = _with_iter(sa.select(_cases, installments.c.key.label("installment_key")), _cases).join(
        installments, installments.c.id == _cases.c.installment_id
    )
    query = _with_operator(query, _cases).add_columns(_responsible.c.login.label("responsible"))
    query = query.outerjoin(_responsible, _responsible.c.id == _cases.c.responsible_id)
    query = _narrow_iter(query, wanted.iter)
    query = narrow_who(query, wanted)
    for column, value in (
        (_cases.c.state, wanted.state),
        (_cases.c.stage, wanted.stage),
        (_cases.c.container, wanted.container),
        (_operator.c.login, wanted.operator),
    ):
        query = narrow(query, column, value)
    if wanted.blocked is not None:
        query = query.where((_cases.c.blocked_by != "") == wanted.blocked)
    query = narrow_days(query, _cases.c.next_due_on, wanted.due_from, wanted.due_to)
    for page in pages(connection, query.order_by(_cases.c.id)):
        yield from (_case(row) for row in page)


def steps(connection: Connection, wanted: StepFilter) -> Iterator[Fields]:
    """Steps by the day they are for, then id; each with the keys of its installments."""
    query = _with_operator(_with_iter(sa.select(_steps), _steps), _steps)
    query = _narrow_iter(query, wanted.iter)
    query = narrow_who(query, wanted)
    for column, value in (
        (_steps.c.status, wanted.status),
        (_steps.c.stage, wanted.stage),
        (_steps.c.action, wanted.action),
        (_steps.c.medium, wanted.medium),
        (_steps.c.mode, wanted.mode),
        (_operator.c.login, wanted.operator),
    ):
        query = narrow(query, column, value)
    query = narrow_days(query, _steps.c.due_on, wanted.due_from, wanted.due_to)
    for page in pages(connection, query.order_by(_steps.c.due_on, _steps.c.id)):
        keys = _installments_of(connection, [row.id for row in page])
        yield from (_step(row, keys[row.id]) for row in page)


def deliveries(connection: Connection, wanted: DeliveryFilter) -> Iterator[Fields]:
    """Deliveries by business date, then id."""
    query = (
        sa.select(_deliveries, sources.c.name.label("source"), clients.c.code.label("client"))
        .join(sources, sources.c.id == _deliveries.c.source_id)
        .join(clients, clients.c.id == _deliveries.c.client_id)
    )
    if wanted.operator is not None:
        query = query.join(_steps, _steps.c.id == _deliveries.c.step_id)
        query = query.join(_operator, _operator.c.id == _steps.c.operator_id)
        query = query.where(_operator.c.login == wanted.operator)
    query = narrow_who(query, wanted)
    for column, value in (
        (_deliveries.c.status, wanted.status),
        (_deliveries.c.medium, wanted.medium),
        (_deliveries.c.channel, wanted.channel),
        (_deliveries.c.step_id, wanted.step),
    ):
        query = narrow(query, column, value)
    query = narrow_days(query, _deliveries.c.on_date, wanted.sent_from, wanted.sent_to)
    for page in pages(connection, query.order_by(_deliveries.c.on_date, _deliveries.c.id)):
        yield from (_delivery(row) for row in page)


def _with_iter(query: Select[Any], table: sa.Table) -> Select[Any]:
    """Add source, client and iter, by the names people use."""
    versions, iters = recovery.iter_versions, recovery.iters
    return (
        query.add_columns(
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            iters.c.key.label("iter"),
            versions.c.version.label("iter_version"),
        )
        .select_from(table)
        .join(sources, sources.c.id == table.c.source_id)
        .join(clients, clients.c.id == table.c.client_id)
        .join(versions, versions.c.id == table.c.iter_version_id)
        .join(iters, iters.c.id == versions.c.iter_id)
    )


def _narrow_iter(query: Select[Any], key: str | None) -> Select[Any]:
    return narrow(query, recovery.iters.c.key, key)


def _with_operator(query: Select[Any], table: sa.Table) -> Select[Any]:
    return query.add_columns(_operator.c.login.label("operator")).outerjoin(
        _operator, _operator.c.id == table.c.operator_id
    )


def _installments_of(connection: Connection, steps: Sequence[int]) -> dict[int, list[str]]:
    query = (
        sa.select(recovery.step_cases.c.step_id, installments.c.key)
        .join(_cases, _cases.c.id == recovery.step_cases.c.case_id)
        .join(installments, installments.c.id == _cases.c.installment_id)
        .where(recovery.step_cases.c.step_id.in_(steps))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for step, key in connection.execute(query):
        found[step].append(key)
    for keys in found.values():
        keys.sort()
    return found


def _case(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "source": row.source,
        "client": row.client,
        "installment": row.installment_key,
        "iter": row.iter,
        "iter_version": row.iter_version,
        "stage": row.stage,
        "state": row.state,
        "next_due_on": row.next_due_on,
        "blocked_by": row.blocked_by,
        "next_stage": row.next_stage,
        "counted_on": row.counted_on,
        "step": row.step_id,
        "container": row.container,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "close_reason": row.close_reason,
        "operator": row.operator,
        "responsible": row.responsible,
        "client_name": row.client_name,
    }


def _step(row: Row[Any], keys: list[str]) -> Fields:
    return {
        "id": row.id,
        "source": row.source,
        "client": row.client,
        "iter": row.iter,
        "stage": row.stage,
        "action": row.action,
        "medium": row.medium,
        "mode": row.mode,
        "status": row.status,
        "due_on": row.due_on,
        "done_on": row.done_on,
        "installments": keys,
        "total": money(row.total, row.currency),
        "currency": row.currency,
        "language": row.language,
        "operator": row.operator,
        "reason": row.reason,
        "outcome": row.outcome,
        "counted_on": row.counted_on,
        "proof_until": row.proof_until,
        "iter_version": row.iter_version,
        "client_name": row.client_name,
    }


def _delivery(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "step": row.step_id,
        "source": row.source,
        "client": row.client,
        "medium": row.medium,
        "channel": row.channel,
        "to": row.to,
        "status": row.status,
        "attempts": row.attempts,
        "accepted_at": row.accepted_at,
        "final_at": row.final_at,
        "cost": money(row.cost, row.cost_currency),
        "sha256": row.sha256,
        "on": row.on_date,
        "reason": row.reason,
        "enclosed": row.enclosed,
    }
