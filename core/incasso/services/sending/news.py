"""Apply one piece of news about a delivery: what it means for the message, the step, the cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from incasso.contract.channel import DeliveryUpdate
from incasso.contract.text import text
from incasso.contract.text_store import as_facts
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.address_state import AddressState
from incasso.domain.sending.delivery import FINAL, LEFT_US, DeliveryStatus, after_news
from incasso.domain.sending.trust import Weight
from incasso.services.cases import told
from incasso.services.cases.progress import count_steps, fail_steps
from incasso.services.sending.bad_address import mark_bad
from incasso.services.sending.conclude import conclude
from incasso.services.sending.costs import minor_cost
from incasso.store.proof.journal import Event
from incasso.store.sending import address_health, deliveries, delivery_news, notice_ends, outbox
from incasso.store.sending.deliveries import Delivery

ACTOR: Final = "collect"
UNREADABLE: Final = text(
    "a bounce of this message could not be read: look at it, then say what became of the message"
)

_OF_ADDRESS: Final = {
    DeliveryStatus.DELIVERED: AddressState.GOOD,
    DeliveryStatus.BOUNCED: AddressState.BOUNCED,
    DeliveryStatus.OPTED_OUT: AddressState.REFUSED,
}
"""What the end of a message says of the address; that it is wrong is noted where it is marked."""

_BEGUN: Final = (StepStatus.DONE, StepStatus.WORKING)


def note_cost(
    connection: Connection, delivery: Delivery, news: DeliveryUpdate, on: date
) -> list[Event]:
    """Keep the cost that the news bring, whatever else they say; the journal's event of it."""
    cost = minor_cost(news.cost)
    if news.cost is None or cost is None or not outbox.set_cost(connection, delivery.id, cost):
        return []
    told = {"cost": str(news.cost.amount), "currency": news.cost.currency}
    return [
        Event(
            kind="delivery.cost",
            actor=ACTOR,
            on=on,
            source=delivery.source,
            client=delivery.client,
            subject=f"delivery {delivery.id}",
            facts={
                "step": str(delivery.step_id),
                "channel": delivery.channel,
                "stage": delivery.stage,
                "medium": delivery.medium,
                **told,
            },
        )
    ]


def note_tracking(
    connection: Connection, delivery: Delivery, number: str, actor: str, on: date
) -> list[Event]:
    """Keep the carrier's number, if it is not known yet; the journal's event of it."""
    if not number or not outbox.set_tracking(connection, delivery.id, number):
        return []
    return [
        Event(
            kind="delivery.tracking",
            actor=actor,
            on=on,
            source=delivery.source,
            client=delivery.client,
            subject=f"delivery {delivery.id}",
            facts={
                "step": str(delivery.step_id),
                "stage": delivery.stage,
                "medium": delivery.medium,
                "tracking": number,
            },
        )
    ]


class Reached(NamedTuple):
    """A status that a delivery came to, and what the journal says of it."""

    status: DeliveryStatus
    event: Event


def apply_news(
    connection: Connection,
    delivery: Delivery,
    news: DeliveryUpdate,
    evidence_sha256: str,
    weight: Weight,
    *,
    on: date,
    now: datetime,
) -> list[Reached]:
    """Updates delivery, step and cases by the news; returns the new status if it changed.

    `weight`: what the news is worth by who says so. The caller has locked the delivery. News
    already applied must not come again.
    """
    before = delivery.status
    after = after_news(before, delivery.final_at, news, weight)
    if news.bad_address and weight is Weight.FAILURE and after is DeliveryStatus.BOUNCED:
        mark_bad(connection, delivery, delivery.to, now, news.note, evidence_sha256)
    if after is before:
        return []
    left = before not in LEFT_US and after in LEFT_US
    accepted = _it_left(connection, delivery, news, on) if left else []
    reached = [Reached(DeliveryStatus.ACCEPTED, event) for event in accepted]
    if after is DeliveryStatus.ACCEPTED:
        return reached
    outbox.finish(connection, delivery.id, after, at=news.at, reason=news.note)
    if (state := _OF_ADDRESS.get(after)) and not news.bad_address:
        address_health.saw(connection, delivery, state, news.at, news.note)
    match after:
        case DeliveryStatus.DELIVERED:
            _delivered(connection, delivery, on)
        case DeliveryStatus.QUESTIONED:
            _questioned(connection, delivery)
        case _:
            bounced(connection, delivery, news.note or text("it came back"), on)
    if after in FINAL:
        delivery_news.settle(connection, delivery.id)
    return [*reached, Reached(after, _event(delivery, after, news, evidence_sha256, on))]


