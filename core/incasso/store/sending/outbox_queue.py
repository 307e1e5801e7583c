"""The queue of the outbox: which steps may leave now, and which dispatcher reserved them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import BY_MESSAGE, Action
from incasso.domain.recovery.iters import NOTICE_MEDIUM, Mode
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import LEFT_US, OVER, DeliveryStatus
from incasso.domain.sending.notices import NoticeKind
from incasso.domain.sending.rewording import Rewording
from incasso.domain.sending.routes import Routes
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import sources
from incasso.store.tables.notices import notice_parts, notices
from incasso.store.tables.recovery import iter_versions, iters, steps
from incasso.store.tables.sending import deliveries, step_claims
from incasso.store.upserting import insert_into


class ReadyStep(msgspec.Struct, frozen=True):
    """A step that may leave, with what sending needs to know about it."""

    id: int
    source_id: int
    client_id: int
    iter_version_id: int
    source: str
    iter: str
    stage: str
    action: Action
    medium: str
    due_on: date
    total: int
    currency: str
    language: str
    template: str
    operator_id: int | None
    subject_override: str | None
    text_override: str | None
    opening_override: str | None
    closing_override: str | None
    bare: bool | None
    notice: NoticeKind | None
    """What one of our own people gets; None: it goes to the client, or nobody knows yet whom it
    goes to."""
    recipient: str | None
    """The address of one of our people, and the name."""
    recipient_name: str | None
    copy_of: str | None
    """The delivery that it is a copy of."""
    delivery: str | None
    """Its queued delivery, if it was tried before."""
    attempts: int | None

    @property
    def own_words(self) -> Rewording:
        """The words that a person chose for this one message."""
        return Rewording(
            subject=self.subject_override,
            text=self.text_override,
            opening=self.opening_override,
            closing=self.closing_override,
            bare=bool(self.bare),
        )


def claim(
    connection: Connection,
    owner: str,
    on: date,
    now: datetime,
    after: tuple[date, int],
    limit: int,
    routes: Routes | None = None,
) -> list[ReadyStep]:
    """The next steps that may leave, oldest first, reserved for this dispatcher until `unclaim`.

    `after` is (due_on, id) of the last step seen. Steps reserved by others are skipped, and those
    that do not go by these routes.
    """
    claimed = sa.exists().where(step_claims.c.step_id == steps.c.id)
    query = (
        sa.select(steps.c.id)
        .join(deliveries, _is_live, isouter=True)
        .where(*_may_leave(on, now), ~claimed, *_by_routes(routes))
        .where(sa.tuple_(steps.c.due_on, steps.c.id) > sa.tuple_(*after))
        .order_by(steps.c.due_on, steps.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=steps)
    )
    ids = list(connection.scalars(query))
    if not ids:
        return []
    rows = [{"step_id": step, "owner": owner} for step in ids]
    connection.execute(insert_into(connection, step_claims).on_conflict_do_nothing(), rows)
    return waiting(connection, ids, owner)


def more_than(
    connection: Connection, on: date, now: datetime, count: int, routes: Routes | None = None
) -> bool:
    """Whether more steps than that may leave now by these routes."""
    query = (
        sa.select(steps.c.id)
        .join(deliveries, _is_live, isouter=True)
        .where(*_may_leave(on, now), *_by_routes(routes))
        .limit(1)
        .offset(count)
    )
    return connection.scalar(query) is not None


def copies_wait(
    connection: Connection, on: date, now: datetime, routes: Routes | None = None
) -> bool:
    """Whether a copy may leave now that nobody has tried to send yet."""
    query = (
        sa.select(steps.c.id)
        .join(notices, notices.c.step_id == steps.c.id)
        .join(deliveries, _is_live, isouter=True)
        .where(*_may_leave(on, now), *_by_routes(routes))
        # In the words of the index of what our own people are to be told.
        .where(steps.c.action == sa.literal_column("'notify'"))
        .where(steps.c.status == sa.literal_column("'ready'"))
        .where(notices.c.copy_of != sa.literal_column("''"), deliveries.c.id.is_(None))
    )
    return connection.scalar(query.limit(1)) is not None


def to_clients(
    connection: Connection,
    clients: Collection[int],
    on: date,
    now: datetime,
    routes: Routes | None = None,
) -> list[ReadyStep]:
    """What may leave to these clients now by these routes, whoever has reserved it."""
    query = _WAITING.where(
        among(connection, steps.c.client_id, clients), *_may_leave(on, now), *_by_routes(routes)
    )
    return records(connection, ReadyStep, query.order_by(steps.c.due_on, steps.c.id))


def waiting(connection: Connection, step_ids: Sequence[int], owner: str = "") -> list[ReadyStep]:
    """Those of the steps that are still ready, with what sending needs to know about each."""
    mine = sa.select(step_claims.c.step_id).where(step_claims.c.owner == owner)
    query = _WAITING.where(steps.c.id.in_(step_ids), steps.c.status == StepStatus.READY)
    if owner:
        query = query.where(steps.c.id.in_(mine))
    return records(connection, ReadyStep, query.order_by(steps.c.due_on, steps.c.id))


def ready(
    connection: Connection, on: date, now: datetime, after: tuple[date, int], limit: int
) -> list[ReadyStep]:
    """The same page without reserving anything: for a trial run. With the steps of which nobody has
    settled yet whom of our people they are told to, but not those that notices tell of."""
    told = sa.exists().where(notice_parts.c.step_id == steps.c.id)
    query = (
        _WAITING.where(*_due(on, now), sa.or_(*_known(), sa.and_(_is_internal, ~told)))
        .where(sa.tuple_(steps.c.due_on, steps.c.id) > sa.tuple_(*after))
        .order_by(steps.c.due_on, steps.c.id)
    )
    return records(connection, ReadyStep, query.limit(limit))


def step_to_write(connection: Connection, step: int) -> ReadyStep | None:
    """A step with what its message is written from, whatever its status; None: there is none."""
    return maybe_record(connection, ReadyStep, _WAITING.where(steps.c.id == step))


def unclaim(connection: Connection, owner: str, step_ids: Collection[int] | None = None) -> None:
    """Releases what this dispatcher reserved: these steps, or everything."""
    statement = sa.delete(step_claims).where(step_claims.c.owner == owner)
    if step_ids is not None:
        statement = statement.where(step_claims.c.step_id.in_(step_ids))
    connection.execute(statement)


def owners(connection: Connection) -> set[str]:
    """Every dispatcher with a reserved step or delivery, dead or alive."""
    reserving = sa.select(step_claims.c.owner)
    busy = sa.select(deliveries.c.claimed_by).where(deliveries.c.claimed_by != "")
    return set(connection.scalars(reserving.union(busy)))


def _by_routes(routes: Routes | None) -> Iterable[sa.ColumnElement[bool]]:
    if routes is None:
        return
    medium = sa.case((steps.c.medium == "", NOTICE_MEDIUM.value), else_=steps.c.medium)
    of_source = {
        source: sa.select(sources.c.id).where(sources.c.name == source).scalar_subquery()
        for source in routes.media
    }
    going = sa.or_(
        sa.false(),
        *(
            sa.and_(steps.c.source_id == of_source[source], medium.in_(sorted(media)))
            for source, media in routes.media.items()
        ),
    )
    yield going if routes.inside else sa.not_(going)


def _may_leave(on: date, now: datetime) -> Iterable[sa.ColumnElement[bool]]:
    return (*_due(on, now), sa.or_(*_known()))


def _known() -> tuple[sa.ColumnElement[bool], ...]:
    """A notice to our own people only once it is known whom it goes to, a copy once the message
    that it is of has left."""
    original, notice = deliveries.alias("original"), notices.alias("notice")
    left = sa.exists().where(original.c.id == notice.c.copy_of, original.c.status.in_(LEFT_US))
    settled = sa.exists().where(
        notice.c.step_id == steps.c.id, sa.or_(notice.c.copy_of == "", left)
    )
    return (~_is_internal, settled)


def _due(on: date, now: datetime) -> Iterable[sa.ColumnElement[bool]]:
    return (
        steps.c.status == StepStatus.READY,
        steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)),
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


_is_internal = steps.c.action == Action.NOTIFY
_is_live = sa.and_(deliveries.c.step_id == steps.c.id, deliveries.c.status.not_in(OVER))
_WAITING: Final = (
    sa.select(
        *columns_of(
            ReadyStep,
            steps,
            source=sources.c.name,
            iter=iters.c.key,
            notice=notices.c.kind,
            recipient=notices.c.address,
            recipient_name=notices.c.name,
            copy_of=notices.c.copy_of,
            delivery=deliveries.c.id,
            attempts=deliveries.c.attempts,
        )
    )
    .join(sources, sources.c.id == steps.c.source_id)
    .join(iter_versions, iter_versions.c.id == steps.c.iter_version_id)
    .join(iters, iters.c.id == iter_versions.c.iter_id)
    .join(deliveries, _is_live, isouter=True)
    .join(notices, notices.c.step_id == steps.c.id, isouter=True)
)
