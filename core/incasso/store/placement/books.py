"""The books of placements, read for a page of reports and written back in its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import UpdateKind
from incasso.domain.placement.account import RowAccount
from incasso.domain.placement.book import Book
from incasso.domain.placement.meeting import Collected, unmet_since
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import Decision, Entry, Report
from incasso.domain.placement.states import EntryKind, PlacementState, RowState, UpdateStanding
from incasso.store.tables.exchange import exchange_updates
from incasso.store.tables.ledger import installments
from incasso.store.tables.placement import placement_entries, placement_rows, placements

_REMEMBERED: Final = (
    UpdateKind.PAYMENT,
    UpdateKind.REVERSAL,
    UpdateKind.CORRECTION,
    UpdateKind.CLOSED,
    UpdateKind.RETURNED,
    UpdateKind.REFUSED,
)
"""Reports that later ones may be about."""

_ENDING: Final = (EntryKind.WITHDRAWN, EntryKind.ENDED)


class NewEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the number of the report that made it; null: the ledger, or a person."""

    entry: Entry
    update_id: int | None = None
    remittance: str = ""


def read(connection: Connection, ids: Collection[int]) -> dict[int, Book]:
    """The books of these placements, their rows locked until the transaction ends."""
    if not ids:
        return {}
    books: dict[int, Book] = {number: Book({}) for number in sorted(ids)}
    owner = _read_rows(connection, books)
    _read_sums(connection, books, owner)
    _read_reports(connection, books)
    _read_nets(connection, books, owner)
    return books


def _read_rows(connection: Connection, books: Mapping[int, Book]) -> dict[int, int]:
    table = placement_rows.c
    columns = (table.id, table.placement_id, table.state, table.residual, table.over_on)
    query = (
        sa.select(*columns, table.unmet, installments.c.due_date, placements.c.state.label("of"))
        .join(placements, placements.c.id == table.placement_id)
        .join(installments, installments.c.id == table.installment_id)
        .where(table.placement_id.in_(list(books)))
        .order_by(table.id)
        .with_for_update(of=placement_rows)
    )
    owner = {}
    for row in connection.execute(query):
        owner[row.id] = row.placement_id
        account = RowAccount(
            row=row.id,
            due=row.due_date,
            placed=row.residual,
            over_on=row.over_on,
            unmet=row.unmet,
            taken_back_as=_back_as(row.of) if row.state == RowState.OVER else None,
        )
        books[row.placement_id].rows[row.id] = account
    return owner


def _back_as(state: str) -> EntryKind:
    """Of a row that came back with nothing open on it, so that no entry says how."""
    return EntryKind.ENDED if state == PlacementState.CLOSED else EntryKind.WITHDRAWN


def _read_sums(connection: Connection, books: Mapping[int, Book], owner: Mapping[int, int]) -> None:
    table = placement_entries.c
    query = (
        sa.select(table.row_id, table.kind, sa.func.sum(table.amount))
        .where(_of(books))
        .group_by(table.row_id, table.kind)
    )
    for row, kind, amount in connection.execute(query):
        account = books[owner[row]].rows[row]
        account.sums[EntryKind(kind)] = int(amount)
        if kind in _ENDING and account.taken_back_as is not None:
            account.taken_back_as = EntryKind(kind)


def _read_reports(connection: Connection, books: Mapping[int, Book]) -> None:
    table = exchange_updates.c
    remembered = sa.or_(table.kind.in_(_REMEMBERED), table.standing == UpdateStanding.WAITING)
    query = (
        sa.select(exchange_updates)
        .where(table.placement_id.in_(list(books)), remembered)
        .order_by(table.id)
    )
    for row in connection.execute(query):
        book = books[row.placement_id]
        book.reports[row.update_id] = Report(
            id=row.update_id,
            kind=row.kind,
            on=row.on_date,
            amount=row.amount,
            row=row.row_id,
            corrects=row.corrects,
            closing=row.closing or None,
        )
        problem = ReturnProblem(row.problem) if row.problem else None
        book.standing[row.update_id] = Decision(row.standing, problem)


