"""Assignment rules in the database, the clients without an operator, and giving them one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.assignment import AssignmentRule, Turn
from incasso.domain.recovery.matching import Match
from incasso.domain.recovery.states import WAITING, CaseState
from incasso.store.records import columns_of, records
from incasso.store.tables.columns import Minor
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.office import assignment_rules, users
from incasso.store.tables.recovery import cases, steps


def replace_rules(connection: Connection, rules: Sequence[AssignmentRule]) -> None:
    """Put these rules in the place of all others; every pool begins with its first login."""
    connection.execute(sa.delete(assignment_rules))
    logins = working(connection)
    rows = [
        {
            "priority": rule.priority,
            "label": rule.label,
            "match": msgspec.to_builtins(rule.match),
            "pool": list(rule.pool),
            "next_in_pool": 0,
            "responsible_id": logins.get(rule.responsible),
        }
        for rule in rules
    ]
    if rows:
        connection.execute(sa.insert(assignment_rules), rows)


class _StoredRule(msgspec.Struct, frozen=True):
    """A rule as it is kept."""

    id: int
    label: str
    priority: int
    match: dict[str, Any]
    pool: list[str]
    next_in_pool: int
    responsible: str | None


class UnassignedClient(msgspec.Struct, frozen=True):
    """A client that owes something in one currency and belongs to nobody."""

    id: int
    code: str
    category: str
    area: str
    depot: str
    agent: str
    rating: str
    seasonal: bool
    currency: str
    total: int


class Assigned(msgspec.Struct, frozen=True):
    """Who gets a client."""

    client: int
    operator: int
    responsible: int | None


def read_turns(connection: Connection) -> list[tuple[int, Turn]]:
    """Every rule with its id and whose turn it is, in the order in which they are tried."""
    table = assignment_rules
    query = (
        sa.select(*columns_of(_StoredRule, table, responsible=users.c.login))
        .outerjoin(users, users.c.id == table.c.responsible_id)
        .order_by(table.c.priority, table.c.id)
    )
    return [(kept.id, _turn(kept)) for kept in records(connection, _StoredRule, query)]


def _turn(kept: _StoredRule) -> Turn:
    rule = AssignmentRule(
        label=kept.label,
        priority=kept.priority,
        match=msgspec.convert(kept.match, Match, strict=False),
        pool=tuple(kept.pool),
        responsible=kept.responsible or "",
    )
    return Turn(rule=rule, next_in_pool=kept.next_in_pool)


def keep_turn(connection: Connection, rule_id: int, next_in_pool: int) -> None:
    """Remember who is next."""
    table = assignment_rules
    connection.execute(
        sa.update(table).where(table.c.id == rule_id).values(next_in_pool=next_in_pool)
    )


def working(connection: Connection) -> dict[str, int]:
    """Logins of the people who may work, with their ids."""
    query = sa.select(users.c.login, users.c.id).where(users.c.active)
    return {row.login: row.id for row in connection.execute(query)}


def without_operator(
    connection: Connection, source: str, *, after: str, limit: int
) -> list[UnassignedClient]:
    """The next clients by code; one owing in two currencies comes twice, the larger sum first."""
    owes = sa.exists().where(
        installments.c.client_id == clients.c.id,
        installments.c.status == InstallmentStatus.OPEN,
        installments.c.residual > 0,
    )
    chosen = (
        sa.select(clients.c.id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(sources.c.name == source, clients.c.code > after, clients.c.operator_id.is_(None))
        .where(owes)
        .order_by(clients.c.code)
        .limit(limit)
        .subquery()
    )
    total = sa.cast(sa.func.sum(installments.c.residual), Minor)
    columns = columns_of(UnassignedClient, clients, currency=installments.c.currency, total=total)
    query = (
        sa.select(*columns)
        .join(chosen, chosen.c.id == clients.c.id)
        .join(installments, installments.c.client_id == clients.c.id)
        .where(installments.c.status == InstallmentStatus.OPEN)
        .group_by(clients.c.id, installments.c.currency)
        .order_by(clients.c.code, total.desc(), installments.c.currency)
    )
    return records(connection, UnassignedClient, query)


def give(connection: Connection, given: Sequence[Assigned]) -> None:
    """Write operator and responsible of each client that has no operator yet."""
    responsible = sa.func.coalesce(clients.c.responsible_id, sa.bindparam("responsible"))
    connection.execute(
        sa.update(clients)
        .where(clients.c.id == sa.bindparam("client"), clients.c.operator_id.is_(None))
        .values(operator_id=sa.bindparam("operator"), responsible_id=responsible),
        [asdict(each) for each in given],
    )


def hand_on(connection: Connection, source: str) -> None:
    """Running cases and waiting steps without an operator go to their client's people."""
    of_source = sa.select(sources.c.id).where(sources.c.name == source).scalar_subquery()
    running = cases.c.state != CaseState.CLOSED
    waiting = steps.c.status.in_(WAITING)
    for table, column, where in (
        (cases, "operator_id", running),
        (cases, "responsible_id", running),
        (steps, "operator_id", waiting),
    ):
        connection.execute(
            sa.update(table)
            .where(clients.c.id == table.c.client_id, table.c.source_id == of_source, where)
            .where(table.c[column].is_(None), clients.c[column].is_not(None))
            .values({column: clients.c[column]})
        )
