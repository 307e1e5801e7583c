"""The outbox: one function per change of a delivery's state.

The order of events is guaranteed: `sending` is committed before a channel is called, the answer
after it. A delivery changes only from the state it is expected to be in; a function that returns
False has changed nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.recovery.states import WAITING, StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.sending import notice_ends
from incasso.store.sending.deliveries import is_under_way
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries
from incasso.store.upserting import insert_into


class QueuedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A queued message."""

    id: str
    step_id: int
    source_id: int
    client_id: int
    on_date: date
    medium: str
    channel: str
    to: str
    attempts: int
    next_attempt_at: datetime | None = None
    prepared_ref: str = ""
    sha256: str = ""
    reason: str = ""
    enclosed: Mapping[str, Any] | None = None
    set_off: Sequence[int] | None = None
    asked: int | None = None
    """What the message asks, minor units; None: there is none."""


def others_may_send(connection: Connection, sources: Collection[int]) -> bool:
    """Whether dispatchers of other processes may write to clients of these sources; if so they wait
    until the end of this transaction before they put more messages to them into the queue."""
    if connection.dialect.name != "postgresql":
        return False
    for source in sorted(sources):
        lock = sa.func.pg_advisory_xact_lock(QUEUE_LOCK, source)
        connection.execute(sa.select(lock))
    return True


QUEUE_LOCK: Final = 0x1CA553  # any number that no other use of advisory locks takes


def enqueue(connection: Connection, queued: Sequence[QueuedDelivery]) -> None:
    """Writes `queued` deliveries; one that is already queued is updated, and its day with it, since
    its words are new."""
    if not queued:
        return
    rows = [{**asdict(each), "status": DeliveryStatus.QUEUED} for each in queued]
    statement = insert_into(connection, deliveries)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in _RENEWED},
            where=deliveries.c.status == DeliveryStatus.QUEUED,
        ),
        rows,
    )


def accept(
    connection: Connection,
    delivery: str,
    *,
    owner: str,
    at: datetime,
    on: date,
    ref: str,
    cost: tuple[int, str] | None = None,
    note: str = "",
) -> bool:
    """The other side has it. What follows for the step is `conclude`d by the owner, in bulk.

    False, and nothing changed, if it was known already or the delivery is over.
    """
    row = accepted_row(delivery, owner=owner, at=at, on=on, ref=ref, cost=cost, note=note)
    return connection.execute(ACCEPTED, row).rowcount == 1


def accepted_row(
    delivery: str,
    *,
    owner: str,
    at: datetime,
    on: date,
    ref: str,
    cost: tuple[int, str] | None = None,
    note: str = "",
) -> dict[str, Any]:
    """The parameters of `ACCEPTED` for one message."""
    minor, currency = cost or (None, "EUR")
    row = {"b_id": delivery, "claimed_by": owner, "accepted_at": at, "accepted_on": on}
    return row | {"ref": ref, "reason": note, "b_cost": minor, "b_currency": currency}


def fill_cost(connection: Connection, delivery: str, cost: tuple[int, str]) -> None:
    """The cost that the answer to the send told, if news were quicker and told none."""
    minor, currency = cost
    lacks = (deliveries.c.id == delivery) & deliveries.c.cost.is_(None)
    connection.execute(
        sa.update(deliveries).where(lacks).values(cost=minor, cost_currency=currency)
    )


def set_cost(connection: Connection, delivery: str, cost: tuple[int, str]) -> bool:
    """What a message cost in the end, in minor units and its currency; False if it said so."""
    minor, currency = cost
    same = (deliveries.c.cost == minor) & (deliveries.c.cost_currency == currency)
    changed = (
        sa.update(deliveries)
        .where(deliveries.c.id == delivery, sa.or_(deliveries.c.cost.is_(None), sa.not_(same)))
        .values(cost=minor, cost_currency=currency)
    )
    return connection.execute(changed).rowcount == 1


def tracking_of(connection: Connection, delivery: str) -> str:
    """The carrier's number of a message; empty if it has none."""
    query = sa.select(deliveries.c.tracking).where(deliveries.c.id == delivery)
    return connection.scalar(query) or ""


def set_tracking(connection: Connection, delivery: str, number: str) -> bool:
    """The carrier's number of a message; False if it was known."""
    table = deliveries.c
    changed = sa.update(deliveries).where(table.id == delivery, table.tracking != number)
    return connection.execute(changed.values(tracking=number)).rowcount == 1


def stands_again(
    connection: Connection, delivery: str, *, owner: str, at: datetime, on: date, reason: str
) -> None:
    """A person says that a questioned message counts as accepted, from that day on."""
    row = {"b_id": delivery, "claimed_by": owner, "accepted_on": on, "reason": reason, "b_at": at}
    connection.execute(_STANDS_AGAIN, row)


def conclude(connection: Connection, deliveries_: Sequence[str]) -> None:
    """Marks these deliveries as concluded: they have no owner any more."""
    connection.execute(
        sa.update(deliveries).where(deliveries.c.id.in_(deliveries_)).values(claimed_by="")
    )


def step_done(
    connection: Connection, step_ids: Sequence[int], on: date, proof_until: date | None
) -> None:
    """Steps whose message was accepted are done; they wait for proof until a day, if given."""
    begun = steps.c.status.in_((StepStatus.READY, StepStatus.WORKING))
    connection.execute(
        sa.update(steps)
        .where(steps.c.id.in_(step_ids), begun)
        .values(status=StepStatus.DONE, done_on=on, proof_until=proof_until, reason="")
    )


