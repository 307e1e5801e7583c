"""What simulate asks of its copy: the steps of a day, their usual cost, carrying them out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.domain.sending.delivery import LEFT_US, ON_ITS_WAY, DeliveryStatus
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.recovery import cases, iter_versions, iters, step_cases, steps
from incasso.store.tables.sending import deliveries


def last_step(connection: Connection) -> int:
    """The newest step's number."""
    return connection.execute(sa.select(sa.func.max(steps.c.id))).scalar_one() or 0


def steps_after(connection: Connection, number: int) -> dict[int, StepStatus]:
    """Steps made since, with the status they were made in."""
    query = sa.select(steps.c.id, steps.c.status).where(steps.c.id > number)
    return {row.id: row.status for row in connection.execute(query)}


class MadeStep(msgspec.Struct, frozen=True):
    """A step, with who and what it is about."""

    id: int
    due_on: date
    source: str
    client: str
    client_name: str
    iter: str | None
    """Null: a task outside every iter."""
    stage: str
    action: Action
    medium: str
    mode: Mode
    installments: int
    total: int
    currency: str


def steps_of(connection: Connection, scope: Scope, numbers: Collection[int]) -> list[MadeStep]:
    """Steps of clients in the scope, with who and what they are about, oldest first."""
    inside = (
        sa.select(sa.func.count())
        .where(step_cases.c.step_id == steps.c.id)
        .correlate(steps)
        .scalar_subquery()
    )
    columns = columns_of(
        MadeStep,
        steps,
        source=sources.c.name,
        client=clients.c.code,
        client_name=clients.c.name,
        iter=iters.c.key,
        installments=inside,
    )
    query = (
        sa.select(*columns)
        .join(sources, sources.c.id == steps.c.source_id)
        .join(clients, clients.c.id == steps.c.client_id)
        .outerjoin(iter_versions, iter_versions.c.id == steps.c.iter_version_id)
        .outerjoin(iters, iters.c.id == iter_versions.c.iter_id)
        .where(among(connection, steps.c.id, numbers), within(scope))
        .order_by(steps.c.id)
    )
    return records(connection, MadeStep, query)


class StepOfDay(msgspec.Struct, frozen=True):
    """A step that is carried out on a day."""

    step_id: int
    iter_version_id: int | None
    stage: str
    action: Action
    mode: Mode
    reason: str

    @property
    def leaves(self) -> bool:
        """Whether the hub sends a message."""
        return self.action.by_message and self.mode is not Mode.MANUAL


def steps_of_day(connection: Connection, on: date, *, people: bool) -> list[StepOfDay]:
    """Steps that are carried out on a day: the hub's own, and people's if they work."""
    ready = steps.c.status == StepStatus.READY
    chosen = sa.and_(ready, steps.c.mode != Mode.MANUAL, steps.c.due_on <= on)
    if people:
        chosen = sa.or_(chosen, steps.c.status.in_(NOT_BEGUN))
    query = sa.select(*columns_of(StepOfDay, steps, step_id=steps.c.id)).where(chosen)
    return records(connection, StepOfDay, query.order_by(steps.c.id))


def accept(
    connection: Connection, ids: Collection[int], on: date, proof_until: date | None
) -> None:
    """The other side took the messages over; with a day they wait for proof until then."""
    if not ids:
        return
    update = sa.update(steps).where(among(connection, steps.c.id, ids))
    connection.execute(update.values(status=StepStatus.DONE, done_on=on, proof_until=proof_until))
    _remember_messages(connection, ids, on)


def _remember_messages(connection: Connection, ids: Collection[int], on: date) -> None:
    """They left, so they count against the caps of the days that follow."""
    tried = sa.and_(
        among(connection, deliveries.c.step_id, ids), deliveries.c.status.in_(ON_ITS_WAY)
    )
    connection.execute(
        sa.update(deliveries).where(tried).values(status=DeliveryStatus.ACCEPTED, on_date=on)
    )
    live = sa.exists().where(deliveries.c.step_id == steps.c.id, deliveries.c.status.in_(LEFT_US))
    columns = ("id", "step_id", "source_id", "client_id", "medium", "status", "on_date")
    made = sa.select(
        sa.literal("trial-") + sa.cast(steps.c.id, sa.Text),
        steps.c.id,
        steps.c.source_id,
        steps.c.client_id,
        steps.c.medium,
        sa.literal(DeliveryStatus.ACCEPTED.value),
        sa.literal(on),
    ).where(among(connection, steps.c.id, ids), ~live)
    connection.execute(sa.insert(deliveries).from_select(columns, made, include_defaults=True))


def cases_of(connection: Connection, step: int) -> list[int]:
    """The cases in a step."""
    inside = sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id)
    query = sa.select(cases.c.id).join(step_cases, inside).where(step_cases.c.step_id == step)
    return list(connection.scalars(query.order_by(cases.c.id)))


class UsualCost(msgspec.Struct, frozen=True):
    """What a message cost on average, in minor units."""

    amount: int
    currency: str


def usual_costs(connection: Connection) -> dict[str, UsualCost]:
    """What a message cost on average so far, by medium."""
    query = (
        sa.select(
            deliveries.c.medium,
            deliveries.c.cost_currency,
            sa.func.sum(deliveries.c.cost),
            sa.func.count(deliveries.c.cost),
        )
        .where(deliveries.c.cost.is_not(None))
        .group_by(deliveries.c.medium, deliveries.c.cost_currency)
        .order_by(sa.func.count(deliveries.c.cost))
    )
    return {
        medium: UsualCost(round(int(total) / count), currency)
        for medium, currency, total, count in connection.execute(query)
    }
