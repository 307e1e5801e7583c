"""Steps that the hub carries out without a message: park, close, block orders, place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import Finished, StepStatus
from incasso.store.ledger import totals
from incasso.store.records import columns_of, records
from incasso.store.recovery import agenda, case_progress
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import cases, steps


class HouseStep(msgspec.Struct, frozen=True):
    """A step that the hub carries out by itself."""

    step_id: int
    client_id: int
    iter_version_id: int
    source: str
    client: str
    stage: str
    action: Action


def ready(connection: Connection, actions: Collection[Action], on: date) -> list[HouseStep]:
    """Ready steps of these actions that need no person, oldest first."""
    columns = columns_of(
        HouseStep, steps, step_id=steps.c.id, source=sources.c.name, client=clients.c.code
    )
    query = (
        sa.select(*columns)
        .join(sources, sources.c.id == steps.c.source_id)
        .join(clients, clients.c.id == steps.c.client_id)
        .where(steps.c.status == StepStatus.READY, steps.c.action.in_(actions))
        .where(steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)), steps.c.due_on <= on)
    )
    return records(connection, HouseStep, query.order_by(steps.c.due_on, steps.c.id))


def is_ready(connection: Connection, step: int) -> bool:
    """Whether the step is still ready; it stays so until the transaction ends."""
    query = sa.select(steps.c.status).where(steps.c.id == step).with_for_update()
    return connection.scalar(query) == StepStatus.READY


def done(connection: Connection, step: int, on: date) -> None:
    """The step was carried out on that day."""
    connection.execute(
        sa.update(steps).where(steps.c.id == step).values(status=StepStatus.DONE, done_on=on)
    )


def hand_over(connection: Connection, step: int, reason: str) -> None:
    """Give the step to a person."""
    connection.execute(
        sa.update(steps).where(steps.c.id == step).values(mode=Mode.MANUAL, reason=reason)
    )


def wait_until(connection: Connection, step: int, last: date) -> None:
    """The step waits until that day; then planning decides."""
    update = sa.update(steps).where(steps.c.id == step).values(proof_until=last)
    connection.execute(update)
    agenda.review_steps(connection, [step], last + timedelta(days=1))


def close(connection: Connection, case_ids: Collection[int], on: date, reason: str) -> None:
    """End the cases: their iter says that nothing more is done."""
    within = sa.select(cases.c.installment_id).where(cases.c.id.in_(case_ids))
    for unpaid, finished in ((True, Finished.UNPAID), (False, Finished.MISSED)):
        connection.execute(
            sa.update(installments)
            .where(installments.c.id.in_(within.where(cases.c.unpaid.is_(unpaid))))
            .values(finished=finished)
        )
    case_progress.close(connection, case_ids, on, reason)
    totals.cases_closed(connection, case_ids, on)
