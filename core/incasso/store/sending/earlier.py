"""What left before about the installments of a page of steps: for threads and for the words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import CaseState
from incasso.domain.sending.delivery import LEFT_US, DeliveryStatus
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.columns import quoted
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import deliveries


class EarlierDelivery(msgspec.Struct, frozen=True):
    """A message that left, about one installment of a step of the page."""

    step_id: int
    """The step of the page."""
    installment_id: int
    sent: SentAbout


class SentAbout(msgspec.Struct, frozen=True):
    """A message that left, about one case."""

    case_id: int
    step_id: int
    id: str
    client_id: int
    """Whom it was about: an installment may have changed hands."""
    medium: str
    accepted_at: datetime | None
    on_date: date
    """The business day that its words were written for, also where it was proven later."""
    action: Action
    stage: str
    iter_version_id: int
    status: DeliveryStatus
    private_stages: Any
    """The stages that a person had changed for the case."""


class _Mine(msgspec.Struct, frozen=True):
    """A case of a step of the page."""

    step_id: int
    case_id: int
    installment_id: int


def earlier_deliveries(connection: Connection, step_ids: Sequence[int]) -> list[EarlierDelivery]:
    """Everything that left before about these steps' installments, also in cases that are closed
    now: one entry for each step and installment."""
    mine = _mine(connection, step_ids)
    cases_of = _closed_cases(connection, {each.installment_id for each in mine})
    for each in mine:
        cases_of[each.installment_id].add(each.case_id)
    sent = _sent_about(connection, {case for found in cases_of.values() for case in found})
    return [
        EarlierDelivery(each.step_id, each.installment_id, message)
        for each in mine
        for case in cases_of[each.installment_id]
        for message in sent.get(case, ())
        if message.step_id != each.step_id
    ]


def oldest_first(one: SentAbout) -> tuple[date, float, str]:
    """The order in which messages left."""
    return one.on_date, one.accepted_at.timestamp() if one.accepted_at else 0.0, one.id


def _mine(connection: Connection, step_ids: Sequence[int]) -> list[_Mine]:
    query = (
        sa.select(step_cases.c.step_id, cases.c.id, cases.c.installment_id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(step_cases.c.step_id.in_(step_ids))
        .order_by(step_cases.c.step_id, cases.c.id)
    )
    return records(connection, _Mine, query)


def _closed_cases(connection: Connection, installments: Collection[int]) -> dict[int, set[int]]:
    """The closed cases of each installment."""
    query = sa.select(cases.c.installment_id, cases.c.id).where(
        among(connection, cases.c.installment_id, installments),
        # As a literal, so that the index of closed cases serves.
        cases.c.state == sa.literal_column(quoted(CaseState.CLOSED)),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for installment, case in connection.execute(query):
        found[installment].add(case)
    return found


def _sent_about(connection: Connection, case_ids: Collection[int]) -> dict[int, list[SentAbout]]:
    """By case. Asked for by its status, SQLite would read everything that ever left."""
    fields = columns_of(
        SentAbout,
        deliveries,
        case_id=step_cases.c.case_id,
        action=steps.c.action,
        stage=steps.c.stage,
        iter_version_id=steps.c.iter_version_id,
        private_stages=cases.c.private_stages,
    )
    query = (
        sa.select(*fields)
        .select_from(step_cases)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .join(deliveries, deliveries.c.step_id == step_cases.c.step_id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(among(connection, step_cases.c.case_id, case_ids))
    )
    found: dict[int, list[SentAbout]] = defaultdict(list)
    for one in records(connection, SentAbout, query):
        if one.status in LEFT_US:
            found[one.case_id].append(one)
    return found
