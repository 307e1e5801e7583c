"""Messages to our own people as they are written down: made from steps of clients, and joined."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import OVER
from incasso.domain.sending.notices import NoticeKind
from incasso.store.recovery.planning_rows import new_numbers
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments
from incasso.store.tables.notices import notice_parts, notices
from incasso.store.tables.recovery import cases, steps
from incasso.store.tables.sending import deliveries, step_claims
from incasso.store.upserting import insert_into

_WORDS: Final = (
    *("subject_override", "text_override", "opening_override", "closing_override", "bare"),
)
_LIKE: Final = ("source_id", "client_id", "iter_version_id", "stage", "language", "operator_id")
"""What the step of a notice takes over from the step of the client that it was made from."""


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one of our people, about to be made."""

    like: int
    """The step of a client: of a summary the first that it tells of."""
    kind: NoticeKind
    address: str
    name: str
    once: str
    medium: str
    template: str
    due_on: date
    total: int
    currency: str
    gathers: str = ""
    copy_of: str = ""


class NoticeSummary(msgspec.Struct, frozen=True):
    """A summary that other steps may still join."""

    step_id: int
    currency: str


def own(connection: Connection, step: int, address: str, name: str, once: str) -> None:
    """The step itself is the message: only one person is told."""
    row = {"step_id": step, "kind": NoticeKind.OWN, "address": address, "name": name, "once": once}
    connection.execute(insert_into(connection, notices).on_conflict_do_nothing(), row)


def make(connection: Connection, new: NewNotice) -> int | None:
    """A ready step for it; None, and nothing is made, if there was one already."""
    if connection.scalar(sa.select(notices.c.step_id).where(notices.c.once == new.once)):
        return None
    number = next(new_numbers(connection, steps))
    taken = (*_LIKE, *(_WORDS if new.kind is NoticeKind.ONE else ()))
    values = {
        "id": number,
        "action": Action.NOTIFY.value,
        "medium": new.medium,
        "mode": Mode.AUTO.value,
        "status": StepStatus.READY.value,
        "due_on": new.due_on,
        "total": new.total,
        "currency": new.currency,
        "template": new.template,
    }
    typed = [sa.literal(value, steps.c[name].type) for name, value in values.items()]
    like = sa.select(*typed, *(steps.c[name] for name in taken)).where(steps.c.id == new.like)
    connection.execute(sa.insert(steps).from_select([*values, *taken], like))
    kept = {name: getattr(new, name) for name in _KEPT} | {"step_id": number}
    made = insert_into(connection, notices).on_conflict_do_nothing().returning(notices.c.step_id)
    if connection.scalar(made.values(kept)) is None:  # another dispatcher was quicker
        connection.execute(sa.delete(steps).where(steps.c.id == number))
        return None
    return number


_KEPT: Final = ("kind", "address", "name", "once", "gathers", "copy_of")


def put_in(connection: Connection, notice: int, parts: Iterable[int]) -> None:
    """The notice tells of these steps too."""
    rows = [{"notice_id": notice, "step_id": step} for step in parts]
    connection.execute(insert_into(connection, notice_parts).on_conflict_do_nothing(), rows)


def joinable(connection: Connection, gathers: str) -> NoticeSummary | None:
    """The summary of these people and texts that has not begun, locked: nobody sends it now."""
    query = (
        sa.select(steps.c.id, steps.c.currency)
        .join(notices, notices.c.step_id == steps.c.id)
        .where(
            notices.c.gathers == gathers,
            steps.c.status == StepStatus.READY,
            ~sa.exists().where(step_claims.c.step_id == steps.c.id),
        )
        .order_by(steps.c.id)
        .limit(1)
        .with_for_update(of=steps, skip_locked=True)
    )
    found = connection.execute(query).first()
    return None if found is None else NoticeSummary(*found)


def add_to_total(connection: Connection, notice: int, amount: int) -> None:
    """It asks for so much more, minor units."""
    more = sa.update(steps).where(steps.c.id == notice)
    connection.execute(more.values(total=steps.c.total + amount))


