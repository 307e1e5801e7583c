"""Whose clients a scope lets through, as a condition of a query."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from incasso.domain.office.actor import Scope
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.office import users


def within(scope: Scope) -> ColumnElement[bool]:
    """The condition on `clients` and their `sources`, both joined by the query.

    A provider sees no client: only what was placed with it, which those lists narrow themselves.
    """
    if scope.providers is not None:
        return sa.false()
    conditions: list[ColumnElement[bool]] = [sa.true()]
    for column, allowed in (
        (sources.c.name, scope.sources),
        (clients.c.agent, scope.agents),
        (clients.c.depot, scope.depots),
    ):
        if allowed is not None:
            conditions.append(column.in_(sorted(allowed)))
    if scope.operator is not None:
        login = sa.select(users.c.id).where(users.c.login == scope.operator)
        conditions.append(clients.c.operator_id == login.scalar_subquery())
    return sa.and_(*conditions)
