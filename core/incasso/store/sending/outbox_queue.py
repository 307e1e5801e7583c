"""The queue of the outbox: which steps may leave now, and which dispatcher has which of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql, sqlite

from incasso.domain.recovery.actions import BY_MESSAGE
from incasso.domain.sending.delivery import OVER, DeliveryStatus
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.recovery import iter_versions, iters, steps
from incasso.store.tables.sending import deliveries, step_claims

"""Actions that end in a message."""


def claim(
    connection: Connection,
    owner: str,
    on: date,
    now: datetime,
    after: tuple[date, int],
    limit: int,
) -> list[Row[Any]]:
    """The next steps that may leave, oldest first, reserved for this dispatcher until `unclaim`.

    `after` is (due_on, id) of the last step seen. Steps that others hold are passed over.
    """
    claimed = sa.exists().where(step_claims.c.step_id == steps.c.id)
    query = (
        sa.select(steps.c.id)
        .join(deliveries, _is_live, isouter=True)
        .where(*_may_leave(on, now), ~claimed)
        .where(sa.tuple_(steps.c.due_on, steps.c.id) > sa.tuple_(*after))
        .order_by(steps.c.due_on, steps.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=steps)
    )
    ids = list(connection.scalars(query))
    if not ids:
        return []
    rows = [{"step_id": step, "owner": owner} for step in ids]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(step_claims).on_conflict_do_nothing(), rows)
    return waiting(connection, ids, owner)


def waiting(connection: Connection, step_ids: Sequence[int], owner: str = "") -> list[Row[Any]]:
    """Those of the steps that are still ready, with what sending needs to know about each."""
    mine = sa.select(step_claims.c.step_id).where(step_claims.c.owner == owner)
    query = _WAITING.where(steps.c.id.in_(step_ids), steps.c.status == "ready")
    if owner:
        query = query.where(steps.c.id.in_(mine))
    return list(connection.execute(query.order_by(steps.c.due_on, steps.c.id)))


def ready(
    connection: Connection, on: date, now: datetime, after: tuple[date, int], limit: int
) -> list[Row[Any]]:
    """The same page without reserving anything: for a trial run."""
    query = (
        _WAITING.where(*_may_leave(on, now))
        .where(sa.tuple_(steps.c.due_on, steps.c.id) > sa.tuple_(*after))
        .order_by(steps.c.due_on, steps.c.id)
    )
    return list(connection.execute(query.limit(limit)))


def unclaim(connection: Connection, owner: str) -> None:
    """Let go of everything this dispatcher reserved."""
    connection.execute(sa.delete(step_claims).where(step_claims.c.owner == owner))


def owners(connection: Connection) -> set[str]:
    """Every dispatcher that has a step or a delivery in hand, dead or alive."""
    reserving = sa.select(step_claims.c.owner)
    busy = sa.select(deliveries.c.claimed_by).where(deliveries.c.claimed_by != "")
    return set(connection.scalars(reserving.union(busy)))


def with_step() -> sa.Select[Any]:
    """Deliveries with what is needed of their step, source and client."""
    return (
        sa.select(deliveries, *_STEP_FACTS)
        .join(steps, steps.c.id == deliveries.c.step_id)
        .join(sources, sources.c.id == deliveries.c.source_id)
        .join(clients, clients.c.id == deliveries.c.client_id)
    )


def in_status(connection: Connection, status: DeliveryStatus) -> list[Row[Any]]:
    """Every delivery in that status, oldest first."""
    query = with_step().where(deliveries.c.status == status)
    return list(connection.execute(query.order_by(deliveries.c.sending_at, deliveries.c.id)))


def unconcluded(connection: Connection, owners: Collection[str], limit: int) -> list[Row[Any]]:
    """Accepted deliveries of these dispatchers whose consequences are not written yet."""
    query = with_step().where(deliveries.c.claimed_by.in_(owners), _got_through)
    locked = query.order_by(deliveries.c.id).limit(limit).with_for_update(of=deliveries)
    return list(connection.execute(locked))


def is_unchanged(connection: Connection, row: Row[Any]) -> bool:
    """Whether nobody has judged or sent the delivery since the row was read; locks it.

    Two that recover at the same time ask the channel at the same time; one of them acts.
    """
    columns = (deliveries.c.status, deliveries.c.sending_at)
    query = sa.select(*columns).where(deliveries.c.id == row.id).with_for_update()
    return connection.execute(query).one() == (row.status, row.sending_at)


def _may_leave(on: date, now: datetime) -> Iterable[sa.ColumnElement[bool]]:
    return (
        steps.c.status == "ready",
        steps.c.mode.in_(("auto", "approve")),
        steps.c.action.in_(BY_MESSAGE),
        steps.c.due_on <= on,
        sa.or_(
            deliveries.c.id.is_(None),
            sa.and_(
                deliveries.c.status == DeliveryStatus.QUEUED,
                sa.or_(deliveries.c.next_attempt_at.is_(None), deliveries.c.next_attempt_at <= now),
            ),
        ),
    )


_is_live = sa.and_(deliveries.c.step_id == steps.c.id, deliveries.c.status.not_in(OVER))
_got_through = deliveries.c.status.in_((DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED))
_STEP_FACTS: Final = (
    steps.c.stage,
    steps.c.status.label("step_status"),
    steps.c.iter_version_id,
    steps.c.total,
    steps.c.currency,
    sources.c.name.label("source"),
    clients.c.code.label("client"),
)
_WAITING: Final = (
    sa.select(
        steps,
        sources.c.name.label("source"),
        iters.c.key.label("iter"),
        deliveries.c.id.label("delivery"),
        deliveries.c.attempts,
    )
    .join(sources, sources.c.id == steps.c.source_id)
    .join(iter_versions, iter_versions.c.id == steps.c.iter_version_id)
    .join(iters, iters.c.id == iter_versions.c.iter_id)
    .join(deliveries, _is_live, isouter=True)
)