def claim_untold(
    connection: Connection, owner: str, on: date, after: tuple[date, int], limit: int
) -> list[int]:
    """Steps that somebody of ours is to be told of and of which nobody knows yet whom, reserved
    until `outbox_queue.unclaim`; `after` is (due_on, id) of the last one seen."""
    query = (
        sa.select(steps.c.id)
        .where(*_to_tell(on), ~_claimed, sa.tuple_(steps.c.due_on, steps.c.id) > sa.tuple_(*after))
        .order_by(steps.c.due_on, steps.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=steps)
    )
    ids = list(connection.scalars(query))
    if ids:
        rows = [{"step_id": step, "owner": owner} for step in ids]
        connection.execute(insert_into(connection, step_claims).on_conflict_do_nothing(), rows)
    return ids


def _to_tell(on: date) -> tuple[sa.ColumnElement[bool], ...]:
    """In the words of the index of what our own people are to be told."""
    return (
        steps.c.action == sa.literal_column("'notify'"),
        steps.c.status == sa.literal_column("'ready'"),
        steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)),
        steps.c.due_on <= on,
        ~sa.exists().where(notices.c.step_id == steps.c.id),
        ~sa.exists().where(notice_parts.c.step_id == steps.c.id),
    )


_claimed: Final = sa.exists().where(step_claims.c.step_id == steps.c.id)
_part: Final = steps.alias("part")


def _free(on: date) -> sa.ColumnElement[bool]:
    """Notices that are due and that no dispatcher has in hand."""
    return sa.and_(
        steps.c.action == sa.literal_column("'notify'"),
        steps.c.status == sa.literal_column("'ready'"),
        steps.c.due_on <= on,
        ~_claimed,
    )


def follow(connection: Connection, on: date) -> None:
    """What a person changed of a step after somebody was to be told of it counts for the notices
    that have not begun: its words, its text, and that it comes later."""
    _let_go_of_later(connection, on)
    fields = ("template", *_WORDS)
    query = (
        sa.select(steps.c.id, *(_part.c[name] for name in fields))
        .join(notices, notices.c.step_id == steps.c.id)
        .join(notice_parts, notice_parts.c.notice_id == steps.c.id)
        .join(_part, _part.c.id == notice_parts.c.step_id)
        .where(_free(on), notices.c.kind == NoticeKind.ONE)
        .where(sa.or_(*(steps.c[name].is_distinct_from(_part.c[name]) for name in fields)))
    )
    for number, *values in connection.execute(query).all():
        changed = sa.update(steps).where(steps.c.id == number)
        connection.execute(changed.values(dict(zip(fields, values, strict=True))))


def _let_go_of_later(connection: Connection, on: date) -> None:
    """Once no notice tells of them, they are told of on their day."""
    free = sa.select(steps.c.id).where(_free(on))
    later = sa.select(_part.c.id).where(_part.c.due_on > on)
    gone = sa.and_(notice_parts.c.notice_id.in_(free), notice_parts.c.step_id.in_(later))
    connection.execute(sa.delete(notice_parts).where(gone))


def cancel_empty(connection: Connection, on: date, reason: str) -> list[int]:
    """Notices that have nothing to tell any more, and copies of what did not leave, are cancelled.
    Which."""
    of_copy = sa.select(deliveries.c.id).where(
        deliveries.c.id == notices.c.copy_of, deliveries.c.status.in_(OVER)
    )
    empty = sa.or_(
        sa.and_(notices.c.kind == NoticeKind.COPY, sa.exists(of_copy)),
        sa.and_(
            notices.c.kind.in_((NoticeKind.ONE, NoticeKind.SUMMARY)),
            ~_tells,
        ),
    )
    which = (
        sa.select(steps.c.id).join(notices, notices.c.step_id == steps.c.id).where(_free(on), empty)
    )
    ids = list(connection.scalars(which))
    if ids:
        done = sa.update(steps).where(among(connection, steps.c.id, ids))
        connection.execute(done.values(status=StepStatus.CANCELLED, reason=reason))
    return ids


# Of a step of which others were told already, what was paid since is left out.
_tells: Final = (
    sa.exists()
    .where(
        notice_parts.c.notice_id == steps.c.id,
        _part.c.id == notice_parts.c.step_id,
        cases.c.step_id == _part.c.id,
        installments.c.id == cases.c.installment_id,
        sa.or_(
            _part.c.status == StepStatus.READY,
            sa.and_(_part.c.status == StepStatus.WORKING, installments.c.residual > 0),
        ),
    )
    .correlate(steps)
)
