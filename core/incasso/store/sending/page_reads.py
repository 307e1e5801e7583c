"""What a page of messages speaks of, read in a handful of statements whatever the page's size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.tables.ledger import agents, clients, depots, installments, sources
from incasso.store.tables.office import users
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import bad_addresses, deliveries


def lines(connection: Connection, step_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Cases and installments of each step as they are now, oldest due date first."""
    query = (
        sa.select(
            step_cases.c.step_id,
            cases.c.id.label("case_id"),
            cases.c.private_stages,
            cases.c.responsible_id,
            cases.c.operator_id,
            step_cases.c.residual.label("planned"),
            installments,
        )
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(step_cases.c.step_id.in_(step_ids), cases.c.step_id == step_cases.c.step_id)
        .order_by(step_cases.c.step_id, installments.c.due_date, installments.c.id)
    )
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.step_id].append(row)
    return found


def private_stages(connection: Connection, step_ids: Collection[int]) -> dict[int, Any]:
    """The private stages of steps about cases whose iter a person changed; most have none."""
    query = (
        sa.select(step_cases.c.step_id, cases.c.private_stages)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(step_cases.c.step_id.in_(step_ids), cases.c.private_stages.is_not(None))
    )
    return {row.step_id: row.private_stages for row in connection.execute(query)}


def clients_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Clients as they are now."""
    query = sa.select(clients).where(clients.c.id.in_(ids))
    return {row.id: row for row in connection.execute(query).all()}


def people(
    connection: Connection, table: sa.Table, source_id: int, codes: Iterable[str]
) -> dict[str, Row[Any]]:
    """Agents or depots of one source by code."""
    query = sa.select(table).where(table.c.source_id == source_id, table.c.code.in_(list(codes)))
    return {row.code: row for row in connection.execute(query)}


def users_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Active users: id, login, name, email."""
    columns = (users.c.id, users.c.login, users.c.name, users.c.email)
    query: sa.Select[Any] = sa.select(*columns).where(users.c.id.in_(ids), users.c.active)
    return {row.id: row for row in connection.execute(query)}


def threads(
    connection: Connection, step_ids: Sequence[int]
) -> dict[tuple[int, str], tuple[str, ...]]:
    """By step and medium, the deliveries that earlier told any of its cases, oldest first."""
    earlier = step_cases.alias()
    query = (
        sa.select(
            step_cases.c.step_id, deliveries.c.medium, deliveries.c.accepted_at, deliveries.c.id
        )
        .distinct()
        .join(earlier, earlier.c.case_id == step_cases.c.case_id)
        .join(deliveries, deliveries.c.step_id == earlier.c.step_id)
        .where(step_cases.c.step_id.in_(step_ids), earlier.c.step_id != step_cases.c.step_id)
        .where(deliveries.c.status.in_((DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED)))
        .order_by(step_cases.c.step_id, deliveries.c.accepted_at, deliveries.c.id)
    )
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for step, medium, _, delivery in connection.execute(query):
        found[step, medium].append(delivery)
    return {key: tuple(ids) for key, ids in found.items()}


def last_read(connection: Connection) -> list[tuple[str, date | None, datetime | None]]:
    """Each source's name with the business day and the instant of its last good sync."""
    columns = (sources.c.name, sources.c.last_good_sync_on, sources.c.last_good_sync_at)
    return [(name, day, at) for name, day, at in connection.execute(sa.select(*columns))]


def update_totals(connection: Connection, totals: Mapping[int, int]) -> None:
    """What each step asks for now, minor units."""
    rows = [{"b_step": step, "b_total": total} for step, total in totals.items()]
    if rows:
        connection.execute(_TOTAL, rows)


def update_residuals(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Bring the residual of each case in its step up to what `lines` read."""
    changed = [
        {"b_step": row.step_id, "b_case": row.case_id, "b_residual": row.residual} for row in rows
    ]
    if changed:
        connection.execute(_RESIDUAL, changed)


def look_again(connection: Connection, step_ids: Collection[int], on: date) -> None:
    """Planning looks on that day, or before, at the installments still in these steps."""
    within = sa.select(cases.c.installment_id).where(cases.c.step_id.in_(step_ids))
    later = sa.or_(installments.c.look_on.is_(None), installments.c.look_on > on)
    connection.execute(
        sa.update(installments).where(installments.c.id.in_(within), later).values(look_on=on)
    )


def bad(connection: Connection, client_ids: Collection[int]) -> dict[int, dict[str, set[str]]]:
    """Addresses known to be wrong, by client and medium."""
    columns = bad_addresses.c
    query = sa.select(columns.client_id, columns.medium, columns.address)
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for client, medium, address in connection.execute(
        query.where(columns.client_id.in_(client_ids))
    ):
        found[client][medium].add(address)
    return found


AGENTS: Final = agents
DEPOTS: Final = depots
_TOTAL: Final = (
    sa.update(steps)
    .where(steps.c.id == sa.bindparam("b_step"))
    .values(total=sa.bindparam("b_total"))
)
_RESIDUAL: Final = (
    sa.update(step_cases)
    .where(
        step_cases.c.step_id == sa.bindparam("b_step"),
        step_cases.c.case_id == sa.bindparam("b_case"),
    )
    .values(residual=sa.bindparam("b_residual"))
)
