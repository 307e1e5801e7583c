"""What the ledger says about blocked clients: past due, credits, the cases behind a block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import chain

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import decimals
from incasso.domain.orders.blocks import BlockStatus, Exposure, PastDue, Release, still_owed
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.states import CaseState
from incasso.store.ledger.overdue import is_overdue
from incasso.store.orders.order_blocks import BLOCKS, OrderBlock
from incasso.store.records import columns_of, records
from incasso.store.recovery.iters import versions
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.orders import order_blocks
from incasso.store.tables.recovery import cases, step_cases


class _OverdueItem(msgspec.Struct, frozen=True):
    """An overdue installment, with the iter that runs on it."""

    client_id: int
    residual: int
    currency: str
    iter_version_id: int | None


class _CaseBehind(msgspec.Struct, frozen=True):
    """A case that led to a block: its installment, and the iter that runs on it now."""

    step_id: int
    status: InstallmentStatus
    residual: int
    currency: str
    iter_version_id: int | None


def releasable(connection: Connection) -> list[OrderBlock]:
    """Active blocks that the ledger may end."""
    query = BLOCKS.where(
        order_blocks.c.status == BlockStatus.ACTIVE, order_blocks.c.release_when != Release.MANUAL
    )
    return records(connection, OrderBlock, query.order_by(order_blocks.c.id))


def exposures(
    connection: Connection, blocks: Collection[OrderBlock], on: date
) -> Mapping[int, Exposure]:
    """What decides about each block on that day, by its id."""
    rules = versions(connection)
    names = _also_called(connection, [block.client_id for block in blocks])
    owed = owed_by(connection, [*chain.from_iterable(names.values())], on, rules)
    behind = _cases_behind(connection, [block.step_id for block in blocks if block.step_id], rules)
    return {
        block.id: Exposure(
            owed=next(filter(None, map(owed.get, names[block.client_id])), {}),
            cases=len(found := behind.get(block.step_id or 0, ())),
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
    """What each client owes past its due date, per currency, minor units; zeros left out."""
    rules = versions(connection) if rules is None else rules
    items: dict[int, list[PastDue]] = defaultdict(list)
    for item in _past_due(connection, client_ids, on):
        items[item.client_id].append(_past_due_by(item, rules))
    credits = _credits(connection, list(items))
    return {client: still_owed(found, credits.get(client, {})) for client, found in items.items()}


def _also_called(connection: Connection, client_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """Each client with its successors: the ERP may already have moved its debts, while a later
    sync finds that the old code is gone."""
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


def _past_due_by(item: _OverdueItem | _CaseBehind, rules: Mapping[int, Version]) -> PastDue:
    """With the tolerance and the netting of its iter; without an iter neither applies."""
    version = rules.get(item.iter_version_id or 0)
    if version is None:
        return PastDue(item.residual, item.currency)
    tolerance = int(version.iter.tolerance.scaleb(decimals(item.currency)))
    return PastDue(item.residual, item.currency, tolerance, version.iter.net_credits)


def _past_due(connection: Connection, client_ids: Sequence[int], on: date) -> list[_OverdueItem]:
    running = sa.and_(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    columns = columns_of(_OverdueItem, installments, iter_version_id=cases.c.iter_version_id)
    query = (
        sa.select(*columns)
        .outerjoin(cases, running)
        .where(is_overdue(connection, on), among(connection, installments.c.client_id, client_ids))
    )
    return records(connection, _OverdueItem, query)


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
    """By step, for each of its cases, whether it still runs on an open debt.

    A case moved to another iter continues as the installment's new case.
    """
    again = cases.alias("again")
    columns = columns_of(
        _CaseBehind,
        installments,
        step_id=step_cases.c.step_id,
        iter_version_id=again.c.iter_version_id,
    )
    runs_on = sa.and_(
        again.c.installment_id == installments.c.id, again.c.state != CaseState.CLOSED
    )
    query = (
        sa.select(*columns)
        .select_from(step_cases)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .outerjoin(again, runs_on)
        .where(among(connection, step_cases.c.step_id, step_ids))
    )
    found: dict[int, list[bool]] = defaultdict(list)
    for case in records(connection, _CaseBehind, query):
        tolerance = _past_due_by(case, rules).tolerance
        owed = case.status is InstallmentStatus.OPEN and case.residual > tolerance
        found[case.step_id].append(owed and case.iter_version_id is not None)
    return found
