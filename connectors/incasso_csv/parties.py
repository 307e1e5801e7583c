"""Clients, agents and depots: from files of their own, clients also out of the open items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from incasso.api import ClientItem, ClientRecord, Page, PersonRecord, Unreadable
from incasso_csv.entries import Broken, Entry, Item
from incasso_csv.flat import Flat, is_supplier
from incasso_csv.ledger import BadShare, refuse_if_rewritten
from incasso_csv.lines import split
from incasso_csv.plain_clients import PlainClients
from incasso_csv.source import Opened
from incasso_csv.tables import Row, TextTable


def listed_clients(opened: Opened, size: int) -> Iterator[Page[ClientItem]]:
    """The clients of a clients' file; the last page is complete if absences mean something."""
    share = BadShare(opened.settings.max_bad_share, opened.reader.file)
    items: list[ClientItem] = []
    rows: list[int] = []
    for row, item in _client_rows(opened):
        share.add(item)
        items.append(item)
        rows.append(row)
        if len(items) == size:
            yield Page(items=tuple(items), file=opened.reader.file, rows=tuple(rows))
            items, rows = [], []
    share.refuse_if_too_many()
    refuse_if_rewritten(opened.table)
    yield Page(
        items=tuple(items),
        file=opened.reader.file,
        rows=tuple(rows),
        complete=opened.settings.read == "full",
    )


def _client_rows(opened: Opened) -> Iterator[tuple[int, ClientRecord | Unreadable]]:
    table, layout = opened.table, opened.found.layout
    if (
        isinstance(table, TextTable)
        and isinstance(layout, Flat)
        and PlainClients.suits(layout.heading)
        and not layout.constants
    ):
        return _canonical(opened, table, layout)
    return _judged(opened, opened.rows())


def _canonical(
    opened: Opened, table: TextTable, layout: Flat
) -> Iterator[tuple[int, ClientRecord | Unreadable]]:
    """Plain rows the short way, the others by the rules."""
    separator = table.shape.separator
    plain = PlainClients(layout.heading, separator, opened.settings)
    alone = replace(layout, first_data=0)
    below = table.shape.first_row + layout.first_data
    for number, text in table.texts(layout.width):
        if number < below:
            continue
        if (client := plain.read(text)) is not None:
            yield number, client
        else:
            row = Row(number, split(text, separator), text)
            yield from _judged(opened, alone.read([row]))


def _judged(
    opened: Opened, items: Iterable[Item]
) -> Iterator[tuple[int, ClientRecord | Unreadable]]:
    for item in items:
        if isinstance(item, Broken):
            yield item.row, opened.reader.broken(item)
        elif isinstance(item, Entry):
            yield item.row, opened.reader.client(item)


def clients_of_ledger(opened: Opened, size: int) -> Iterator[Page[ClientItem]]:
    """Each client that the open items name, as its first row tells it.

    Never complete: a client without open items is not in the ledger and yet exists.
    """
    clients: dict[str, ClientRecord] = {}
    for item in opened.rows():
        if isinstance(item, Entry) and not is_supplier(item.fields):
            client = opened.reader.debtor(item)
            if client is not None:
                clients.setdefault(client.code, client)
    records = tuple(clients.values())
    for start in range(0, max(1, len(records)), size):
        yield Page(items=records[start : start + size], file=opened.reader.file)


def people(opened: Opened, size: int) -> Iterator[Page[PersonRecord]]:
    """Agents or depots. A row without code or name is left out: no money hangs on it."""
    records: dict[str, PersonRecord] = {}
    for item in opened.rows():
        person = opened.reader.person(item) if isinstance(item, Entry) else None
        if isinstance(person, PersonRecord):
            records.setdefault(person.code, person)
    refuse_if_rewritten(opened.table)
    yield from _pages(tuple(records.values()), size)


def _pages(records: tuple[PersonRecord, ...], size: int) -> Iterable[Page[PersonRecord]]:
    last = max(0, (len(records) - 1) // size)
    for number in range(last + 1):
        part = records[number * size : (number + 1) * size]
        yield Page(items=part, complete=number == last)
