"""What a person found out about a message of which nobody knew whether it left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from incasso.domain.delivery import Status
from incasso.domain.iters import Stage
from incasso.services.acts.act import ActError
from incasso.services.answers import proof_day
from incasso.services.hub import Hub
from incasso.services.progress import count_steps
from incasso.store import by_hand, journal, outbox, sending


def resolve(hub: Hub, delivery: str, *, by: str, on: date, why: str = "", sent: bool) -> str:
    """Say of an uncertain delivery that it left, or that it surely did not.

    Left: the step goes on as if the channel had said so. Not: it is queued again, and leaves with
    the next dispatch. Raises ActError for any other delivery.
    """
    with hub.store.write() as connection:
        row = by_hand.delivery(connection, delivery.removeprefix("delivery:").strip())
        if row is None:
            raise ActError(f"There is no delivery {delivery}: `incasso deliveries` lists them.")
        if row.status != Status.UNCERTAIN:
            raise ActError(f"Delivery {row.id} is {row.status}: only an uncertain one is resolved.")
        if sent:
            _it_left(hub, connection, row, on)
        else:
            reason = f"not sent, says {by}"
            outbox.put_back(connection, row.id, row.step_id, next_attempt_at=None, reason=reason)
        event = journal.Event(
            kind="delivery.resolved",
            actor=by,
            on=on,
            source=row.source,
            client=row.client,
            subject=f"delivery {row.id}",
            facts={"sent": sent, "why": why},
        )
        journal.record(connection, [event], at=hub.now())
    return f"Delivery {delivery}: {'it was sent' if sent else 'not sent, queued again'}."


def _it_left(hub: Hub, connection: Connection, row: Row[Any], on: date) -> None:
    stage = by_hand.stage_of_step(connection, row.step_id) or Stage(key=row.stage)
    proof_until = proof_day(stage, on)
    cost = None if row.cost is None else (row.cost, row.cost_currency)
    outbox.accept(
        connection,
        row.id,
        row.step_id,
        at=hub.now(),
        on=on,
        ref=row.ref,
        cost=cost,
        proof_until=proof_until,
    )
    if proof_until is None:
        count_steps(connection, [row.step_id], on)
    else:
        sending.look_again(connection, [row.step_id], proof_until + timedelta(days=1))
