"""After a sync: what the ERP says of placed credits meets what their providers say.

Money that a provider collected and the ERP now shows has met. Money that no provider told of was
paid to us directly: the provider hears of it with the next exchange. The ledger itself is changed
by syncs alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.exchange import NoticeKind
from incasso.domain.money import from_minor
from incasso.domain.placement.book import Book
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.reports import Entry
from incasso.domain.placement.states import EntryKind, RowState
from incasso.services.office.office import Office
from incasso.services.placement.fates import Moment, Origin
from incasso.services.placement.write_books import settle_earlier, write_entries
from incasso.store.placement import books, ledger_watch, notices, updates
from incasso.store.placement.ledger_watch import Moved
from incasso.store.placement.notices import NewNotice
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda

AT_ONCE: Final = 500
"""Rows of one transaction."""

_TOLD_AS: Final[Mapping[EntryKind, NoticeKind]] = {
    EntryKind.DIRECT: NoticeKind.DIRECT_PAYMENT,
    EntryKind.DIRECT_REVERSED: NoticeKind.PAYMENT_REVERSED,
    EntryKind.REDUCED: NoticeKind.CORRECTION,
    EntryKind.RAISED: NoticeKind.CORRECTION,
}


class WatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger showed of placed credits."""

    rows: int = 0
    """Whose residual moved."""
    direct: int = 0
    """Payments made to us directly that the providers will be told of."""


def watch_ledger(office: Office, on: date) -> WatchReport:
    """Compare every placed row whose residual moved; twice for the same ledger changes nothing."""
    after = rows = 0
    found: Counter[EntryKind] = Counter()
    while True:
        with office.store.read() as connection:
            page = ledger_watch.moved(connection, after, AT_ONCE)
        if not page:
            return WatchReport(rows=rows, direct=found[EntryKind.DIRECT])
        for provider in sorted({each.provider for each in page}):
            ids = {each.row for each in page if each.provider == provider}
            found += _compare(office, provider, ids, after, on)
        after, rows = page[-1].row, rows + len(page)


def _compare(
    office: Office, provider: str, ids: set[int], after: int, on: date
) -> Counter[EntryKind]:
    moment = Moment(on=on, at=office.now())
    with office.store.write() as connection:
        agenda.take_turn(connection)
        updates.take_turn(connection, provider)
        # Read again: another process may have been quicker.
        page = [each for each in ledger_watch.moved(connection, after, AT_ONCE) if each.row in ids]
        kept = books.read(connection, {each.placement for each in page})
        credited = ledger_watch.reduced_without_money(connection, page)
        for each in page:
            _move(kept[each.placement], each, credited[each.row], moment)
        for book in kept.values():
            book.try_again()
        _write(connection, provider, page, kept, moment)
    return Counter(entry.kind for book in kept.values() for entry in book.entries)


def _move(book: Book, moved: Moved, credited: int, moment: Moment) -> None:
    fall = moved.was - moved.residual
    known = book.rows[moved.row].sum(EntryKind.REDUCED)
    # What vanished was not paid, as far as anybody knows.
    without_money = fall if moved.is_lost else max(credited - known, 0)
    cause = f"erp {moment.at.isoformat()}"
    book.ledger_moved(moved.row, fall, without_money, moment.on, cause)


def _write(
    connection: Connection,
    provider: str,
    page: Sequence[Moved],
    kept: Mapping[int, Book],
    moment: Moment,
) -> None:
    write_entries(connection, provider, kept, {}, {}, moment)
    # Also of rows that met without an entry.
    books.write_unmet(connection, [kept[each.placement].rows[each.row] for each in page], moment.on)
    settle_earlier(connection, Origin(provider=provider), kept, (), moment)
    ledger_watch.looked_at(connection, {each.row: each.residual for each in page})
    of_row = {each.row: each for each in page}
    entries = [entry for book in kept.values() for entry in book.entries if entry.row in of_row]
    told = [
        notice for entry in entries for notice in _notices(entry, of_row[entry.row], kept, moment)
    ]
    notices.make(connection, told)
    events = [_event(entry, of_row[entry.row]) for entry in entries if entry.kind in _TOLD_AS]
    journal.record(connection, events, at=moment.at)


def _notices(
    entry: Entry, row: Moved, kept: Mapping[int, Book], moment: Moment
) -> Iterator[NewNotice]:
    kind = _TOLD_AS.get(entry.kind)
    if kind is None or row.state is not RowState.PLACED:
        return
    left = max(kept[row.placement].rows[row.row].open, 0)
    yield NewNotice(
        name=f"{row_name(row.row)} {entry.kind} {entry.cause}"[:128],
        provider=row.provider,
        lot_id=row.lot_id,
        placement_id=row.placement,
        row_id=row.row,
        kind=kind,
        on_date=moment.on,
        amount=left if kind is NoticeKind.CORRECTION else entry.amount,
        currency=row.currency,
        made_at=moment.at,
        made_by="sync",
    )


def _event(entry: Entry, row: Moved) -> Event:
    return Event(
        kind=f"placement.{entry.kind}",
        actor="sync",
        on=entry.on,
        source=row.source,
        client=row.client,
        subject=f"placement {placement_name(row.placement)}",
        facts={
            "key": row.key,
            "amount": f"{from_minor(entry.amount, row.currency)}",
            "currency": row.currency,
            "provider": row.provider,
        },
    )
