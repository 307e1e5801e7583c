"""What records hold before an act changes them, for whoever wants to take the act back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.acts.undo import Change, LeftStep, Thing
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import agreements, cases, step_cases, steps

TABLES: Final[Mapping[Thing, Table]] = {
    Thing.CLIENT: clients,
    Thing.INSTALLMENT: installments,
    Thing.CASE: cases,
    Thing.STEP: steps,
    Thing.AGREEMENT: agreements,
}


def changes(
    connection: Connection, thing: Thing, ids: Collection[int], values: Mapping[str, Any]
) -> list[Change]:
    """What giving these values will change on these records; nothing for those that have them."""
    if not ids or not values:
        return []
    table = TABLES[thing]
    columns = [table.c[name] for name in values]
    query = sa.select(table.c.id, *columns).where(among(connection, table.c.id, ids))
    after = {name: _plain(value) for name, value in values.items()}
    found = []
    for row in connection.execute(query.order_by(table.c.id)):
        before = {name: _plain(row._mapping[name]) for name in values}
        if before != after:
            found.append(Change(thing=thing, id=row.id, before=before, after=after))
    return found


def left_steps(connection: Connection, case_ids: Collection[int]) -> list[LeftStep]:
    """The places of these cases in the steps they are in."""
    if not case_ids:
        return []
    inside = sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id)
    query = (
        sa.select(step_cases)
        .join(cases, inside)
        .where(among(connection, cases.c.id, case_ids))
        .order_by(step_cases.c.case_id)
    )
    return [
        LeftStep(
            case=row.case_id,
            step=row.step_id,
            stage=row.stage,
            cycle=row.cycle,
            residual=row.residual,
        )
        for row in connection.execute(query)
    ]


def step_values(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What leaving changes on steps: status, reason and total."""
    if not ids:
        return {}
    query = sa.select(steps.c.id, steps.c.status, steps.c.reason, steps.c.total)
    rows = connection.execute(query.where(among(connection, steps.c.id, ids)))
    return {
        row.id: {"status": str(row.status), "reason": row.reason, "total": row.total}
        for row in rows
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
