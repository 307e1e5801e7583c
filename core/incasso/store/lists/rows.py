"""Read long lists in pages, so that a million rows never sit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from incasso.domain.money import from_minor
from incasso.store.tables.ledger import clients, sources

Fields: TypeAlias = dict[str, Any]
"""One row of a list: stable names, dates, Decimal money, None for what is not there."""

PAGE = 1000


def pages(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """The rows a thousand at a time, from a cursor that stays in the database."""
    result = connection.execute(query.execution_options(yield_per=PAGE))
    with result:
        yield from result.partitions(PAGE)


def in_order(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """A text in the order of its code points: the same list from both databases."""
    return sa.collate(column, "C") if connection.dialect.name == "postgresql" else column


def money(minor: int | None, currency: str) -> Decimal | None:
    """An amount of the database for a reader, or nothing."""
    return None if minor is None else from_minor(minor, currency)


def sources_by_name(connection: Connection, only: str | None) -> list[tuple[int, str]]:
    """The sources (id, name) to list, in the order of their names."""
    query = sa.select(sources.c.id, sources.c.name)
    if only is not None:
        query = query.where(sources.c.name == only)
    return sorted(((row.id, row.name) for row in connection.execute(query)), key=lambda s: s[1])


def is_client(text: str) -> ColumnElement[bool]:
    """The client written as CODE, or as SOURCE/CODE where two companies use the same code."""
    source, slash, code = text.partition("/")
    condition = clients.c.code == text
    if not slash:
        return condition
    return sa.or_(condition, sa.and_(sources.c.name == source, clients.c.code == code))
