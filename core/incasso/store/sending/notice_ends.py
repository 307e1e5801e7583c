"""How steps that our own people are told of go on with the notices about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import LEFT_US, DeliveryStatus
from incasso.store.sql_ids import among
from incasso.store.tables.notices import notice_parts
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries

_part: Final = steps.alias("part")


def begun(connection: Connection, notice_ids: Sequence[int]) -> None:
    """These are about to leave: what they tell of has begun with them."""
    told = sa.select(notice_parts.c.step_id).where(notice_parts.c.notice_id.in_(notice_ids))
    ready = sa.and_(steps.c.id.in_(told), steps.c.status == StepStatus.READY)
    connection.execute(sa.update(steps).where(ready).values(status=StepStatus.WORKING))


def not_begun(connection: Connection, notice: int) -> None:
    """It certainly did not leave: what no other notice began waits as before."""
    mine = sa.select(notice_parts.c.step_id).where(notice_parts.c.notice_id == notice)
    others = (
        sa.select(notice_parts.c.step_id)
        .join(_part, _part.c.id == notice_parts.c.notice_id)
        .where(notice_parts.c.step_id.in_(mine), _part.c.id != notice, _part.c.status.in_(_BEGUN))
    )
    back = sa.and_(
        steps.c.id.in_(mine), steps.c.id.not_in(others), steps.c.status == StepStatus.WORKING
    )
    connection.execute(sa.update(steps).where(back).values(status=StepStatus.READY))


_BEGUN: Final = (StepStatus.WORKING, StepStatus.DONE, StepStatus.COUNTED)


def with_parts(connection: Connection, step_ids: Collection[int]) -> frozenset[int]:
    """Those that are notices about steps of clients."""
    mine = among(connection, notice_parts.c.notice_id, step_ids)
    return frozenset(connection.scalars(sa.select(notice_parts.c.notice_id).where(mine)))


class ToldStep(msgspec.Struct, frozen=True):
    """A step of a client with what became of the notices about it."""

    step_id: int
    iter_version_id: int | None
    stage: str
    status: StepStatus
    notices: tuple[StepStatus, ...]
    reasons: tuple[str, ...]
    """Of those that failed."""


def told_by(connection: Connection, notice_ids: Collection[int]) -> list[ToldStep]:
    """The steps that these notices tell of, whatever else tells of them."""
    told = sa.select(notice_parts.c.step_id).where(
        among(connection, notice_parts.c.notice_id, notice_ids)
    )
    if not (ids := set(connection.scalars(told))):
        return []
    query = (
        sa.select(
            steps.c.id,
            steps.c.iter_version_id,
            steps.c.stage,
            steps.c.status,
            _part.c.status,
            _part.c.reason,
        )
        .join(notice_parts, notice_parts.c.step_id == steps.c.id)
        .join(_part, _part.c.id == notice_parts.c.notice_id)
        .where(among(connection, notice_parts.c.step_id, ids))
        .order_by(steps.c.id, _part.c.id)
    )
    rows: dict[tuple[int, int | None, str, StepStatus], list[tuple[StepStatus, str]]]
    rows = defaultdict(list)
    for number, version, stage, status, of_notice, reason in connection.execute(query):
        rows[number, version, stage, StepStatus(status)].append((StepStatus(of_notice), reason))
    return [
        ToldStep(
            *step,
            tuple(status for status, _ in found),
            tuple(reason for status, reason in found if status is StepStatus.FAILED),
        )
        for step, found in rows.items()
    ]


def proven(connection: Connection, step: int) -> bool:
    """Whether everything that left about the step was delivered."""
    unproven = (
        sa.select(deliveries.c.id)
        .join(notice_parts, notice_parts.c.notice_id == deliveries.c.step_id)
        .where(notice_parts.c.step_id == step, deliveries.c.status.in_(LEFT_US))
        .where(deliveries.c.status != DeliveryStatus.DELIVERED)
    )
    return connection.scalar(unproven.limit(1)) is None