def put_back(
    connection: Connection,
    delivery: str,
    step: int,
    *,
    next_attempt_at: datetime | None,
    reason: str,
    burned: bool = True,
) -> None:
    """Certainly not sent: queued again. With `burned` False the attempt does not count."""
    row = {"b_id": delivery, "next_attempt_at": next_attempt_at, "reason": reason}
    connection.execute(_QUEUED_AGAIN, {**row, "b_back": 0 if burned else 1})
    connection.execute(_STEP_READY, {"b_step": step, "reason": reason})
    notice_ends.not_begun(connection, step)


def mark_uncertain(connection: Connection, delivery: str, *, ref: str, reason: str) -> None:
    """It is unknown whether it left: a person must check; the step stays begun."""
    connection.execute(_UNCERTAIN, {"b_id": delivery, "b_ref": ref, "reason": reason})


def finish(
    connection: Connection,
    delivery: str,
    status: DeliveryStatus,
    *,
    at: datetime | None,
    reason: str,
) -> None:
    """Set a status that needs nothing else: delivered, bounced, failed, cancelled, accepted."""
    row = {"b_id": delivery, "status": status, "final_at": at, "reason": reason}
    connection.execute(_FINISHED, row)


def cancel_orphans(connection: Connection, *, at: datetime) -> int:
    """Cancel queued deliveries whose step no longer waits to leave (paid, skipped, held)."""
    waiting = sa.exists().where(steps.c.id == deliveries.c.step_id, steps.c.status.in_(WAITING))
    statement = (
        sa.update(deliveries)
        .where(is_under_way(DeliveryStatus.QUEUED), ~waiting)
        .values(status=DeliveryStatus.CANCELLED, final_at=at, reason=_LEFT_THE_STEP)
    )
    return connection.execute(statement).rowcount


def step_ready(connection: Connection, step: int) -> None:
    """The step waits to leave again."""
    connection.execute(_STEP_READY, {"b_step": step, "reason": ""})
    notice_ends.not_begun(connection, step)


def close_address(connection: Connection, step: int, why: str) -> None:
    """The address that the step went to is not used again, because it is `WRONG` or `REFUSED`."""
    closed = sa.update(steps).where(steps.c.id == step)
    connection.execute(closed.values(address_closed=why))


def set_reasons(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Stores why steps wait; they stay ready."""
    rows = [{"b_step": step, "reason": reason} for step, reason in reasons.items()]
    if rows:
        connection.execute(_REASON, rows)


def move_to(connection: Connection, days: Mapping[int, date]) -> None:
    """Steps may leave only from these days on."""
    rows = [{"b_step": step, "due_on": day} for step, day in days.items()]
    if rows:
        connection.execute(_MOVED, rows)


_LEFT_THE_STEP: Final = "its step no longer waits to be sent"
_RENEWED: Final = (
    *("medium", "channel", "to", "attempts", "next_attempt_at", "on_date"),
    *("prepared_ref", "sha256", "reason", "enclosed", "set_off", "asked"),
)
_by_id = deliveries.c.id == sa.bindparam("b_id")
_by_step = steps.c.id == sa.bindparam("b_step")
# Not `in_`: its list is rendered into the statement at every execution.
_not_known_yet = sa.or_(
    *(
        deliveries.c.status == each
        for each in (DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN, DeliveryStatus.QUEUED)
    )
)
_STEP_READY: Final = sa.update(steps).where(_by_step).values(status=StepStatus.READY)
_REASON: Final = sa.update(steps).where(_by_step).values(reason=sa.bindparam("reason"))
_MOVED: Final = sa.update(steps).where(_by_step).values(due_on=sa.bindparam("due_on"))
_cost = sa.bindparam("b_cost", type_=deliveries.c.cost.type)
ACCEPTED: Final = (
    sa.update(deliveries)
    .where(_by_id, _not_known_yet)
    .values(
        status=DeliveryStatus.ACCEPTED,
        # Who does not know what it cost leaves what was expected.
        cost=sa.func.coalesce(_cost, deliveries.c.cost),
        cost_currency=sa.case(
            (_cost.is_(None), deliveries.c.cost_currency), else_=sa.bindparam("b_currency")
        ),
    )
)
_STANDS_AGAIN: Final = (
    sa.update(deliveries)
    .where(_by_id, deliveries.c.status == DeliveryStatus.QUESTIONED)
    .values(
        status=DeliveryStatus.ACCEPTED,
        accepted_at=sa.func.coalesce(deliveries.c.accepted_at, sa.bindparam("b_at")),
        final_at=None,
    )
)
_QUEUED_AGAIN: Final = (
    sa.update(deliveries)
    .where(_by_id)
    .values(
        status=DeliveryStatus.QUEUED,
        claimed_by="",
        cost=None,
        attempts=deliveries.c.attempts - sa.bindparam("b_back"),
    )
)
_UNCERTAIN: Final = (
    sa.update(deliveries)
    .where(_by_id)
    .values(
        status=DeliveryStatus.UNCERTAIN,
        claimed_by="",
        ref=sa.case((sa.bindparam("b_ref") != "", sa.bindparam("b_ref")), else_=deliveries.c.ref),
    )
)
_FINISHED: Final = sa.update(deliveries).where(_by_id).values(claimed_by="")
