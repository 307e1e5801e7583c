"""What simulate asks of its copy: the steps of a day, their usual cost, carrying them out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.recovery import cases, iter_versions, iters, step_cases, steps
from incasso.store.tables.sending import deliveries


def last_step(connection: Connection) -> int:
    """The newest step's number."""
    return connection.execute(sa.select(sa.func.max(steps.c.id))).scalar_one() or 0


def steps_after(connection: Connection, number: int) -> dict[int, str]:
    """Steps made since, with the status they were made in."""
    query = sa.select(steps.c.id, steps.c.status).where(steps.c.id > number)
    return {row.id: row.status for row in connection.execute(query)}


def steps_of(connection: Connection, numbers: Collection[int]) -> list[Row[Any]]:
    """Steps with who and what they are about, oldest first."""
    inside = (
        sa.select(sa.func.count())
        .where(step_cases.c.step_id == steps.c.id)
        .correlate(steps)
        .scalar_subquery()
    )
    query = (
        sa.select(
            steps,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            iters.c.key.label("iter"),
            inside.label("installments"),
        )
        .join(sources, sources.c.id == steps.c.source_id)
        .join(clients, clients.c.id == steps.c.client_id)
        .join(iter_versions, iter_versions.c.id == steps.c.iter_version_id)
        .join(iters, iters.c.id == iter_versions.c.iter_id)
        .where(among(connection, steps.c.id, numbers))
        .order_by(steps.c.id)
    )
    return list(connection.execute(query))


def waiting(connection: Connection, on: date, *, people: bool) -> list[Row[Any]]:
    """Steps that are carried out on a day: the hub's own, and people's if they work."""
    mine = sa.and_(steps.c.status == "ready", steps.c.mode != "manual", steps.c.due_on <= on)
    theirs = sa.or_(steps.c.status == "proposed", steps.c.status == "ready")
    chosen = sa.or_(mine, theirs) if people else mine
    query = sa.select(steps, steps.c.id.label("step_id")).where(chosen)
    return list(connection.execute(query.order_by(steps.c.id)))


def accept(
    connection: Connection, ids: Collection[int], on: date, proof_until: date | None
) -> None:
    """The other side took the messages over; with a day they wait for proof until then."""
    if not ids:
        return
    update = sa.update(steps).where(among(connection, steps.c.id, ids))
    connection.execute(update.values(status="done", done_on=on, proof_until=proof_until))


def cases_of(connection: Connection, step: int) -> list[int]:
    """The cases in a step."""
    return list(connection.scalars(sa.select(cases.c.id).where(cases.c.step_id == step)))


def usual_costs(connection: Connection) -> dict[str, tuple[int, str]]:
    """What a message cost on average so far, by medium: minor units and currency."""
    query = (
        sa.select(
            deliveries.c.medium,
            deliveries.c.cost_currency,
            sa.func.sum(deliveries.c.cost),
            sa.func.count(deliveries.c.cost),
        )
        .where(deliveries.c.cost.is_not(None))
        .group_by(deliveries.c.medium, deliveries.c.cost_currency)
        .order_by(sa.func.count(deliveries.c.cost))
    )
    return {
        medium: (round(int(total) / count), currency)
        for medium, currency, total, count in connection.execute(query)
    }
