"""The words by which clients are found, kept beside them.

Why: a search has to answer while somebody types, on either database, without extensions that an
office's administrator would have to allow. So the words of a client, written alike
(`domain.ledger.search_words`), stand in a table of their own, and a search is a range of its index.

Must equal: the words of every client as it stands. Whatever writes a name, a code, a number or an
address of clients renews their words in the same transaction. Held by `tests/lists/test_search.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.search_words import words_of_client
from incasso.store.bulk import load
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import client_words, clients

PAGE: Final = 5_000


class _Named(msgspec.Struct, frozen=True):
    """What a client is found by."""

    id: int
    code: str
    name: str
    vat: str
    tax_code: str
    email: str
    pec: str
    phone: str
    mobile: str


def renew(connection: Connection, ids: Collection[int]) -> None:
    """The words of these clients as they stand now."""
    known = sorted(ids)
    for start in range(0, len(known), PAGE):
        part = known[start : start + PAGE]
        gone = sa.delete(client_words).where(among(connection, client_words.c.client_id, part))
        connection.execute(gone)
        _write(connection, among(connection, clients.c.id, part))


def add_new(connection: Connection, after: int) -> None:
    """The words of every client with a higher id."""
    # Of a client that somebody deleted outside the hub: SQLite gives its number to the next.
    connection.execute(sa.delete(client_words).where(client_words.c.client_id > after))
    highest = connection.scalar(sa.select(sa.func.max(clients.c.id))) or 0
    for start in range(after, highest, PAGE):
        _write(connection, clients.c.id.between(start + 1, start + PAGE))


def _write(connection: Connection, chosen: sa.ColumnElement[bool]) -> None:
    query = sa.select(*columns_of(_Named, clients)).where(chosen).order_by(clients.c.id)
    rows = [row for one in records(connection, _Named, query) for row in _rows(one)]
    load(connection, client_words, list(client_words.c), rows)


def _rows(one: _Named) -> Iterator[tuple[int, str]]:
    found = words_of_client(
        code=one.code,
        name=one.name,
        vat=one.vat,
        tax_code=one.tax_code,
        emails=(one.email, one.pec),
        phones=(one.phone, one.mobile),
    )
    for word in sorted(found):
        yield one.id, word
