"""The half of a search that finds clients, by ranges of the index of their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.ledger.search_words import asked, figures, words, words_of_address
from incasso.domain.ledger.tax_numbers import tax_number
from incasso.domain.office.actor import Scope
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import client_words, clients, sources

_CANDIDATES: Final = 300
"""Clients that are weighed; of more with the same words nobody reads the list."""

_COMMON: Final = 2_000
"""A word that so many clients have does not lead a search if another is rarer."""

_LAST: Final = chr(0x10FFFF)


class ClientHit(msgspec.Struct, frozen=True):
    """A client that was found."""

    id: int
    source: str
    code: str
    name: str
    city: str
    vat: str
    tax_code: str
    email: str
    pec: str
    phone: str
    mobile: str
    is_gone: bool
    matched: str = ""
    """What fits whole: code, vat, tax_code, email, pec, phone, mobile, name; empty: words of it."""


def clients_found(
    connection: Connection, scope: Scope, question: str, limit: int
) -> list[ClientHit]:
    """The clients that have every word of the question, or of another meaning of it."""
    ids: dict[int, None] = {}
    for meaning in asked(question):
        ids |= dict.fromkeys(_with_words(connection, scope, meaning))
    hits = [_matched(hit, question) for hit in _read(connection, scope, list(ids))]
    return sorted(hits, key=lambda hit: _rank(hit, question))[:limit]


def _with_words(connection: Connection, scope: Scope, meaning: Sequence[str]) -> list[int]:
    """Who has them all: those with the rarest, asked for the others; whole words first."""
    first, *others = sorted(meaning, key=lambda word: _frequency(connection, word))
    word = client_words.c.word
    found: dict[int, None] = {}
    for range_ in (word == first, _begins(word, first)):
        if len(found) >= _CANDIDATES:
            break
        query = (
            sa.select(client_words.c.client_id)
            .distinct()
            .join(clients, clients.c.id == client_words.c.client_id)
            .join(sources, sources.c.id == clients.c.source_id)
            .where(range_, within(scope), *map(_has, others))
            .limit(_CANDIDATES)
        )
        found |= dict.fromkeys(connection.scalars(query))
    return list(found)


def _frequency(connection: Connection, word: str) -> tuple[bool, int]:
    """How many clients have it, counted no further than it takes to tell."""
    some = sa.select(sa.literal(1)).where(_begins(client_words.c.word, word)).limit(_COMMON)
    counted = connection.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0
    return len(word) < 2, counted


def _begins(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return sa.and_(column >= word, column < word + _LAST)


def _has(word: str) -> ColumnElement[bool]:
    other = client_words.alias()
    return sa.exists().where(other.c.client_id == clients.c.id, _begins(other.c.word, word))


def _read(connection: Connection, scope: Scope, ids: list[int]) -> list[ClientHit]:
    columns = columns_of(
        ClientHit,
        clients,
        source=sources.c.name,
        is_gone=clients.c.gone_on.is_not(None),
        matched=sa.literal(""),
    )
    query = sa.select(*columns).join(sources, sources.c.id == clients.c.source_id)
    return records(
        connection, ClientHit, query.where(among(connection, clients.c.id, ids), within(scope))
    )


def _matched(hit: ClientHit, question: str) -> ClientHit:
    """Named by what the question is, letter by letter but for their writing."""
    typed, number = words(question), tax_number(question)
    digits = figures(question)
    whole = {
        "code": "".join(words(hit.code)) == "".join(typed),
        "vat": bool(hit.vat) and tax_number(hit.vat) == number,
        "tax_code": bool(hit.tax_code) and tax_number(hit.tax_code) == number,
        "email": bool(hit.email) and words_of_address(hit.email) == words_of_address(question),
        "pec": bool(hit.pec) and words_of_address(hit.pec) == words_of_address(question),
        "phone": bool(digits) and figures(hit.phone) == digits,
        "mobile": bool(digits) and figures(hit.mobile) == digits,
        "name": words(hit.name) == typed,
    }
    matched = next((name for name, fits in whole.items() if fits), "")
    return msgspec.structs.replace(hit, matched=matched)


def _rank(hit: ClientHit, question: str) -> tuple[Any, ...]:
    """What fits whole, then names with most of the words, then those that begin so; the living
    before those that are gone."""
    typed, name = words(question), words(hit.name)
    begins = " ".join(name).startswith(" ".join(typed))
    missing = sum(word not in name for word in typed)
    whole = (not hit.matched, missing, not begins)
    return (*whole, hit.is_gone, len(name), name, hit.source, hit.code)
