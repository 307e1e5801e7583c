"""What a person says about reports that nobody could read, or that anybody can have written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.sending.delivery import FINAL, DeliveryStatus
from incasso.services.sending.bad_address import mark_bad
from incasso.services.sending.conclude import conclude
from incasso.services.sending.news import bounced as take_bounce
from incasso.services.sending.resolve import delivery_event
from incasso.store.proof.journal import Event
from incasso.store.sending import deliveries, delivery_news, outbox
from incasso.store.sending.deliveries import Delivery

STANDS: Final = "stands"
"""In the facts of `delivery.accepted`: a message in question stands again, none left now."""


def judge_by_hand(
    connection: Connection,
    delivery: Delivery,
    *,
    bounced: bool,
    bad_address: bool,
    by: str,
    on: date,
    why: str,
    at: datetime,
) -> list[Event]:
    """Settles the reports that wait about a locked delivery; returns the journal events.

    A delivery that is final meanwhile stays as it is. With `bad_address` its address is not used
    again, whatever became of this message.
    """
    delivery_news.settle(connection, delivery.id)
    if bad_address:
        mark_bad(connection, delivery, delivery.to, at, why)
    events = [delivery_event(delivery, "delivery.judged", on, by, why)]
    if delivery.status in FINAL:
        return events
    if bounced:
        reason = why or text("a person says that it came back")
        outbox.finish(connection, delivery.id, DeliveryStatus.BOUNCED, at=at, reason=reason)
        take_bounce(connection, delivery, reason, on)
        return [*events, delivery_event(delivery, "delivery.bounced", on, by, reason)]
    if delivery.status is not DeliveryStatus.QUESTIONED:
        return events
    outbox.stands_again(connection, delivery.id, owner=by, at=at, on=on, reason=why)
    delivery_news.let_go(connection, delivery.step_id)
    accepted = deliveries.unconcluded(connection, [by], 1)
    # It left long ago: the history must not tell that it was sent once more.
    return [*events, *(_standing(event) for event in conclude(connection, accepted, by))]


def _standing(accepted: Event) -> Event:
    return msgspec.structs.replace(accepted, facts={**accepted.facts, STANDS: True})
