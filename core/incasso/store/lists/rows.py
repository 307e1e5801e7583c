"""Read long lists in pages, so that a million rows never sit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select

from incasso.domain.money import from_minor

PAGE = 1000


def pages(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """The rows a thousand at a time, from a cursor that stays in the database."""
    result = connection.execute(query.execution_options(yield_per=PAGE))
    with result:
        yield from result.partitions(PAGE)


def money(minor: int | None, currency: str) -> Decimal | None:
    """An amount of the database for a reader, or nothing."""
    return None if minor is None else from_minor(minor, currency)
