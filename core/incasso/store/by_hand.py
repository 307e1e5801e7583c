"""What people change by hand on cases, steps and deliveries, outside the course of the iter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.store.tables import recovery, sending
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import cases, conversations, step_cases, steps

NOT_LEFT = ("proposed", "ready")
"""Statuses of a step that nobody has begun."""


def case(connection: Connection, number: int) -> Row[Any]:
    """A case with everything that is kept about it."""
    return connection.execute(sa.select(cases).where(cases.c.id == number)).one()


def step(connection: Connection, number: int) -> Row[Any]:
    """A step, locked until the transaction ends so that dispatch cannot begin it meanwhile."""
    query = sa.select(steps).where(steps.c.id == number).with_for_update()
    return connection.execute(query).one()


def cases_in(connection: Connection, step: int) -> Sequence[int]:
    """The cases a step is about."""
    query = sa.select(step_cases.c.case_id).where(step_cases.c.step_id == step)
    return connection.scalars(query.order_by(step_cases.c.case_id)).all()


def is_being_sent(connection: Connection, step: int) -> bool:
    """Whether a dispatcher has this step in hand."""
    claims = sending.step_claims
    return (
        connection.scalar(sa.select(claims.c.step_id).where(claims.c.step_id == step)) is not None
    )


def set_cases(connection: Connection, ids: Collection[int], **values: object) -> None:
    """Change fields of some cases."""
    if ids:
        connection.execute(sa.update(cases).where(cases.c.id.in_(ids)).values(**values))


def set_step(connection: Connection, number: int, **values: object) -> None:
    """Change fields of a step."""
    connection.execute(sa.update(steps).where(steps.c.id == number).values(**values))


def set_installment(connection: Connection, number: int, **values: object) -> None:
    """Change what the office decides about an installment."""
    connection.execute(sa.update(installments).where(installments.c.id == number).values(**values))


def add_step(connection: Connection, values: Mapping[str, object], taking: Sequence[int]) -> int:
    """A step outside the iter, about some cases; it counts for no stage. Its id."""
    made = int(
        connection.execute(sa.insert(steps).values(**values).returning(steps.c.id)).scalar_one()
    )
    rows = [
        {"step_id": made, "case_id": case, "stage": values["stage"], "residual": residual}
        for case, residual in _residuals(connection, taking)
    ]
    connection.execute(sa.insert(step_cases), rows)
    return made


def converse(
    connection: Connection,
    *,
    client: int,
    step: int | None,
    on: date,
    at: datetime,
    medium: str,
    effective: bool,
    who: str,
    note: str,
) -> None:
    """A conversation that took place, or was tried: the contact policy counts it."""
    connection.execute(
        sa.insert(conversations).values(
            client_id=client,
            step_id=step,
            on_date=on,
            at=at,
            medium=medium,
            effective=effective,
            who=who,
            note=note,
        )
    )


def address_for(connection: Connection, client: int, medium: str) -> str:
    """Where a client can be reached through a medium; empty if nowhere."""
    found = connection.execute(sa.select(clients).where(clients.c.id == client)).one()
    column = {"email": "email", "pec": "pec", "sms": "mobile", "fax": "fax"}.get(medium, "address")
    return str(getattr(found, column))


def delivery(connection: Connection, number: str) -> Row[Any] | None:
    """A delivery, locked."""
    table = sending.deliveries
    query = sa.select(table).where(table.c.id == number).with_for_update()
    return connection.execute(query).one_or_none()


def _residuals(connection: Connection, taking: Sequence[int]) -> list[tuple[int, int]]:
    query = (
        sa.select(cases.c.id, installments.c.residual)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(cases.c.id.in_(taking))
    )
    return [(row.id, row.residual) for row in connection.execute(query.order_by(cases.c.id))]
