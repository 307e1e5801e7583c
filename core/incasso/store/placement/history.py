"""What the office did about placed credits before: for the provider who goes on from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import StepStatus
from incasso.store.records import records
from incasso.store.sql_ids import among
from incasso.store.tables.placement import placement_rows
from incasso.store.tables.recovery import step_cases, steps


class DoneStep(msgspec.Struct, frozen=True):
    """One step that was carried out for credits of a placement."""

    placement: int
    on: date
    stage: str
    medium: str
    outcome: str
    status: StepStatus


def of_placements(connection: Connection, ids: Collection[int]) -> dict[int, list[DoneStep]]:
    """The steps that were carried out for these placements, oldest first, each once."""
    rows, done = placement_rows.c, sa.func.coalesce(steps.c.done_on, steps.c.counted_on)
    query = (
        sa.select(
            rows.placement_id,
            done,
            step_cases.c.stage,
            steps.c.medium,
            steps.c.outcome,
            steps.c.status,
        )
        .distinct()
        .join(step_cases, step_cases.c.case_id == rows.case_id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .where(among(connection, rows.placement_id, ids))
        .where(done.is_not(None))
        .order_by(rows.placement_id, done, step_cases.c.stage, steps.c.medium)
    )
    found: dict[int, list[DoneStep]] = defaultdict(list)
    # Asked for by their status, SQLite would go through every step that was ever carried out.
    for each in records(connection, DoneStep, query):
        if each.status in (StepStatus.DONE, StepStatus.COUNTED):
            found[each.placement].append(each)
    return found
