"""Cross-checks of a read: rows read twice, unknown clients, and what would change in sum."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.ledger.trust import Totals
from incasso.store.bulk import ids, load
from incasso.store.ledger.known import Seen
from incasso.store.ledger.staging import (
    OPEN,
    absent_clients,
    absent_installments,
    gone_installments,
    staged_clients,
    staged_installments,
)
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments

_SOME = 500

_EXPECTED = installments.c.absences == 0


class RepeatedKey(msgspec.Struct, frozen=True):
    """A key that was staged more than once, and how many different contents it had."""

    key: str
    contents: int


class StagedPlace(msgspec.Struct, frozen=True):
    """Where a staged row was read."""

    seq: int
    file: str | None
    row: int | None


class StrayInstallment(msgspec.Struct, frozen=True):
    """A staged installment of a client that nobody knows."""

    seq: int
    key: str
    client: str
    file: str | None
    row: int | None


def staged_twice(connection: Connection, table: Table, key: str) -> list[RepeatedKey]:
    """Keys staged more than once."""
    column = table.c[key]
    # First who, then what: counting contents of a million single rows would sort them all.
    twice = sa.select(column).group_by(column).having(sa.func.count() > 1)
    keys = connection.scalars(twice).all()
    contents = sa.func.count(sa.distinct(table.c.fingerprint))
    query = (
        sa.select(*columns_of(RepeatedKey, table, key=column, contents=contents))
        .where(column.in_(sa.bindparam("some", expanding=True)))
        .group_by(column)
    )
    return [
        repeated
        for start in range(0, len(keys), _SOME)
        for repeated in records(
            connection, RepeatedKey, query, {"some": keys[start : start + _SOME]}
        )
    ]


def staged_places(connection: Connection, table: Table, key: str, value: str) -> list[StagedPlace]:
    """Where one key was read, in order of reading."""
    query = sa.select(*columns_of(StagedPlace, table)).where(table.c[key] == value)
    return records(connection, StagedPlace, query.order_by(table.c.seq))


def discard(connection: Connection, table: Table, sequence: Iterable[int]) -> None:
    """Take rows out of the staging: they are quarantined, the ledger stays as it was."""
    statement = sa.delete(table).where(table.c.seq == sa.bindparam("which"))
    if rows := [{"which": number} for number in sequence]:
        connection.execute(statement, rows)


def of_unknown_clients(connection: Connection, source_id: int) -> list[StrayInstallment]:
    """Staged installments whose client is neither in the ledger nor in this read."""
    staged = staged_installments
    in_ledger = sa.exists().where(
        clients.c.source_id == source_id, clients.c.code == staged.c.client
    )
    in_read = sa.exists().where(staged_clients.c.code == staged.c.client)
    query = sa.select(*columns_of(StrayInstallment, staged)).where(~in_ledger, ~in_read)
    return records(connection, StrayInstallment, query)


def note_absent(connection: Connection, source_id: int, seen: Seen) -> None:
    """Stage the open items that a complete read did not bring."""
    query = sa.select(installments.c.id).where(installments.c.source_id == source_id, OPEN)
    _note(connection, absent_installments, query, seen)


def note_absent_clients(connection: Connection, source_id: int, seen: Seen) -> None:
    """Stage the clients that a complete read did not bring."""
    query = sa.select(clients.c.id).where(
        clients.c.source_id == source_id, clients.c.gone_on.is_(None)
    )
    _note(connection, absent_clients, query, seen)


def _note(connection: Connection, table: Table, query: sa.Select[Any], seen: Seen) -> None:
    missing = array("q")
    for chunk in ids(connection, query, seen.highest):
        missing.extend(seen.missing(chunk))
    load(connection, table, [table.c.id], [(each,) for each in missing])


def totals_before(connection: Connection, source_id: int) -> dict[str, Totals]:
    """Open items that the last read brought; those absent once already are not expected."""
    table = installments
    query = _sums(table.c.currency, table.c.residual)
    return _totals(connection, query.where(table.c.source_id == source_id, OPEN, _EXPECTED))


def totals_leaving(connection: Connection) -> dict[str, Totals]:
    """What the ledger holds of the items that are staged, absent or gone: to be taken away."""
    table = installments
    absent = _sums(table.c.currency, table.c.residual).where(_disappearing(), OPEN, _EXPECTED)
    changed = totals_leaving_of(connection, sa.true())
    return combined(changed, {}, _totals(connection, absent))


def totals_leaving_of(connection: Connection, only: sa.ColumnElement[bool]) -> dict[str, Totals]:
    """The same of some of the staged items alone."""
    staged = staged_installments
    changed = _sums(staged.c.was_currency, staged.c.was_residual).where(
        staged.c.was_status == InstallmentStatus.OPEN, staged.c.was_absences == 0, only
    )
    return _totals(connection, changed)


def totals_coming(connection: Connection) -> dict[str, Totals]:
    """What the staged items bring: to be added."""
    return totals_coming_of(connection, sa.true())


def totals_coming_of(connection: Connection, only: sa.ColumnElement[bool]) -> dict[str, Totals]:
    """The same of some of them."""
    staged = staged_installments
    query = _sums(staged.c.currency, staged.c.residual)
    return _totals(connection, query.where(staged.c.residual != 0, only))


def _disappearing() -> sa.ColumnElement[bool]:
    both = (sa.select(absent_installments.c.id), sa.select(gone_installments.c.id))
    return installments.c.id.in_(sa.union_all(*both))


def _sums(currency: Any, residual: Any) -> sa.Select[Any]:
    debit = sa.func.sum(sa.case((residual > 0, residual), else_=0))
    return sa.select(currency, sa.func.count(), sa.func.sum(residual), debit).group_by(currency)


def _totals(connection: Connection, query: sa.Select[Any]) -> dict[str, Totals]:
    return {
        currency: Totals(items=int(items), residual=int(residual), debit=int(debit))
        for currency, items, residual, debit in connection.execute(query)
    }


def lowered(connection: Connection) -> dict[str, int]:
    """By currency: open items that the read brings with less to pay, or no longer brings."""
    staged, table = staged_installments, installments
    less = sa.select(staged.c.was_currency.label("currency")).where(
        staged.c.was_status == InstallmentStatus.OPEN, staged.c.residual < staged.c.was_residual
    )
    leaving = sa.select(table.c.currency).where(_disappearing(), OPEN, _EXPECTED)
    both = sa.union_all(less, leaving).subquery()
    query = sa.select(both.c.currency, sa.func.count()).group_by(both.c.currency)
    return {currency: int(items) for currency, items in connection.execute(query)}


def expected_closing(connection: Connection) -> int:
    """Items that the last read brought and that are now absent or declared gone."""
    query = sa.select(sa.func.count()).select_from(installments)
    return int(connection.scalar(query.where(_disappearing(), OPEN, _EXPECTED)) or 0)


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
