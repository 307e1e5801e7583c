"""A group of messages in one transaction: marked as `sending`, written as accepted.

The same changes as in `outbox`, for many deliveries at once: one commit for a group instead of one
for each message. Which of the marked ones were really begun stands in the log of what leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.sending import outbox
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries


class Claimed(msgspec.Struct, frozen=True):
    """What `begin` compares: the step must still be as the message says it is."""

    delivery: str
    step: int
    medium: str
    total: int


def begin(
    connection: Connection, claimed: Sequence[Claimed], owner: str, now: datetime
) -> frozenset[str]:
    """Mark as `sending`; which of them. One where a person or a payment intervened stays as it is.

    The rows are locked before they are compared.
    """
    if not claimed:
        return frozenset()
    ids = [each.delivery for each in claimed]
    query = _WAITING.where(deliveries.c.id.in_(ids)).order_by(steps.c.id).with_for_update()
    waiting = {Claimed(*row) for row in connection.execute(query)}
    begun = [each for each in claimed if each in waiting]
    if begun:
        connection.execute(_STEP_WORKING, [{"b_step": each.step} for each in begun])
        whose = {"claimed_by": owner, "sending_at": now}
        connection.execute(_SENDING, [{"b_id": each.delivery, **whose} for each in begun])
    return frozenset(each.delivery for each in begun)


def accept(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """`outbox.accept` for many, each made by `accepted_row`; what is over stays as it is."""
    if rows:
        connection.execute(outbox.ACCEPTED, rows)


_WAITING: Final = (
    sa.select(deliveries.c.id, deliveries.c.step_id, steps.c.medium, steps.c.total)
    .join(steps, steps.c.id == deliveries.c.step_id)
    .where(deliveries.c.status == DeliveryStatus.QUEUED, steps.c.status == StepStatus.READY)
)
_STEP_WORKING: Final = (
    sa.update(steps).where(steps.c.id == sa.bindparam("b_step")).values(status=StepStatus.WORKING)
)
_SENDING: Final = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("b_id"))
    .values(status=DeliveryStatus.SENDING, attempts=deliveries.c.attempts + 1)
)
