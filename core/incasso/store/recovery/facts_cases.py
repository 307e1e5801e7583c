"""Running cases as decisions see them, with the step each one is in."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.facts import CaseFacts, StepFacts, Version
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.store.records import columns_of
from incasso.store.sql_ids import among, raw_day, raw_rows
from incasso.store.tables.recovery import cases, step_cases, steps


class ShownOfCase(msgspec.Struct, frozen=True):
    """What lists show of what a case waits for."""

    next_stage: str
    next_due_on: date | None
    blocked_by: str


class RunningCase(msgspec.Struct, frozen=True, gc=False):
    """A running case: its own numbers, what it shows now, and what it shares with its like."""

    id: int
    step_id: int | None
    operator_id: int | None
    step_status: StepStatus | None
    shown: ShownOfCase
    skipped: str
    alike: Hashable
    as_read: tuple[Any, ...]


class CaseRow(msgspec.Struct, frozen=True):
    """A case as read, in the order of the query; days as the driver gives them."""

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
    address_closed: str | None
    private_stages: str | None


_OWN: Final = CaseRow.__struct_fields__.index("iter_version_id")
"""From here on a row holds what a case may share with others."""


class CaseReader:
    """Reads the running cases of a page of installments."""

    def __init__(self, versions: Mapping[int, Version], *, lock: bool) -> None:
        self.versions = versions
        inside = sa.and_(
            step_cases.c.step_id == cases.c.step_id, step_cases.c.case_id == cases.c.id
        )
        columns = columns_of(
            CaseRow,
            cases,
            step_status=steps.c.status,
            step_medium=steps.c.medium,
            step_stage=step_cases.c.stage,
            proof_until=steps.c.proof_until,
            address_closed=steps.c.address_closed,
            private_stages=sa.cast(cases.c.private_stages, sa.Text),
        )
        query = (
            sa.select(*columns)
            .outerjoin(steps, steps.c.id == cases.c.step_id)
            .outerjoin(step_cases, inside)
            .where(cases.c.state != CaseState.CLOSED)
        )
        self.query = query.with_for_update(of=cases) if lock else query

    def read(self, connection: Connection, ids: Collection[int]) -> dict[int, RunningCase]:
        """The running case of each of these installments that has one."""
        query = self.query.where(among(connection, cases.c.installment_id, ids))
        return {row[0]: running_case(CaseRow(*row), row) for row in raw_rows(connection, query)}

    def facts(self, case: RunningCase) -> CaseFacts:
        """What a decision sees of it."""
        row = CaseRow(*case.as_read)
        step = None
        if row.step_id is not None and row.step_status is not None:
            step = StepFacts(
                status=StepStatus(row.step_status),
                stage=row.step_stage or "",
                medium=row.step_medium or "",
                proof_until=raw_day(row.proof_until),
                address_closed=row.address_closed or "",
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


def running_case(row: CaseRow, as_read: tuple[Any, ...]) -> RunningCase:
    """A case as the rest of planning knows it."""
    # The day it opened matters only until a stage has counted.
    opened_on = row.opened_on if row.counted_on is None else None
    in_review = row.blocked_by == "review"
    return RunningCase(
        id=row.id,
        step_id=row.step_id,
        operator_id=row.operator_id,
        step_status=None if row.step_status is None else StepStatus(row.step_status),
        shown=ShownOfCase(row.next_stage, raw_day(row.next_due_on), row.blocked_by),
        skipped=row.skipped,
        alike=(opened_on, row.next_stage, in_review, as_read[_OWN:]),
        as_read=as_read,
    )


def private_stages(text: str | None) -> tuple[Stage, ...] | None:
    """A case's own stages from their text; null comes in two ways, SQL's and JSON's."""
    return None if text is None else msgspec.json.decode(text, type=tuple[Stage, ...] | None)
