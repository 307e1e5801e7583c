"""What left before about the installments of a page of steps: for threads and for the words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import CaseState
from incasso.domain.sending.delivery import LEFT_US
from incasso.store.records import records
from incasso.store.tables.columns import quoted
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import deliveries


class EarlierDelivery(msgspec.Struct, frozen=True):
    """A message that left, about one installment of a step of the page."""

    step_id: int
    """The step of the page."""
    installment_id: int
    id: str
    client_id: int
    """Whom it was about: an installment may have changed hands."""
    medium: str
    at: datetime | None
    on: date
    """The business day that its words were written for, also where it was proven later."""
    action: Action
    stage: str
    iter_version_id: int
    private_stages: Any
    """The stages that a person had changed for the case it was about."""


def earlier_deliveries(connection: Connection, step_ids: Sequence[int]) -> list[EarlierDelivery]:
    """Everything that left before about these steps' installments, also in cases that are closed
    now; oldest first, one row for each installment."""
    mine = (
        sa.select(step_cases.c.step_id, cases.c.id.label("case_id"), cases.c.installment_id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(step_cases.c.step_id.in_(step_ids))
        .cte("mine")
    )
    closed = cases.alias("closed")
    about = sa.union_all(
        sa.select(mine.c.step_id, mine.c.installment_id, mine.c.case_id),
        sa.select(mine.c.step_id, mine.c.installment_id, closed.c.id)
        .select_from(mine)
        .join(
            closed,
            sa.and_(
                closed.c.installment_id == mine.c.installment_id,
                closed.c.state == sa.literal_column(quoted(CaseState.CLOSED)),
                closed.c.id != mine.c.case_id,
            ),
        ),
    ).subquery("about")
    earlier, then = step_cases.alias("earlier"), cases.alias("then")
    query = (
        sa.select(
            about.c.step_id,
            about.c.installment_id,
            deliveries.c.id,
            deliveries.c.client_id,
            deliveries.c.medium,
            deliveries.c.accepted_at,
            deliveries.c.on_date,
            steps.c.action,
            steps.c.stage,
            steps.c.iter_version_id,
            then.c.private_stages,
        )
        .select_from(about)
        .join(earlier, earlier.c.case_id == about.c.case_id)
        .join(steps, steps.c.id == earlier.c.step_id)
        .join(deliveries, deliveries.c.step_id == earlier.c.step_id)
        .join(then, then.c.id == about.c.case_id)
        .where(earlier.c.step_id != about.c.step_id, deliveries.c.status.in_(LEFT_US))
        .order_by(about.c.step_id, deliveries.c.accepted_at, deliveries.c.id)
    )
    return records(connection, EarlierDelivery, query)
