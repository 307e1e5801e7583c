"""Add up open items by client, currency and days late: the only definition of these sums.

Two steps, because SQLite computes what a column is made of again for each sum it goes into: first
by place and whether the bank has it, then one row of each client and currency.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Subquery

from incasso.domain.ledger.bands import BANDS, CREDITS, LATE, NOT_DUE, leaving
from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.overdue import EXTENDS, effective_due_date, is_at_bank
from incasso.store.tables.columns import quoted
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreements
from incasso.store.tables.totals import ITEMS, SUMS, client_totals

COLUMNS: Final = tuple(client_totals.c.keys())

NEVER: Final = date.max
"""When nothing of a row moves any more, however many days pass."""

_OPEN: Final = installments.c.status == sa.literal_column(quoted(InstallmentStatus.OPEN))


def counted(connection: Connection, on: date, which: ColumnElement[bool]) -> sa.Select[Any]:
    """The rows of `client_totals` for a day, of the installments of a condition: it must name all
    of a client or none."""
    placed = _placed(connection, on, which)
    return _by_client(connection, placed, on)


def _placed(connection: Connection, on: date, which: ColumnElement[bool]) -> Subquery:
    """By client, currency, place and bank: how many, how much, and the earliest due date."""
    items = _items(connection, on, which)
    place = place_of(items.c.residual, items.c.due, items.c.at_bank, on).label("place")
    keys = (items.c.client_id, items.c.currency, items.c.at_bank)
    return (
        sa.select(
            *keys,
            place,
            sa.func.count().label("how_many"),
            sa.func.sum(items.c.residual).label("residual"),
            sa.func.sum(items.c.returned).label("returned"),
            sa.func.min(items.c.due).label("due"),
        )
        .group_by(*keys, sa.text(place.name))
        .subquery("placed")
    )


def place_of(
    residual: ColumnElement[int],
    due: ColumnElement[date],
    at_bank: ColumnElement[bool],
    on: date,
) -> ColumnElement[int]:
    """Where an open item stands, as a place of `PLACES`; a bill still at the bank is not due."""
    ends = [(place, last) for place, (_, last) in zip(LATE, BANDS, strict=True) if last is not None]
    return sa.case(
        (residual <= 0, CREDITS),
        (sa.or_(due >= on, at_bank), NOT_DUE),
        *((due >= on - timedelta(days=last), place) for place, last in ends),
        else_=LATE[-1],
    )


def _items(connection: Connection, on: date, which: ColumnElement[bool]) -> Subquery:
    item = installments.c
    owed = item.residual > 0
    at_bank = sa.case((owed, is_at_bank(connection, on)), else_=sa.false())
    came_back = sa.and_(owed, item.unpaid_on.is_not(None))
    return (
        sa.select(
            item.client_id,
            item.currency,
            item.residual,
            _due(connection).label("due"),
            at_bank.label("at_bank"),
            sa.case((came_back, item.residual), else_=0).label("returned"),
        )
        .where(_OPEN, which)
        # Kept apart, or both databases would work these out once for each use.
        .offset(0)
        .subquery("items")
    )


def _due(connection: Connection) -> ColumnElement[Any]:
    """Most offices extend little or nothing: then nothing is looked up for each installment."""
    # "Above 0" is all of them: it says to look for the first one, not to walk through the index.
    some = sa.select(agreements.c.id).where(EXTENDS, agreements.c.installment_id > 0)
    if connection.scalar(some.limit(1)):
        return effective_due_date()
    return installments.c.due_date


def _by_client(connection: Connection, placed: Subquery, on: date) -> sa.Select[Any]:
    keys = (placed.c.client_id, placed.c.currency)
    late = placed.c.place.in_(LATE)
    made: dict[str, ColumnElement[Any]] = {
        "counted_on": sa.literal(on, sa.Date()),
        "stale_on": _stale_on(connection, placed, on),
        "overdue": _sum(placed.c.residual, late),
        "returned": sa.func.sum(placed.c.returned),
        "at_bank": _sum(placed.c.residual, placed.c.at_bank),
        "oldest_overdue_on": sa.func.min(sa.case((late, placed.c.due))),
    }
    for place, (amount, items) in enumerate(zip(SUMS, ITEMS, strict=True)):
        made[amount] = _sum(placed.c.residual, placed.c.place == place)
        made[items] = _sum(placed.c.how_many, placed.c.place == place)
    columns = {**{key.name: key for key in keys}, **made}
    return sa.select(*(_as_kept(columns[name], name) for name in COLUMNS)).group_by(*keys)


def _as_kept(value: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """PostgreSQL sums whole numbers to a NUMERIC."""
    kind = client_totals.c[name].type
    return (sa.cast if isinstance(kind, sa.Integer) else sa.type_coerce)(value, kind).label(name)


def _sum(value: ColumnElement[Any], where: ColumnElement[bool]) -> ColumnElement[Any]:
    return sa.func.sum(sa.case((where, value), else_=0))


def _stale_on(connection: Connection, placed: Subquery, on: date) -> ColumnElement[Any]:
    """The first day on which an item leaves its place. What the bank has past its due date is
    looked at every day: for how long that may be, nobody tells here."""
    tomorrow = sa.literal(on + timedelta(days=1), sa.Date())
    due = placed.c.due
    leaves = [
        (sa.and_(placed.c.place == NOT_DUE, due < on), tomorrow),
        *((placed.c.place == place, _after(connection, due, days)) for place, days in leaving()),
    ]
    first = sa.func.min(sa.case(*leaves))
    return sa.func.coalesce(first, sa.literal(NEVER, sa.Date()))


def _after(connection: Connection, day: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        return sa.type_coerce(day + sa.literal(days, sa.Integer()), sa.Date())
    return sa.type_coerce(sa.func.date(day, f"+{days} days"), sa.Date())
