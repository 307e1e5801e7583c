"""Clients, agents and depots: from their own files, clients also from the open items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

import msgspec

from incasso.api import (
    ClientItem,
    ClientRecord,
    Known,
    Page,
    PersonRecord,
    Problem,
    Unreadable,
    text,
)
from incasso_csv.cells.entry import EntryCells
from incasso_csv.files.lines import split, text_row
from incasso_csv.files.source import Opened
from incasso_csv.files.tables import Row, TextTable
from incasso_csv.layouts.entries import Broken, Entry, Item
from incasso_csv.layouts.flat import Flat, is_supplier
from incasso_csv.layouts.unclaimed import passed_over
from incasso_csv.reading.ledger import BadShare, refuse_if_rewritten
from incasso_csv.records.debtor import is_known_by_name
from incasso_csv.records.identities import Identities
from incasso_csv.records.plain_clients import PlainClients
from incasso_csv.records.recognised import ChangedRow, NamedRows

_ASKED: Final = 1_000
_SHOWN: Final = 10

_Numbered: TypeAlias = tuple[int, ClientRecord | Unreadable]
"""The result of a row, with its number in Excel."""


def listed_clients(opened: Opened, known: Known, size: int) -> Iterator[Page[ClientItem]]:
    """The clients of a clients' file; the last page is complete if absent clients are gone."""
    share = BadShare(opened.settings.max_bad_share, opened.reader.file)
    table, layout = opened.table, opened.found.layout
    every = not opened.settings.client_accounts
    if isinstance(table, TextTable) and isinstance(layout, Flat) and every and _plain(layout):
        yield from _canonical(opened, table, layout, known, share, size)
    else:
        for part in _parts(_judged(opened, opened.rows()), size):
            yield _page(opened, part, share)
    share.refuse_if_too_many()
    refuse_if_rewritten(opened.table)
    file = opened.reader.file
    warnings = passed_over(opened.found.unclaimed, file)
    yield Page(file=file, complete=opened.settings.read == "full", warnings=warnings)


def _plain(layout: Flat) -> bool:
    """Whether the file is canonical, so that unchanged rows may be recognised unparsed."""
    return PlainClients.suits(layout.heading) and not layout.constants


def _canonical(
    opened: Opened,
    table: TextTable,
    layout: Flat,
    known: Known,
    share: BadShare,
    size: int,
) -> Iterator[Page[ClientItem]]:
    """Unchanged rows by name, plain rows the short way, the others by the rules."""
    separator = table.shape.separator
    plain = PlainClients(layout.heading, separator, opened.settings)
    alone = replace(layout, first_data=0)
    named = NamedRows(table, layout, "code", opened.found.seed)

    def clients(fresh: Iterable[ChangedRow]) -> Iterator[_Numbered]:
        for number, line, fingerprint in fresh:
            line_text = text_row(line, table.shape)
            if (client := plain.read(line_text, fingerprint)) is not None:
                yield number, client
            else:
                row = Row(number, split(line_text, separator), line_text)
                yield from _judged(opened, alone.read([row]), fingerprint)

    for block in named.blocks(size):
        fresh, unchanged, recognised = named.sift(block, known)
        share.good += len(unchanged) + recognised
        page = _page(opened, list(clients(fresh)), share)
        yield msgspec.structs.replace(page, unchanged=tuple(unchanged))


def _page(opened: Opened, part: Sequence[_Numbered], share: BadShare) -> Page[ClientItem]:
    for _, item in part:
        share.add(item)
    return Page(
        items=tuple(item for _, item in part),
        file=opened.reader.file,
        rows=tuple(number for number, _ in part),
    )


def _judged(opened: Opened, items: Iterable[Item], fingerprint: bytes = b"") -> Iterator[_Numbered]:
    for item in items:
        if isinstance(item, Broken):
            yield item.row, opened.reader.broken(item)
        elif isinstance(item, Entry):
            if is_supplier(item.fields, opened.settings.client_accounts):
                continue
            client = opened.reader.client(item)
            if isinstance(client, ClientRecord):
                client = msgspec.structs.replace(client, fingerprint=fingerprint)
            yield item.row, client


def _parts(clients: Iterator[_Numbered], size: int) -> Iterator[list[_Numbered]]:
    while part := list(islice(clients, size)):
        yield part


def clients_of_ledger(opened: Opened, known: Known, size: int) -> Iterator[Page[ClientItem]]:
    """Each client that the open items name, as in its first row.

    Never complete: a client without open items is not in the ledger and yet exists. Clients that
    the file does not tell apart are left out, as their rows are refused.
    """
    clients: dict[str, ClientRecord] = {}
    rows: dict[str, Entry] = {}
    identities = Identities(opened.settings.former_codes)
    for item in opened.rows():
        ours = opened.settings.client_accounts
        if isinstance(item, Entry) and not is_supplier(item.fields, ours):
            client = opened.reader.debtor(item)
            if not opened.found.coded:
                identities.add(item.fields)
            if client is not None and client.code not in clients:
                clients[client.code] = client
                if not opened.found.coded:
                    rows[client.code] = item
    uncertain = {code for code, row in rows.items() if identities.problem(row.fields)}
    records = tuple(client for code, client in clients.items() if code not in uncertain)
    by_name = {
        code: clients[code].name
        for code, row in rows.items()
        if code not in uncertain and is_known_by_name(EntryCells(row.fields))
    }
    warnings = _perhaps_renamed(by_name, known, opened.reader.file)
    for start in range(0, max(1, len(records)), size):
        yield Page(items=records[start : start + size], file=opened.reader.file, warnings=warnings)
        warnings = ()


def _perhaps_renamed(by_name: Mapping[str, str], known: Known, file: str) -> tuple[Problem, ...]:
    """A name that the hub never had, among others that it has, may be a new name of one of them."""
    codes = list(by_name)
    have: set[str] = set()
    for start in range(0, len(codes), _ASKED):
        have |= known.fingerprints(codes[start : start + _ASKED]).keys()
    new = [name for code, name in by_name.items() if code not in have]
    if not (have and new):
        return ()
    shown = ", ".join(new[:_SHOWN]) + (" …" if len(new) > _SHOWN else "")
    return (
        Problem(
            code="perhaps_renamed",
            message=text(
                "{file}: new clients, of whom the file gives nothing but the name: {names}",
                file=file,
                names=shown,
            ),
            hint=text(
                "if one of them was only renamed, say so in plugins.toml, so that it stays the "
                'same client: renamed = {{ "{name}" = "its former name" }}',
                name=new[0],
            ),
        ),
    )


def people(opened: Opened, size: int) -> Iterator[Page[PersonRecord]]:
    """Agents or depots. Rows without code or name are left out, as no amount depends on them."""
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
