"""What a person is shown about one step or delivery: its state, and what surrounds its message.

Whoever calls has found the step within the reader's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.channel import DeliveryState
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import AgreementKind, AgreementStatus, StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.history import payments
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.office import users
from incasso.store.tables.proof import archive, journal
from incasso.store.tables.recovery import (
    agreements,
    cases,
    iter_versions,
    iters,
    step_cases,
    steps,
)
from incasso.store.tables.sending import deliveries, delivery_events


class StepHead(msgspec.Struct, frozen=True):
    """A step as its list shows it; `total` in minor units, `iter` empty outside every iter."""

    id: int
    source_id: int
    client_id: int
    source: str
    client: str
    client_name: str
    iter: str
    stage: str
    action: Action
    medium: str
    mode: Mode
    status: StepStatus
    due_on: date
    done_on: date | None
    total: int
    currency: str
    reason: str
    outcome: str
    operator: str | None
    next_attempt_at: datetime | None
    """When a message that could not leave is tried again."""


class AgreementNow(msgspec.Struct, frozen=True):
    """An agreement that holds; without an installment it binds the client. Minor units."""

    kind: AgreementKind
    installment: str | None
    until_on: date | None
    amount: int | None
    currency: str
    reason: str
    made_by: str
    made_on: date


class OpenCredit(msgspec.Struct, frozen=True):
    """What the client is owed in one currency, minor units, above zero."""

    currency: str
    amount: int


class LastPayment(msgspec.Struct, frozen=True):
    """The newest payment of the client that the ERP tells of, minor units."""

    paid_on: date
    amount: int
    currency: str


class DeliveryHead(msgspec.Struct, frozen=True):
    """A delivery with the name and type of its archived bytes; `total` in minor units."""

    id: str
    step_id: int
    medium: str
    channel: str
    to: str
    status: DeliveryStatus
    attempts: int
    on_date: date
    accepted_at: datetime | None
    final_at: datetime | None
    ref: str
    tracking: str
    reason: str
    sha256: str
    enclosed: dict[str, Any] | None
    stage: str
    total: int
    currency: str
    media_type: str | None
    filename: str | None
    size: int | None


class ReceiptRow(msgspec.Struct, frozen=True):
    """One piece of news about a delivery, with the file that proves it."""

    at: datetime
    state: DeliveryState
    note: str
    sha256: str
    media_type: str | None
    filename: str | None
    size: int | None


class Planned(msgspec.Struct, frozen=True):
    """An installment of a step, with the residual of the last look; minor units."""

    key: str
    residual: int
    currency: str


class Seen(msgspec.Struct, frozen=True):
    """The last act that kept what a person had before their eyes."""

    kind: str
    on_date: date
    actor: str
    facts: Mapping[str, Any]


def step_head(connection: Connection, step: int) -> StepHead:
    """A step that exists."""
    queued = sa.and_(
        deliveries.c.step_id == steps.c.id, deliveries.c.status == DeliveryStatus.QUEUED
    )
    columns = columns_of(
        StepHead,
        steps,
        source=sources.c.name,
        client=clients.c.code,
        client_name=clients.c.name,
        iter=sa.func.coalesce(iters.c.key, ""),
        operator=users.c.login,
        next_attempt_at=deliveries.c.next_attempt_at,
    )
    query = (
        sa.select(*columns)
        .join(sources, sources.c.id == steps.c.source_id)
        .join(clients, clients.c.id == steps.c.client_id)
        .join(iter_versions, iter_versions.c.id == steps.c.iter_version_id, isouter=True)
        .join(iters, iters.c.id == iter_versions.c.iter_id, isouter=True)
        .join(users, users.c.id == steps.c.operator_id, isouter=True)
        .join(deliveries, queued, isouter=True)
        .where(steps.c.id == step)
    )
    return one_record(connection, StepHead, query)


def planned(connection: Connection, step: int) -> list[Planned]:
    """The installments that a step was made for, in order of their keys."""
    columns = columns_of(Planned, installments, residual=step_cases.c.residual)
    query = (
        sa.select(*columns)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .where(step_cases.c.step_id == step)
        .order_by(installments.c.key)
    )
    return records(connection, Planned, query)


def last_seen(connection: Connection, source: str, client: str, step: int) -> Seen | None:
    """The last edit or approval of a step, with what it asked for then."""
    query = (
        sa.select(*columns_of(Seen, journal))
        .where(journal.c.source == source, journal.c.client == client)
        .where(journal.c.kind.in_(("step.edited", "step.approved")))
        .where(journal.c.subject == f"step:{step}")
        .order_by(journal.c.id.desc())
        .limit(1)
    )
    return maybe_record(connection, Seen, query)


def agreements_now(connection: Connection, client: int, on: date) -> list[AgreementNow]:
    """What holds with a client on a day, newest first."""
    columns = columns_of(AgreementNow, agreements, installment=installments.c.key)
    query = (
        sa.select(*columns)
        .join(installments, installments.c.id == agreements.c.installment_id, isouter=True)
        .where(agreements.c.client_id == client, agreements.c.status == AgreementStatus.ACTIVE)
        .where(agreements.c.from_on <= on)
        .order_by(agreements.c.made_on.desc(), agreements.c.id.desc())
    )
    return records(connection, AgreementNow, query)


def open_credits(connection: Connection, client: int) -> list[OpenCredit]:
    """Credit notes and advances that are still open."""
    total = sa.cast(-sa.func.sum(installments.c.residual), sa.BigInteger)
    query = (
        sa.select(installments.c.currency, total)
        .where(installments.c.client_id == client, installments.c.residual < 0)
        .where(installments.c.status == InstallmentStatus.OPEN)
        .group_by(installments.c.currency)
        .order_by(installments.c.currency)
    )
    return records(connection, OpenCredit, query)


def last_payment(connection: Connection, client: int) -> LastPayment | None:
    """The newest one; None where the ERP tells of none."""
    query = (
        sa.select(*columns_of(LastPayment, payments))
        .where(payments.c.client_id == client, payments.c.gone_on.is_(None))
        .order_by(payments.c.paid_on.desc(), payments.c.id.desc())
        .limit(1)
    )
    return maybe_record(connection, LastPayment, query)


def deliveries_of(connection: Connection, step: int) -> list[DeliveryHead]:
    """The messages of a step, newest first."""
    query = DELIVERIES.where(deliveries.c.step_id == step)
    newest = sa.func.coalesce(deliveries.c.sending_at, deliveries.c.final_at)
    return records(connection, DeliveryHead, query.order_by(newest.desc(), deliveries.c.id))


def delivery_head(connection: Connection, delivery: str) -> DeliveryHead:
    """A delivery that exists."""
    return one_record(connection, DeliveryHead, DELIVERIES.where(deliveries.c.id == delivery))


def receipts(connection: Connection, delivery: str) -> list[ReceiptRow]:
    """What came back about a delivery, in order."""
    columns = columns_of(
        ReceiptRow,
        delivery_events,
        sha256=delivery_events.c.evidence_sha256,
        media_type=archive.c.media_type,
        filename=archive.c.filename,
        size=archive.c.size,
    )
    query = (
        sa.select(*columns)
        .join(archive, archive.c.sha256 == delivery_events.c.evidence_sha256, isouter=True)
        .where(delivery_events.c.delivery_id == delivery)
        .order_by(delivery_events.c.at, delivery_events.c.id)
    )
    return records(connection, ReceiptRow, query)


DELIVERIES: Final = (
    sa.select(
        *columns_of(
            DeliveryHead,
            deliveries,
            stage=steps.c.stage,
            total=sa.func.coalesce(deliveries.c.asked, steps.c.total),
            currency=steps.c.currency,
            media_type=archive.c.media_type,
            filename=archive.c.filename,
            size=archive.c.size,
        )
    )
    .join(steps, steps.c.id == deliveries.c.step_id)
    .join(archive, archive.c.sha256 == deliveries.c.sha256, isouter=True)
)
"""What a `DeliveryHead` is made from."""
