"""What each client owes by currency and days late, kept so that no page adds up the ledger.

Whoever changes what counts here says whose it is (`changed`); at the end of the same transaction
everything of these clients is added up again, in one statement. Sums are not corrected by
differences: one that went wrong would stay wrong for ever.

Days pass as well. A row says for which day it was counted and on which day something of it will
stand elsewhere; in between it holds. A read that asks for another day adds up those that do not
hold then, so it never lies, and `roll` counts them again, after each sync and by `incasso run`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, FromClause

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store import before_commit
from incasso.store.ledger.staging import (
    OPEN,
    absent_installments,
    gone_installments,
    staged_installments,
    touched_clients,
)
from incasso.store.ledger.totals_counted import COLUMNS, counted
from incasso.store.sql_ids import among, packed
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import cases
from incasso.store.tables.totals import client_totals

_PRESENTED: Final = sa.and_(
    installments.c.status == InstallmentStatus.OPEN,
    installments.c.presented_on.is_not(None),
    installments.c.unpaid_on.is_(None),
)


@dataclass
class _Changed:
    """Whose sums the open transaction has to count again."""

    clients: set[int] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)
    """Whole companies."""
    on: date = date.min


def changed(connection: Connection, who: Collection[int], on: date) -> None:
    """Something of these clients changed: an amount, a due date, a status, who they are."""
    if who:
        _collected(connection, on).clients.update(who)


def source_changed(connection: Connection, source_id: int, on: date) -> None:
    """The same of most clients of a company."""
    _collected(connection, on).sources.add(source_id)


def sync_changed(connection: Connection, source_id: int, rows: int, on: date) -> None:
    """A sync wrote so many rows of a company, and what it staged says whose they are."""
    held = sa.select(sa.func.count()).select_from(clients).where(clients.c.source_id == source_id)
    if rows >= connection.execute(held).scalar_one():
        source_changed(connection, source_id, on)
    else:
        changed(connection, [each for (each,) in connection.execute(_staged(source_id))], on)
    roll(connection, on)


def _staged(source_id: int) -> sa.CompoundSelect[int]:
    """Whose installments came, changed or were closed, and who changed themselves. What moves from
    one client to another says so of both (`successors`)."""
    staged, table = staged_installments, installments
    of_new = sa.select(clients.c.id).join(staged, staged.c.client == clients.c.code)
    lost = sa.union_all(sa.select(absent_installments.c.id), sa.select(gone_installments.c.id))
    return sa.union(
        sa.select(staged.c.was_client_id).where(staged.c.known_id.is_not(None)),
        of_new.where(clients.c.source_id == source_id, staged.c.known_id.is_(None)),
        sa.select(table.c.client_id).where(table.c.id.in_(lost), ~OPEN),
        sa.select(touched_clients.c.id),
    )


def bills_changed(connection: Connection, on: date, source_id: int | None = None) -> None:
    """How long bills are left to the bank changed: of one company, or by an iter."""
    query = sa.select(installments.c.client_id).where(_PRESENTED).distinct()
    if source_id is not None:
        query = query.where(installments.c.source_id == source_id)
    changed(connection, connection.scalars(query).all(), on)


def cases_closed(connection: Connection, case_ids: Collection[int], on: date) -> None:
    """A bill is left to the bank as long as the iter of its case says; it has none any more."""
    if case_ids:
        theirs = sa.select(cases.c.installment_id).where(among(connection, cases.c.id, case_ids))
        query = sa.select(installments.c.client_id).where(installments.c.id.in_(theirs), _PRESENTED)
        changed(connection, connection.scalars(query.distinct()).all(), on)


def roll(connection: Connection, on: date) -> int:
    """Count again what does not hold any more on that day. How many clients."""
    stale = sa.select(client_totals.c.client_id).where(client_totals.c.stale_on <= on)
    found = set(connection.scalars(stale))
    changed(connection, found, on)
    return len(found)


def count_all(connection: Connection, on: date) -> None:
    """Count everybody's again."""
    connection.execute(sa.delete(client_totals))
    _insert(connection, sa.true(), on)


def current(connection: Connection, on: date) -> FromClause:
    """The totals as they are on a day, with the columns of `client_totals`."""
    stale = sa.or_(client_totals.c.stale_on <= on, client_totals.c.counted_on > on)
    if not connection.scalar(sa.select(sa.exists().where(stale))):
        return client_totals
    whose = sa.select(client_totals.c.client_id).where(stale)
    kept = sa.select(*(client_totals.c[name] for name in COLUMNS))
    # Of a client with one row that does not hold, all of them are added up.
    holding = kept.where(client_totals.c.client_id.not_in(whose))
    anew = counted(connection, on, installments.c.client_id.in_(whose))
    return holding.union_all(anew).subquery("totals")


def wrong(connection: Connection) -> list[int]:
    """Clients for whom something else is kept than the ledger adds up to, on the last day that was
    counted. What does not hold on that day is added up by every read, and is not looked at."""
    on = connection.scalar(sa.select(sa.func.max(client_totals.c.counted_on))) or _LONG_AGO
    whose = sa.select(client_totals.c.client_id).where(client_totals.c.stale_on <= on)
    looked_at = client_totals.c.client_id.not_in(whose)
    kept = sa.select(*(client_totals.c[name] for name in _COMPARED)).where(looked_at)
    anew = counted(connection, on, installments.c.client_id.not_in(whose)).subquery("anew")
    added = sa.select(*(anew.c[name] for name in _COMPARED))
    found: set[int] = set()
    for one, other in ((kept, added), (added, kept)):
        found.update(connection.scalars(one.except_(other)))
    return sorted(found)


_LONG_AGO: Final = date(1900, 1, 1)

_COMPARED: Final = tuple(name for name in COLUMNS if name != "counted_on")


def _collected(connection: Connection, on: date) -> _Changed:
    found = before_commit.collected(connection, _write, _Changed())
    found.on = max(found.on, on)
    return found


def _write(connection: Connection, what: _Changed) -> None:
    for source in what.sources:
        theirs = sa.select(clients.c.id).where(clients.c.source_id == source)
        connection.execute(sa.delete(client_totals).where(client_totals.c.client_id.in_(theirs)))
        _insert(connection, installments.c.source_id == source, what.on)
    if what.clients:
        old = packed(connection, client_totals.c.client_id, what.clients)
        connection.execute(sa.delete(client_totals).where(old))
        _insert(connection, packed(connection, installments.c.client_id, what.clients), what.on)


def _insert(connection: Connection, which: sa.ColumnElement[bool], on: date) -> None:
    rows: sa.Select[Any] = counted(connection, on, which)
    connection.execute(sa.insert(client_totals).from_select(list(COLUMNS), rows))
