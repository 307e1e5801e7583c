"""What a message that left rests on: its row, its step and the step's cases, as digests.

The journal keeps both with `delivery.accepted`. Of a step that was sent again the last message
counts, so its digest stands for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.store.proof.sealed_rows import digest_of
from incasso.store.sql_ids import among
from incasso.store.tables.recovery import step_cases, steps
from incasso.store.tables.sending import deliveries

_ROW: Final = tuple(
    deliveries.c[name]
    for name in (
        *("source_id", "client_id", "on_date", "accepted_at", "accepted_on", "ref"),
        *("prepared_ref", "fallback_of", "enclosed", "set_off"),
    )
)
_STEP: Final = tuple(
    steps.c[name]
    for name in (
        *("source_id", "client_id", "iter_version_id", "stage", "action", "total", "currency"),
        *("language", "template"),
    )
)
_CASE: Final = tuple(step_cases.c[name] for name in ("case_id", "stage", "cycle", "residual"))

BEGUN: Final = frozenset(
    (StepStatus.WORKING, StepStatus.DONE, StepStatus.COUNTED, StepStatus.FAILED)
)
"""What a step may be whose message left; anything else could be sent again."""


class StepLeft(NamedTuple):
    """A step whose message left, with its digest."""

    id: int
    digest: str
    status: StepStatus


def deliveries_left(
    connection: Connection, ids: Collection[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Each delivery that was accepted (of these, or all) with the digest of its row. A stream."""
    query = sa.select(deliveries.c.id, *_ROW).where(deliveries.c.accepted_at.is_not(None))
    if ids is not None:
        query = query.where(deliveries.c.id.in_(ids))
    for identity, *row in connection.execute(query):
        yield identity, digest_of(row)


def steps_left(connection: Connection, ids: Collection[int] | None = None) -> Iterator[StepLeft]:
    """Each step with an accepted delivery (of these, or all) with its digest. A stream."""
    left = sa.exists().where(
        deliveries.c.step_id == steps.c.id, deliveries.c.accepted_at.is_not(None)
    )
    query = (
        sa.select(steps.c.id, steps.c.status, *_STEP, *_CASE)
        .outerjoin(step_cases, step_cases.c.step_id == steps.c.id)
        .where(left if ids is None else among(connection, steps.c.id, ids))
        .order_by(steps.c.id, step_cases.c.case_id)
    )
    for identity, rows in groupby(connection.execute(query), itemgetter(0)):
        yield _step_left(identity, list(rows))


def _step_left(identity: int, rows: list[Any]) -> StepLeft:
    cases = 2 + len(_STEP)
    of_step = rows[0][2:cases]
    members = [value for row in rows for value in row[cases:]]
    return StepLeft(identity, digest_of([*of_step, *members]), rows[0][1])


def past_approval(connection: Connection) -> Iterator[int]:
    """Steps that a person had to approve, and that wait to leave, or left. A stream."""
    free = steps.c.status.in_((StepStatus.READY, *BEGUN))
    query = sa.select(steps.c.id).where(steps.c.mode == Mode.APPROVE, free)
    yield from connection.scalars(query)
