"""What a person reads on the card or the envelope of a letter, taken like news of the post."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from incasso.contract.channel import DeliveryUpdate
from incasso.contract.post import PostalOutcome
from incasso.contract.text import in_a_row
from incasso.domain.sending.trust import Trust, weigh
from incasso.services.sending.news import apply_news
from incasso.store.proof.journal import Event
from incasso.store.sending import delivery_news
from incasso.store.sending.deliveries import Delivery

_NOON = time(12)
"""The card says the day only."""


def take_outcome(
    connection: Connection,
    delivery: Delivery,
    outcome: PostalOutcome,
    *,
    day: date,
    why: str,
    on: date,
    now: datetime,
    timezone: ZoneInfo,
) -> list[Event]:
    """Updates the locked delivery, its step and cases; the journal's events of it.

    The same outcome of the same day twice changes nothing.
    """
    meaning = outcome.meaning
    news = DeliveryUpdate(
        ref=delivery.id,
        update_id=f"by hand:{outcome}:{day.isoformat()}",
        state=meaning.state,
        at=datetime.combine(day, _NOON, timezone),
        bad_address=meaning.bad_address,
        note=in_a_row(filter(None, (meaning.words, why))),
    )
    if not delivery_news.record(connection, delivery.id, news, ""):
        return []
    weight = weigh(news, Trust.PROVEN)
    reached = apply_news(connection, delivery, news, "", weight, on=on, now=now)
    return [each.event for each in reached]
