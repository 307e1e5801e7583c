"""The installments that a question is about, and what people call them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import cases, step_cases


def installments_of(connection: Connection, kind: str, number: int) -> list[int]:
    """The installments of a client (those open), an installment, a case or a step."""
    table = installments
    query = sa.select(table.c.id)
    if kind == "client":
        query = query.where(table.c.client_id == number, table.c.status == InstallmentStatus.OPEN)
    elif kind == "installment":
        query = query.where(table.c.id == number)
    elif kind == "case":
        query = query.join(cases, cases.c.installment_id == table.c.id).where(cases.c.id == number)
    else:
        inside = sa.select(step_cases.c.case_id).where(step_cases.c.step_id == number)
        query = query.join(cases, cases.c.installment_id == table.c.id)
        query = query.where(cases.c.id.in_(inside))
    return list(connection.scalars(query.order_by(table.c.id)))


class InstallmentName(msgspec.Struct, frozen=True):
    """What people call an installment."""

    source: str
    client: str
    """The client's code."""
    key: str


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, InstallmentName]:
    """The names of these installments."""
    query = (
        sa.select(installments.c.id, sources.c.name, clients.c.code, installments.c.key)
        .join(sources, sources.c.id == installments.c.source_id)
        .join(clients, clients.c.id == installments.c.client_id)
        .where(among(connection, installments.c.id, ids))
    )
    return {number: InstallmentName(*name) for number, *name in connection.execute(query)}


def these(connection: Connection, ids: Collection[int]) -> sa.ColumnElement[bool]:
    """These installments, as a page to read."""
    return among(connection, installments.c.id, ids)


def of_cases(connection: Connection, case_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The installments of these cases, as a page to read."""
    inside = sa.select(cases.c.installment_id).where(among(connection, cases.c.id, case_ids))
    return installments.c.id.in_(inside)
