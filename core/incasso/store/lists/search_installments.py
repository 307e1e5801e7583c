"""The half of a search that finds installments: by document number, key and amount still owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.ledger.search_numbers import amount_meant, number_part, numbers_meant
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import from_minor, to_minor
from incasso.domain.office.actor import Scope
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.tables.columns import quoted
from incasso.store.tables.ledger import NUMBER_PART, clients, installments, sources

_CANDIDATES: Final = 100
_ABSENCES: Final = tuple(range(10))
"""Complete reads that may have missed an open item: the index of open items begins with them."""


class _Row(msgspec.Struct, frozen=True):
    id: int
    source: str
    client: str
    client_name: str
    key: str
    document_kind: str
    document_number: str
    due_date: date
    residual: int
    currency: str
    status: str


class InstallmentHit(msgspec.Struct, frozen=True, kw_only=True):
    """An installment that was found."""

    id: int
    source: str
    client: str
    client_name: str
    key: str
    document_kind: str
    document_number: str
    due_date: date
    residual: Decimal
    currency: str
    status: str
    matched: str
    """By what: key, document_number, residual."""


def installments_found(
    connection: Connection, scope: Scope, question: str, limit: int
) -> list[InstallmentHit]:
    """Those with the key or the number first, then those of that amount."""
    found: dict[int, InstallmentHit] = {}
    for matched, condition in _meanings(connection, question):
        for row in _read(connection, scope, condition):
            found.setdefault(row.id, _hit(row, matched))
        if len(found) >= limit:
            break
    meant = numbers_meant(question)
    return sorted(found.values(), key=lambda hit: _rank(hit, meant))[:limit]


def _meanings(connection: Connection, question: str) -> Iterator[tuple[str, ColumnElement[bool]]]:
    table = installments.c
    # Every source by its id, for these indexes begin with the source.
    every = list(connection.scalars(sa.select(sources.c.id)))
    yield "key", sa.and_(table.source_id.in_(every), table.key == question)
    if meant := numbers_meant(question):
        first = meant[0]
        numbered = sa.text("installments.document_number <> ''")
        # Of `12`: what goes on with a separator, then what goes on with a letter; never `123`.
        for fits in (
            NUMBER_PART.in_(meant),
            sa.and_(first <= NUMBER_PART, first + "0" > NUMBER_PART),
            sa.and_(first + "A" <= NUMBER_PART, first + "{" > NUMBER_PART),
        ):
            yield "document_number", sa.and_(numbered, fits)
    if (amount := amount_meant(question)) is not None:
        owed = [
            sa.and_(table.currency == currency, table.residual == minor)
            for currency, minor in _in_minor(connection, amount)
        ]
        is_open = sa.text(f"installments.status = {quoted(InstallmentStatus.OPEN)}")
        for each in owed:
            known = sa.and_(table.source_id.in_(every), table.absences.in_(_ABSENCES))
            yield "residual", sa.and_(is_open, known, each)


def _in_minor(connection: Connection, amount: Decimal) -> Iterator[tuple[str, int]]:
    """The amount in each currency that the ledgers have."""
    query = sa.select(sources.c.currency, sources.c.open_totals)
    known: set[str] = set()
    for own, totals in connection.execute(query):
        known |= {own, *(totals or ())}
    for currency in sorted(known):
        try:
            yield currency, to_minor(amount, currency)
        except ValueError:
            continue  # more decimals than that currency has


def _read(connection: Connection, scope: Scope, condition: ColumnElement[bool]) -> list[_Row]:
    columns = columns_of(
        _Row,
        installments,
        source=sources.c.name,
        client=clients.c.code,
        client_name=clients.c.name,
    )
    query = (
        sa.select(*columns)
        .join(clients, clients.c.id == installments.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(condition, within(scope))
        .limit(_CANDIDATES)
    )
    return records(connection, _Row, query)


def _hit(row: _Row, matched: str) -> InstallmentHit:
    values = msgspec.structs.asdict(row) | {"residual": from_minor(row.residual, row.currency)}
    return InstallmentHit(**values, matched=matched)


def _rank(hit: InstallmentHit, meant: list[str]) -> tuple[Any, ...]:
    """Key, whole number, number that goes on, amount; what is open before what is not."""
    whole = number_part(hit.document_number) in meant
    place = {"key": 0, "document_number": 1 if whole else 2, "residual": 3}[hit.matched]
    is_open = hit.status == InstallmentStatus.OPEN
    return (place, not is_open, -hit.due_date.toordinal(), hit.source, hit.key)
