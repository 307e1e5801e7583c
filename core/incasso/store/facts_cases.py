"""Running cases as decisions see them, with the step each one is in."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.facts import CaseFacts, StepFacts, Version
from incasso.store.among import among
from incasso.store.iters import stages_from
from incasso.store.tables.recovery import cases, step_cases, steps


class CaseRow(NamedTuple):
    """A running case: its own numbers, what it shows now, and what it shares with its like."""

    id: int
    step_id: int | None
    operator_id: int | None
    shown: tuple[Any, ...]
    """next_stage, next_due_on, blocked_by, skipped as they stand."""
    alike: Hashable
    row: Any


class CaseReader:
    """Reads the running cases of a page of installments."""

    def __init__(self, versions: Mapping[int, Version], *, lock: bool) -> None:
        self.versions = versions
        inside = sa.and_(
            step_cases.c.step_id == cases.c.step_id, step_cases.c.case_id == cases.c.id
        )
        query = (
            sa.select(
                cases.c.installment_id,
                cases.c.id,
                cases.c.step_id,
                cases.c.operator_id,
                cases.c.next_stage,
                cases.c.next_due_on,
                cases.c.blocked_by,
                cases.c.skipped,
                cases.c.iter_version_id,
                cases.c.opened_on,
                cases.c.state,
                cases.c.unpaid,
                cases.c.stage,
                cases.c.counted_on,
                cases.c.moved_to,
                cases.c.container,
                steps.c.status.label("step_status"),
                steps.c.medium.label("step_medium"),
                steps.c.proof_until,
                step_cases.c.stage.label("step_stage"),
                cases.c.private_stages,
            )
            .outerjoin(steps, steps.c.id == cases.c.step_id)
            .outerjoin(step_cases, inside)
            .where(cases.c.state != "closed")
        )
        self.query = query.with_for_update(of=cases) if lock else query

    def read(self, connection: Connection, ids: Collection[int]) -> dict[int, CaseRow]:
        """The running case of each of these installments that has one."""
        found = {}
        for row in connection.execute(
            self.query.where(among(connection, cases.c.installment_id, ids))
        ):
            private = row[20]
            alike = (row[4], row[6] == "review", row[8:20], private and json.dumps(private))
            found[row[0]] = CaseRow(row[1], row[2], row[3], row[4:8], alike, row)
        return found

    def facts(self, case: CaseRow) -> CaseFacts:
        """What a decision sees of it."""
        row = case.row
        step = None
        if case.step_id is not None and row.step_status is not None:
            step = StepFacts(
                status=row.step_status,
                stage=row.step_stage or "",
                medium=row.step_medium,
                proof_until=row.proof_until,
            )
        return CaseFacts(
            version=self.versions[row.iter_version_id],
            opened_on=row.opened_on,
            state=row.state,
            unpaid=row.unpaid,
            stage=row.stage,
            counted_on=row.counted_on,
            next_stage=row.next_stage,
            moved_to=row.moved_to,
            private=stages_from(row.private_stages),
            in_review=row.blocked_by == "review",
            container=row.container,
            step=step,
        )
