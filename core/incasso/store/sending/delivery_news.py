"""News about deliveries: each piece is stored once, even if the channel repeats it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.channel import DeliveryUpdate
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.domain.sending.trust import NewsStanding, Trust
from incasso.store.records import columns_of, records
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import deliveries, delivery_events, instance_cursors
from incasso.store.upserting import insert_into


class Refusal(msgspec.Struct, frozen=True):
    """A message that came back because of who sent it: to whom, and the words."""

    to: str
    note: str
    id: int


def record(
    connection: Connection,
    delivery: str,
    news: DeliveryUpdate,
    evidence_sha256: str,
    trust: Trust = Trust.PROVEN,
    standing: NewsStanding = NewsStanding.TAKEN,
) -> bool:
    """Write the news; False if it was known already."""
    row = {
        "delivery_id": delivery,
        "update_id": news.update_id,
        "at": news.at,
        "state": news.state,
        "note": news.note,
        "evidence_sha256": evidence_sha256,
        "trust": trust,
        "standing": standing,
        "sender_refused": news.sender_refused,
    }
    new = (
        insert_into(connection, delivery_events)
        .on_conflict_do_nothing()
        .returning(delivery_events.c.id)
    )
    return connection.execute(new, row).one_or_none() is not None


def waiting(connection: Connection, delivery: str) -> list[int]:
    """News of this delivery that waits for a person."""
    table = delivery_events.c
    query = sa.select(table.id).where(table.delivery_id == delivery)
    return list(connection.scalars(query.where(table.standing == NewsStanding.WAITING)))


def count_waiting(connection: Connection) -> int:
    """How much news waits for a person."""
    query = sa.select(sa.func.count()).select_from(delivery_events)
    return connection.scalar(query.where(sa.text("standing = 'waiting'"))) or 0


def settle(connection: Connection, delivery: str) -> None:
    """What waited for a person is settled: by one, or by news that is believed."""
    connection.execute(
        sa.update(delivery_events)
        .where(delivery_events.c.delivery_id == delivery)
        .where(delivery_events.c.standing == NewsStanding.WAITING)
        .values(standing=NewsStanding.SETTLED)
    )


def newest(connection: Connection) -> int:
    """The number of the news that was written last; 0 if there is none."""
    return connection.scalar(sa.select(sa.func.max(delivery_events.c.id))) or 0


def refused_since(connection: Connection, channel: str, since: datetime) -> list[Refusal]:
    """Believed news since that instant that the sender itself is refused, newest first."""
    query = (
        sa.select(
            *columns_of(Refusal, deliveries, note=delivery_events.c.note, id=delivery_events.c.id)
        )
        .join(deliveries, deliveries.c.id == delivery_events.c.delivery_id)
        .where(delivery_events.c.sender_refused, delivery_events.c.at >= since)
        .where(deliveries.c.channel == channel, delivery_events.c.standing == NewsStanding.TAKEN)
    )
    return records(connection, Refusal, query.order_by(delivery_events.c.id.desc()))


def cases_still_there(connection: Connection, step: int, stage: str) -> list[int]:
    """Cases of a counted step that have not gone beyond its stage: it can be done again."""
    query = (
        sa.select(cases.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .where(step_cases.c.step_id == step, cases.c.stage == stage)
        .where(cases.c.step_id.is_(None), cases.c.state != CaseState.CLOSED)
    )
    return list(connection.scalars(query.order_by(cases.c.id)))


def reopen(connection: Connection, step: int, case_ids: Collection[int], reason: str) -> None:
    """The step's message did not arrive after all: its cases are in it again, and it failed."""
    take_back(connection, case_ids, step)
    connection.execute(
        sa.update(steps).where(steps.c.id == step).values(status=StepStatus.FAILED, reason=reason)
    )


def take_back(connection: Connection, case_ids: Collection[int], step: int) -> None:
    """Cases whose stage had counted are in its step again."""
    connection.execute(sa.update(cases).where(cases.c.id.in_(case_ids)).values(step_id=step))


def hold(connection: Connection, step: int, reason: str) -> None:
    """The step is neither counted nor failed until a person says so; no proof is awaited."""
    values = {"status": StepStatus.DONE, "proof_until": None, "reason": reason}
    connection.execute(sa.update(steps).where(steps.c.id == step).values(**values))


def let_go(connection: Connection, step: int) -> None:
    """A held step may be concluded as if its message had just been accepted."""
    held = sa.and_(steps.c.id == step, steps.c.status == StepStatus.DONE)
    connection.execute(sa.update(steps).where(held).values(status=StepStatus.WORKING, reason=""))


def cursor(connection: Connection, instance: str, hook: str) -> str | None:
    """Where the last collection from an instance stopped."""
    table = instance_cursors.c
    query = sa.select(table.cursor).where(table.instance == instance, table.hook == hook)
    return connection.scalar(query)


def set_cursor(connection: Connection, instance: str, hook: str, cursor: str | None) -> None:
    """Remember where it stopped, in the transaction that wrote what came before."""
    row = {"instance": instance, "hook": hook, "cursor": cursor}
    statement = insert_into(connection, instance_cursors).on_conflict_do_update(
        index_elements=["instance", "hook"], set_={"cursor": cursor}
    )
    connection.execute(statement, row)
