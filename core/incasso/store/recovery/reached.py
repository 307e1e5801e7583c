"""Which stages installments have been through, whatever the iter and the case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.severity import Reached
from incasso.domain.recovery.states import StepStatus
from incasso.store.recovery.facts_cases import private_stages
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among
from incasso.store.tables.recovery import cases, step_cases, steps

CARRIED_OUT = (StepStatus.DONE, StepStatus.COUNTED)
"""A message left, or a person did the work."""


def reached_by(
    connection: Connection, installments: Collection[int]
) -> Mapping[int, list[Reached]]:
    """The stages that were carried out for each of these installments, earliest first."""
    query = (
        sa.select(
            cases.c.installment_id,
            cases.c.iter_version_id,
            sa.cast(cases.c.private_stages, sa.Text),
            step_cases.c.stage,
        )
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .where(among(connection, cases.c.installment_id, installments))
        .where(steps.c.status.in_(CARRIED_OUT))
        .order_by(steps.c.id)
    )
    rows = connection.execute(query).all()
    known = versions(connection, {row.iter_version_id for row in rows})
    found: dict[int, list[Reached]] = defaultdict(list)
    for installment, version, private, key in rows:
        procedure = known[version].iter
        stages = (*(private_stages(private) or ()), *procedure.stages)
        stage = next((one for one in stages if one.key == key), Stage(key=key))
        found[installment].append(Reached(procedure.key, stage))
    return found