def _read_nets(connection: Connection, books: Mapping[int, Book], owner: Mapping[int, int]) -> None:
    """What is booked of each payment: a reversal always takes back a whole entry."""
    table = placement_entries.c
    back = placement_entries.alias()
    query = (
        sa.select(table.row_id, table.amount, exchange_updates.c.update_id)
        .join(exchange_updates, exchange_updates.c.id == table.update_id)
        .where(_of(books), table.kind == EntryKind.COLLECTED)
        .where(~sa.exists().where(back.c.corrects_id == table.id))
    )
    for row, amount, update in connection.execute(query):
        books[owner[row]].nets.setdefault(update, {})[row] = amount


def _of(books: Mapping[int, Book]) -> sa.ColumnElement[bool]:
    mine = placement_rows.c.placement_id.in_(list(books))
    return placement_entries.c.row_id.in_(sa.select(placement_rows.c.id).where(mine))


def write_entries(connection: Connection, new: Iterable[NewEntry], *, at: datetime) -> None:
    """Write entries, and what they change of each row's waiting for the ERP.

    A payment stands before what takes it back, also in the same page.
    """
    entries = list(new)
    plain = [each for each in entries if not each.entry.corrects]
    back = [each for each in entries if each.entry.corrects]
    if plain:
        connection.execute(sa.insert(placement_entries), [_row(each, at) for each in plain])
    if back:
        paid = _entries_of(connection, back)
        rows = [
            _row(each, at) | {"corrects_id": paid[each.entry.row, each.entry.corrects]}
            for each in back
        ]
        connection.execute(sa.insert(placement_entries), rows)


def _row(new: NewEntry, at: datetime) -> dict[str, Any]:
    entry = new.entry
    return {
        "row_id": entry.row,
        "kind": entry.kind,
        "amount": entry.amount,
        "on_date": entry.on,
        "cause": entry.cause,
        "update_id": new.update_id,
        "remittance": new.remittance,
        "at": at,
    }


def _entries_of(connection: Connection, back: Collection[NewEntry]) -> dict[tuple[int, str], int]:
    """The entry of each payment, by row and the payment's own id, which is its cause."""
    table = placement_entries.c
    query = sa.select(table.row_id, table.cause, table.id).where(
        table.kind == EntryKind.COLLECTED,
        table.row_id.in_({each.entry.row for each in back}),
        table.cause.in_({each.entry.corrects for each in back}),
    )
    return {(row, cause): number for row, cause, number in connection.execute(query)}


def write_unmet(connection: Connection, rows: Iterable[RowAccount], on: date) -> None:
    """What of each row the ERP does not show yet, and since when; of what was taken back, `on`."""
    accounts = {row.row: row for row in rows}
    if not accounts:
        return
    paid = _collected(connection, accounts)
    changes = [
        {
            "b_id": number,
            "b_unmet": account.unmet,
            "b_since": on if account.unmet < 0 else unmet_since(account.unmet, paid[number]),
        }
        for number, account in accounts.items()
    ]
    change = (
        sa.update(placement_rows)
        .where(placement_rows.c.id == sa.bindparam("b_id"))
        .values(unmet=sa.bindparam("b_unmet"), unmet_since=sa.bindparam("b_since"))
    )
    connection.execute(change, changes)


def _collected(connection: Connection, rows: Collection[int]) -> Mapping[int, list[Collected]]:
    table = placement_entries.c
    back = placement_entries.alias()
    query = sa.select(table.row_id, table.on_date, table.amount).where(
        table.row_id.in_(list(rows)),
        table.kind == EntryKind.COLLECTED,
        ~sa.exists().where(back.c.corrects_id == table.id),
    )
    found: defaultdict[int, list[Collected]] = defaultdict(list)
    for row, on, amount in connection.execute(query):
        found[row].append(Collected(on, amount))
    return found


def end_rows(connection: Connection, ids: Collection[int], on: date) -> None:
    """These rows are back with us."""
    mine = placement_rows.c.id.in_(list(ids))
    change = sa.update(placement_rows).where(mine)
    connection.execute(change.values(state=RowState.OVER, over_on=on))
