"""Apply one piece of news about a delivery: what it means for the message, the step, the cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from incasso.contract.channel import DeliveryUpdate
from incasso.domain.sending.delivery import DeliveryStatus, after_news
from incasso.services.recovery.case_progress import count_steps, fail_steps
from incasso.services.sending.answers import mark_bad
from incasso.services.sending.conclude import conclude
from incasso.store.proof.journal import Event
from incasso.store.sending import delivery_news, outbox, outbox_queue

ACTOR: Final = "collect"

LEFT_US: Final = frozenset({DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED})


def apply_news(
    connection: Connection,
    row: Row[Any],
    news: DeliveryUpdate,
    evidence_sha256: str,
    *,
    on: date,
    now: datetime,
) -> list[Event]:
    """Bring delivery, step and cases up to the news; the event if the status changed.

    `row` is the delivery with its step, locked. News already applied must not come again.
    """
    before = DeliveryStatus(row.status)
    after = after_news(before, row.final_at, news)
    if news.bad_address and after is DeliveryStatus.BOUNCED:
        mark_bad(connection, row, row.to, now, news.note)
    if after is before:
        return []
    left = before not in LEFT_US and after in LEFT_US
    events = _it_left(connection, row, news, on) if left else []
    if after is DeliveryStatus.ACCEPTED:
        return events
    outbox.finish(connection, row.id, after, at=news.at, reason=news.note)
    if after is DeliveryStatus.DELIVERED:
        _delivered(connection, row, on)
    else:
        _bounced(connection, row, news.note or "it came back", on)
    return [*events, _event(row, after, news, evidence_sha256, on)]


def _it_left(connection: Connection, row: Row[Any], news: DeliveryUpdate, on: date) -> list[Event]:
    """News about a message that was in doubt proves that the other side had it."""
    ref = row.ref or news.ref
    if not outbox.accept(connection, row.id, owner=ACTOR, at=news.at, on=on, ref=ref):
        return []
    found = outbox_queue.unconcluded(connection, [ACTOR], 1)
    return conclude(connection, found, ACTOR)


def _delivered(connection: Connection, row: Row[Any], on: date) -> None:
    """A stage that waited for this proof counts; cases that found another way are not touched."""
    if row.step_status in ("done", "working", "failed"):
        count_steps(connection, [row.step_id], on)


def _bounced(connection: Connection, row: Row[Any], reason: str, on: date) -> None:
    """A message that came back never counts as sent (DESIGN 3.2 rule 5).

    If its stage has counted already, the cases that have not gone further take it back and do
    the stage again by the next medium; the others are beyond it, and keep the address marked.
    """
    if row.step_status in ("done", "working"):
        fail_steps(connection, [row.step_id], on, reason)
    elif row.step_status == "counted":
        cases = delivery_news.cases_still_there(connection, row.step_id, row.stage)
        if cases:
            delivery_news.reopen(connection, row.step_id, cases, reason)
            fail_steps(connection, [row.step_id], on, reason)


def _event(
    row: Row[Any], status: DeliveryStatus, news: DeliveryUpdate, evidence_sha256: str, on: date
) -> Event:
    return Event(
        kind=f"delivery.{status.value}",
        actor=ACTOR,
        on=on,
        source=row.source,
        client=row.client,
        subject=f"delivery {row.id}",
        facts={
            "status": status.value,
            "step": str(row.step_id),
            "channel": row.channel,
            "at": news.at.isoformat(),
            "note": news.note,
            "evidence": evidence_sha256,
        },
    )
