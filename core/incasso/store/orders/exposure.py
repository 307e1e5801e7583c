"""What the ledger says about blocked clients: past due, credits, the cases behind a block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import decimals
from incasso.domain.orders.blocks import BlockStatus, Exposure, PastDue, Release, still_owed
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.states import CaseState
from incasso.store.ledger.overdue import is_overdue
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.orders import order_blocks
from incasso.store.tables.recovery import cases, step_cases


def releasable(connection: Connection) -> Sequence[Row[Any]]:
    """Active blocks that the ledger may end, with source and client."""
    query: sa.Select[Any] = (
        sa.select(order_blocks, sources.c.name.label("source"), clients.c.code.label("client"))
        .join(sources, sources.c.id == order_blocks.c.source_id)
        .join(clients, clients.c.id == order_blocks.c.client_id)
        .where(
            order_blocks.c.status == BlockStatus.ACTIVE,
            order_blocks.c.release_when != Release.MANUAL.value,
        )
        .order_by(order_blocks.c.id)
    )
    return connection.execute(query).all()


def exposures(
    connection: Connection, blocks: Collection[Row[Any]], on: date
) -> Mapping[int, Exposure]:
    """What decides about each block on that day, by its id."""
    rules = versions(connection)
    names = _also_called(connection, [block.client_id for block in blocks])
    owed = owed_by(connection, [*chain.from_iterable(names.values())], on, rules)
    behind = _cases_behind(connection, [block.step_id for block in blocks if block.step_id], rules)
    return {
        block.id: Exposure(
            owed=next(filter(None, map(owed.get, names[block.client_id])), {}),
            cases=len(found := behind.get(block.step_id, ())),
            running=sum(found),
        )
        for block in blocks
    }


def owed_by(
    connection: Connection,
    client_ids: Sequence[int],
    on: date,
    rules: Mapping[int, Version] | None = None,
) -> Mapping[int, Mapping[str, int]]:
    """What each client owes past its due date, per currency, minor units; clear ones left out."""
    rules = versions(connection) if rules is None else rules
    items: dict[int, list[PastDue]] = defaultdict(list)
    for row in _past_due(connection, client_ids, on):
        items[row.client_id].append(_item(row, rules.get(row.iter_version_id)))
    credits = _credits(connection, list(items))
    return {client: still_owed(found, credits.get(client, {})) for client, found in items.items()}


def _also_called(connection: Connection, client_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """Each client with those that say they were it: the ERP may have moved its debts already, and
    the sync learn only later that the old code is gone."""
    old, new = clients.alias("old"), clients.alias("new")
    query = (
        sa.select(old.c.id.label("old_id"), new.c.id.label("new_id"))
        .join(new, sa.and_(new.c.source_id == old.c.source_id, new.c.formerly == old.c.code))
        .where(among(connection, old.c.id, client_ids), new.c.formerly != "")
    )
    found = {client: [client] for client in client_ids}
    for row in connection.execute(query):
        found[row.old_id].append(row.new_id)
    return found


def _item(row: Row[Any], version: Version | None) -> PastDue:
    if version is None:
        return PastDue(row.residual, row.currency)
    tolerance = int(version.iter.tolerance.scaleb(decimals(row.currency)))
    return PastDue(row.residual, row.currency, tolerance, version.iter.net_credits)


def _past_due(connection: Connection, client_ids: Sequence[int], on: date) -> Sequence[Row[Any]]:
    running = sa.and_(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    query: sa.Select[Any] = (
        sa.select(
            installments.c.client_id,
            installments.c.residual,
            installments.c.currency,
            cases.c.iter_version_id,
        )
        .outerjoin(cases, running)
        .where(is_overdue(on))
    )
    return connection.execute(
        query.where(among(connection, installments.c.client_id, client_ids))
    ).all()


def _credits(connection: Connection, client_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    query = sa.select(
        installments.c.client_id, installments.c.currency, installments.c.residual
    ).where(
        installments.c.residual < 0,
        installments.c.status == InstallmentStatus.OPEN,
        among(connection, installments.c.client_id, client_ids),
    )
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(query):
        found[row.client_id][row.currency] -= row.residual
    return found


def _cases_behind(
    connection: Connection, step_ids: Sequence[int], rules: Mapping[int, Version]
) -> Mapping[int, Sequence[bool]]:
    """By step, whether each of its cases still runs on something owed.

    A case that was moved to another iter runs on as the installment's new case.
    """
    again = cases.alias("again")
    query: sa.Select[Any] = (
        sa.select(
            step_cases.c.step_id,
            installments.c.status,
            installments.c.residual,
            installments.c.currency,
            again.c.iter_version_id,
        )
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .outerjoin(
            again,
            sa.and_(again.c.installment_id == installments.c.id, again.c.state != CaseState.CLOSED),
        )
        .where(among(connection, step_cases.c.step_id, step_ids))
    )
    found: dict[int, list[bool]] = defaultdict(list)
    for row in connection.execute(query):
        item = _item(row, rules.get(row.iter_version_id))
        owed = row.status == InstallmentStatus.OPEN and row.residual > item.tolerance
        found[row.step_id].append(owed and row.iter_version_id is not None)
    return found
