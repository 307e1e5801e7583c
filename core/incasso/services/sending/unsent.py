"""Why messages of a page are not sent: they wait, no address is left, or writing them failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.retry import CRASHES, retry_delay
from incasso.services.cases.progress import fail_steps
from incasso.services.sending.bad_address import mark_bad
from incasso.services.sending.composed import Closed, Composed, Crashed, Waits
from incasso.services.sending.run import Run
from incasso.store.sending import outbox
from incasso.store.sending.outbox import QueuedDelivery


def write_down(run: Run, connection: Connection, composed: Sequence[Composed]) -> None:
    """Why these are not sent; those that leave are passed over."""
    waiting = {each.step.id: each.reason for each in composed if isinstance(each, Waits)}
    outbox.set_reasons(connection, waiting)
    run.tally.waiting.update(waiting.values())
    for each in composed:
        if isinstance(each, Closed):
            _close(run, connection, each)
        elif isinstance(each, Crashed):
            _put_off(run, connection, each)


def _close(run: Run, connection: Connection, closed: Closed) -> None:
    step = closed.step
    if closed.bad_address:
        mark_bad(connection, step, closed.bad_address, run.hub.now(), closed.reason)
    if step.delivery:
        now = run.hub.now()
        outbox.finish(
            connection, step.delivery, DeliveryStatus.FAILED, at=now, reason=closed.reason
        )
    fail_steps(connection, [step.id], run.on, closed.reason)
    run.tally.failed += 1


def _put_off(run: Run, connection: Connection, crashed: Crashed) -> None:
    """A message that crashes the plugin repeatedly is poison; the others continue."""
    now = run.hub.now()
    attempts = crashed.attempts + 1
    wait = retry_delay(crashed.delivery, attempts)
    broken = _queued_again(crashed, run.on, attempts, now + wait if wait else None)
    outbox.enqueue(connection, [broken])
    if attempts < CRASHES:
        outbox.set_reasons(connection, {crashed.step.id: crashed.reason})
        run.tally.later += 1
        return
    outbox.finish(
        connection, crashed.delivery, DeliveryStatus.FAILED, at=now, reason=crashed.reason
    )
    fail_steps(connection, [crashed.step.id], run.on, crashed.reason)
    run.tally.failed += 1


def _queued_again(
    crashed: Crashed, on: date, attempts: int, again_at: datetime | None
) -> QueuedDelivery:
    step = crashed.step
    return QueuedDelivery(
        id=crashed.delivery,
        step_id=step.id,
        source_id=step.source_id,
        client_id=step.client_id,
        on_date=on,
        medium=step.medium,
        channel=crashed.channel.id,
        to=crashed.address,
        attempts=attempts,
        next_attempt_at=again_at,
        reason=crashed.reason,
    )
