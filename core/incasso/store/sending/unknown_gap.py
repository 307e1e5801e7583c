"""Hold back what may have left already in a time of which nothing is known."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.tables.ledger import clients
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries

_BEGUN: Final = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)


def hold_back(
    connection: Connection, steps_reason: str, deliveries_reason: str
) -> tuple[list[int], int]:
    """Steps that the hub would carry out wait for approval; messages begun become uncertain.

    Returns these steps, and the number of messages.
    """
    begun = sa.select(deliveries.c.step_id).where(deliveries.c.status.in_(_BEGUN))
    working = sa.and_(steps.c.status == StepStatus.WORKING, steps.c.id.in_(begun))
    connection.execute(sa.update(steps).where(working).values(reason=deliveries_reason))
    doubtful = connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.status.in_(_BEGUN))
        .values(status=DeliveryStatus.UNCERTAIN, claimed_by="", reason=deliveries_reason)
    ).rowcount
    held = connection.scalars(
        sa.update(steps)
        .where(steps.c.status == StepStatus.READY, steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)))
        .values(status=StepStatus.PROPOSED, reason=steps_reason)
        .returning(steps.c.id)
    ).all()
    return list(held), doubtful


def remark(
    connection: Connection, held: Collection[int], address: str, reason: str
) -> frozenset[int]:
    """Another reason for the held messages to clients of that mail address; their steps."""
    mails = (sa.func.lower(column) for column in (clients.c.email, clients.c.pec))
    query = (
        sa.select(steps.c.id)
        .join(clients, clients.c.id == steps.c.client_id)
        .where(steps.c.status == StepStatus.PROPOSED, steps.c.medium != "")
        .where(sa.or_(*(each.contains(address.lower(), autoescape=True) for each in mails)))
    )
    found = frozenset(connection.scalars(query)) & frozenset(held)
    if found:
        connection.execute(sa.update(steps).where(steps.c.id.in_(found)).values(reason=reason))
    return found
