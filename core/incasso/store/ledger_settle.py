"""Set against each other: rows read twice, clients nobody knows, and what would change in sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.trust import Totals
from incasso.store.bulk import load
from incasso.store.known import Seen
from incasso.store.ledger_staging import (
    absent_clients,
    absent_installments,
    gone_installments,
    staged_clients,
    staged_installments,
)
from incasso.store.tables.ledger import clients, installments

_SCAN = 10_000


def staged_twice(connection: Connection, table: Table, key: str) -> list[sa.Row[Any]]:
    """Keys staged more than once: key, how often, how many different contents."""
    column = table.c[key]
    contents = sa.func.count(sa.distinct(table.c.fingerprint))
    query = (
        sa.select(column.label("key"), sa.func.count().label("times"), contents.label("contents"))
        .group_by(column)
        .having(sa.func.count() > 1)
    )
    return list(connection.execute(query))


def staged_rows(connection: Connection, table: Table, key: str, value: str) -> list[sa.Row[Any]]:
    """Where one key was read: seq, file, row, in order of reading."""
    query = sa.select(table.c.seq, table.c.file, table.c.row).where(table.c[key] == value)
    return list(connection.execute(query.order_by(table.c.seq)))


def discard(connection: Connection, table: Table, sequence: Iterable[int]) -> None:
    """Take rows out of the staging: they are quarantined, the ledger stays as it was."""
    statement = sa.delete(table).where(table.c.seq == sa.bindparam("which"))
    if rows := [{"which": number} for number in sequence]:
        connection.execute(statement, rows)


def of_unknown_clients(connection: Connection, source_id: int) -> list[sa.Row[Any]]:
    """Staged installments whose client is neither in the ledger nor in this read."""
    staged = staged_installments
    in_ledger = sa.exists().where(
        clients.c.source_id == source_id, clients.c.code == staged.c.client
    )
    in_read = sa.exists().where(staged_clients.c.code == staged.c.client)
    columns = (staged.c.seq, staged.c.key, staged.c.client, staged.c.file, staged.c.row)
    return list(connection.execute(sa.select(*columns).where(~in_ledger, ~in_read)))


def note_absent(connection: Connection, source_id: int, seen: Seen) -> None:
    """Stage the open items that a complete read did not bring."""
    query = sa.select(installments.c.id).where(
        installments.c.source_id == source_id, installments.c.status == "open"
    )
    _note(connection, absent_installments, query, seen)


def note_absent_clients(connection: Connection, source_id: int, seen: Seen) -> None:
    """Stage the clients that a complete read did not bring."""
    query = sa.select(clients.c.id).where(
        clients.c.source_id == source_id, clients.c.gone_on.is_(None)
    )
    _note(connection, absent_clients, query, seen)


def _note(connection: Connection, table: Table, query: sa.Select[Any], seen: Seen) -> None:
    after = 0
    while True:
        # By ranges of ids: one long-running cursor beside our own writes is asking for trouble.
        chunk = connection.scalars(
            query.where(query.selected_columns.id > after).order_by(sa.text("id")).limit(_SCAN)
        ).all()
        if not chunk:
            return
        after = chunk[-1]
        load(connection, table, [table.c.id], [(each,) for each in chunk if each not in seen])


def totals_before(connection: Connection, source_id: int) -> dict[str, Totals]:
    """Open items that the last read brought; those absent once already are not expected."""
    table = installments
    expected = (table.c.status == "open", table.c.absences == 0, table.c.source_id == source_id)
    return _totals(connection, _sums(table.c.currency, table.c.residual).where(*expected))


def totals_leaving(connection: Connection, source_id: int) -> dict[str, Totals]:
    """What the ledger holds of the items that are staged, absent or gone: to be taken away."""
    table = installments
    chosen = (
        sa.select(staged_installments.c.known_id).where(
            staged_installments.c.known_id.is_not(None)
        ),
        sa.select(absent_installments.c.id),
        sa.select(gone_installments.c.id),
    )
    leaving = sa.union(*chosen).subquery()
    expected = (table.c.status == "open", table.c.absences == 0, table.c.source_id == source_id)
    query = _sums(table.c.currency, table.c.residual).where(*expected)
    return _totals(connection, query.where(table.c.id == leaving.c.known_id))


def totals_coming(connection: Connection) -> dict[str, Totals]:
    """What the staged items bring: to be added."""
    staged = staged_installments
    return _totals(
        connection, _sums(staged.c.currency, staged.c.residual).where(staged.c.residual != 0)
    )


def _sums(currency: Any, residual: Any) -> sa.Select[Any]:
    debit = sa.func.sum(sa.case((residual > 0, residual), else_=0))
    return sa.select(currency, sa.func.count(), sa.func.sum(residual), debit).group_by(currency)


def _totals(connection: Connection, query: sa.Select[Any]) -> dict[str, Totals]:
    return {
        currency: Totals(items=int(items), residual=int(residual), debit=int(debit))
        for currency, items, residual, debit in connection.execute(query)
    }


def expected_closing(connection: Connection) -> int:
    """Items that the last read brought and that are now absent or declared gone."""
    table = installments
    expected = (table.c.status == "open", table.c.absences == 0)
    query = sa.select(sa.func.count()).select_from(table).where(*expected)
    absent = query.where(table.c.id == absent_installments.c.id)
    gone = query.where(table.c.id == gone_installments.c.id)
    return int(connection.scalar(absent) or 0) + int(connection.scalar(gone) or 0)


def lowered(connection: Connection) -> int:
    """Open items that the read brings with less to pay than before."""
    staged = staged_installments
    query = (
        sa.select(sa.func.count())
        .select_from(staged)
        .join(installments, installments.c.id == staged.c.known_id)
        .where(installments.c.status == "open", staged.c.residual < installments.c.residual)
    )
    return int(connection.scalar(query) or 0)


def combined(
    before: Mapping[str, Totals], leaving: Mapping[str, Totals], coming: Mapping[str, Totals]
) -> dict[str, Totals]:
    """Before, less what leaves, plus what comes, per currency."""
    none = Totals()
    result = {}
    for currency in sorted({*before, *coming}):
        now, less, more = (each.get(currency, none) for each in (before, leaving, coming))
        result[currency] = Totals(
            items=now.items - less.items + more.items,
            residual=now.residual - less.residual + more.residual,
            debit=now.debit - less.debit + more.debit,
        )
    return result
