"""Hold back what may have left already in a time of which nothing is known."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries

_BEGUN: Final = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)


def hold_back(connection: Connection, steps_reason: str, deliveries_reason: str) -> tuple[int, int]:
    """Steps that the hub would carry out wait for approval; messages begun become uncertain.

    Returns the numbers of both.
    """
    begun = sa.select(deliveries.c.step_id).where(deliveries.c.status.in_(_BEGUN))
    working = sa.and_(steps.c.status == StepStatus.WORKING, steps.c.id.in_(begun))
    connection.execute(sa.update(steps).where(working).values(reason=deliveries_reason))
    doubtful = connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.status.in_(_BEGUN))
        .values(status=DeliveryStatus.UNCERTAIN, claimed_by="", reason=deliveries_reason)
    ).rowcount
    held = connection.execute(
        sa.update(steps)
        .where(steps.c.status == StepStatus.READY, steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)))
        .values(status=StepStatus.PROPOSED, reason=steps_reason)
    ).rowcount
    return held, doubtful
