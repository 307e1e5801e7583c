"""Which messages about the same installments left before a step: what a person is shown of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import TO_CLIENT
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.store.records import columns_of, one_record, records
from incasso.store.sending.showing import DELIVERIES, DeliveryHead
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import deliveries

MOST_EARLIER: Final = 20
"""Earlier messages that are shown, the newest ones."""


class _Own(msgspec.Struct, frozen=True):
    """The step, and when its first message was handed over, if one was."""

    client_id: int
    status: StepStatus
    due_on: date
    done_on: date | None
    left_on: date | None
    sending_at: datetime | None


def earlier_messages(connection: Connection, step: int) -> list[DeliveryHead]:
    """Messages to the client about any of a step's installments that were handed to a channel
    before it, newest first: whatever the case or iter, also of cases that are closed."""
    own = _own(connection, step)
    query = DELIVERIES.where(
        deliveries.c.step_id.in_(_about(step, own.client_id)),
        deliveries.c.step_id != step,
        deliveries.c.client_id == own.client_id,
        deliveries.c.sending_at.is_not(None),
        steps.c.action.in_(TO_CLIENT),
    )
    if own.status not in NOT_BEGUN:
        query = query.where(_before(own))
    newest = (deliveries.c.on_date.desc(), deliveries.c.sending_at.desc(), deliveries.c.id)
    return records(connection, DeliveryHead, query.order_by(*newest).limit(MOST_EARLIER))


def _own(connection: Connection, step: int) -> _Own:
    columns = columns_of(
        _Own, steps, left_on=deliveries.c.on_date, sending_at=deliveries.c.sending_at
    )
    left = sa.and_(deliveries.c.step_id == steps.c.id, deliveries.c.sending_at.is_not(None))
    query = (
        sa.select(*columns).join(deliveries, left, isouter=True).where(steps.c.id == step).limit(1)
    )
    first = query.order_by(deliveries.c.on_date, deliveries.c.sending_at)
    return one_record(connection, _Own, first)


def _about(step: int, client: int) -> sa.Select[tuple[int]]:
    """The steps about any installment of this one."""
    mine = (
        sa.select(cases.c.installment_id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .where(step_cases.c.step_id == step)
    )
    return (
        sa.select(step_cases.c.step_id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(cases.c.client_id == client, cases.c.installment_id.in_(mine))
    )


def _before(own: _Own) -> sa.ColumnElement[bool]:
    """Before the step's own first message; without one, by the day it ended."""
    if own.left_on is None:
        return deliveries.c.on_date <= (own.done_on or own.due_on)
    same_day = sa.and_(
        deliveries.c.on_date == own.left_on, deliveries.c.sending_at < own.sending_at
    )
    return sa.or_(deliveries.c.on_date < own.left_on, same_day)