def _it_left(
    connection: Connection, delivery: Delivery, news: DeliveryUpdate, on: date
) -> list[Event]:
    """News about a message that was in doubt proves that the other side had it."""
    ref = delivery.ref or news.receipt_ref or news.ref
    if not outbox.accept(connection, delivery.id, owner=ACTOR, at=news.at, on=on, ref=ref):
        return []
    found = deliveries.unconcluded(connection, [ACTOR], 1)
    return conclude(connection, found, ACTOR)


def _delivered(connection: Connection, delivery: Delivery, on: date) -> None:
    """A stage that waited for this proof counts; cases that took another way are not touched."""
    if delivery.step_status in (*_BEGUN, StepStatus.FAILED):
        count_steps(connection, [delivery.step_id], on)
    told.proof_came(connection, [delivery.step_id], on)


def _questioned(connection: Connection, delivery: Delivery) -> None:
    """Its stage does not count until a person has looked; cases that went further stay there."""
    if delivery.step_status is StepStatus.COUNTED:
        cases = delivery_news.cases_still_there(connection, delivery.step_id, delivery.stage)
        if not cases:
            return
        delivery_news.take_back(connection, cases, delivery.step_id)
    elif delivery.step_status not in _BEGUN:
        return
    delivery_news.hold(connection, delivery.step_id, UNREADABLE)


def bounced(connection: Connection, delivery: Delivery, reason: str, on: date) -> None:
    """A message that came back never counts as sent (rule 5).

    If its stage has counted already, the cases that have not gone further take it back and do
    the stage again by the next medium; the others are beyond it, and keep the address marked.
    """
    if delivery.step_status in _BEGUN:
        fail_steps(connection, [delivery.step_id], on, reason)
    elif delivery.step_status is StepStatus.COUNTED:
        _take_back(connection, delivery.step_id, delivery.stage, reason, on)
    else:
        return
    for each in told.none_left(connection, delivery.step_id):
        if each.status is StepStatus.DONE:
            fail_steps(connection, [each.step_id], on, reason)
        elif each.status is StepStatus.COUNTED:
            _take_back(connection, each.step_id, each.stage, reason, on)


def _take_back(connection: Connection, step: int, stage: str, reason: str, on: date) -> None:
    """What counted counts no longer, for the cases that have not gone further."""
    cases = delivery_news.cases_still_there(connection, step, stage)
    if cases:
        delivery_news.reopen(connection, step, cases, reason)
    if cases or notice_ends.with_parts(connection, [step]):
        fail_steps(connection, [step], on, reason)


def reported(delivery: Delivery, news: DeliveryUpdate, evidence_sha256: str, on: date) -> Event:
    """The journal event of a report that a person must judge."""
    event = _event(delivery, delivery.status, news, evidence_sha256, on)
    facts = {**event.facts, "state": news.state}
    return msgspec.structs.replace(event, kind="delivery.reported", facts=facts)


def _event(
    delivery: Delivery, status: DeliveryStatus, news: DeliveryUpdate, evidence_sha256: str, on: date
) -> Event:
    return Event(
        kind=f"delivery.{status}",
        actor=ACTOR,
        on=on,
        source=delivery.source,
        client=delivery.client,
        subject=f"delivery {delivery.id}",
        facts={
            "status": status,
            "step": str(delivery.step_id),
            "channel": delivery.channel,
            "at": news.at.isoformat(),
            **as_facts("note", news.note),
            "evidence": evidence_sha256,
        },
    )
