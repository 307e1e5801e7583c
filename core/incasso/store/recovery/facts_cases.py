"""Running cases as decisions see them, with the step each one is in."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.facts import CaseFacts, StepFacts, Version
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.store.sql_ids import among, raw_day, raw_rows
from incasso.store.tables.recovery import cases, step_cases, steps


class _Row(NamedTuple):
    """A case as read, in the order of the query."""

    installment_id: int
    id: int
    step_id: int | None
    operator_id: int | None
    opened_on: Any
    next_stage: str
    next_due_on: Any
    blocked_by: str
    skipped: str
    iter_version_id: int
    state: str
    unpaid: bool
    stage: str
    counted_on: Any
    moved_to: Any
    container: str
    step_status: str | None
    step_medium: str | None
    step_stage: str | None
    proof_until: Any
    private_stages: str | None


class CaseRow(NamedTuple):
    """A running case: its own numbers, what it shows now, and what it shares with its like."""

    id: int
    step_id: int | None
    operator_id: int | None
    step_status: str | None
    shown: tuple[Any, ...]
    """next_stage, next_due_on, blocked_by as they stand, as the driver gives them."""
    skipped: str
    alike: Hashable
    row: tuple[Any, ...]


class CaseReader:
    """Reads the running cases of a page of installments."""

    def __init__(self, versions: Mapping[int, Version], *, lock: bool) -> None:
        self.versions = versions
        inside = sa.and_(
            step_cases.c.step_id == cases.c.step_id, step_cases.c.case_id == cases.c.id
        )
        query = (
            sa.select(
                *(cases.c[name] for name in _Row._fields[:16]),
                steps.c.status,
                steps.c.medium,
                step_cases.c.stage.label("step_stage"),
                steps.c.proof_until,
                sa.cast(cases.c.private_stages, sa.Text),
            )
            .outerjoin(steps, steps.c.id == cases.c.step_id)
            .outerjoin(step_cases, inside)
            .where(cases.c.state != CaseState.CLOSED)
        )
        self.query = query.with_for_update(of=cases) if lock else query

    def read(self, connection: Connection, ids: Collection[int]) -> dict[int, CaseRow]:
        """The running case of each of these installments that has one."""
        query = self.query.where(among(connection, cases.c.installment_id, ids))
        found = {}
        for row in raw_rows(connection, query):
            # The day it opened matters only until a stage has counted.
            opened_on = row[4] if row[13] is None else None
            alike = (opened_on, row[5], row[7] == "review", row[9:])
            found[row[0]] = CaseRow(row[1], row[2], row[3], row[16], row[5:8], row[8], alike, row)
        return found

    def facts(self, case: CaseRow) -> CaseFacts:
        """What a decision sees of it."""
        row = _Row(*case.row)
        step = None
        if row.step_id is not None and row.step_status is not None:
            step = StepFacts(
                status=StepStatus(row.step_status),
                stage=row.step_stage or "",
                medium=row.step_medium or "",
                proof_until=raw_day(row.proof_until),
            )
        return CaseFacts(
            version=self.versions[row.iter_version_id],
            opened_on=raw_day(row.opened_on),
            state=CaseState(row.state),
            unpaid=bool(row.unpaid),
            stage=row.stage,
            counted_on=raw_day(row.counted_on),
            next_stage=row.next_stage,
            moved_to=raw_day(row.moved_to),
            private=private_stages(row.private_stages),
            in_review=row.blocked_by == "review",
            container=row.container,
            step=step,
        )


def private_stages(text: str | None) -> tuple[Stage, ...] | None:
    """A case's own stages from their text; null comes in two ways, SQL's and JSON's."""
    return None if text is None else msgspec.json.decode(text, type=tuple[Stage, ...] | None)
