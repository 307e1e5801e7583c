"""Rows among many ids: one bound parameter, whatever their number, on both databases."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

FEW = 500  # above this many clients, reading a small table's whole range of them is cheaper


def among(
    connection: Connection, column: sa.ColumnElement[Any], ids: Collection[int] | Collection[str]
) -> sa.ColumnElement[bool]:
    """`column IN ids`, which may be texts. A list of thousands of marks costs more to parse than to
    run."""
    is_text = isinstance(column.type, sa.Text)
    if connection.dialect.name == "sqlite":
        values = sa.func.json_each(json.dumps(list(ids))).table_valued("value")
        kind: type[sa.Text | sa.Integer] = sa.Text if is_text else sa.Integer
        return column.in_(sa.select(sa.cast(values.c.value, kind)))
    if is_text:
        return column == sa.any_(sa.bindparam(None, list(ids), type_=sa.ARRAY(sa.Text)))
    numbers = sa.bindparam(None, ids, type_=_Numbers())
    return column == sa.any_(sa.cast(numbers, sa.ARRAY(sa.BigInteger)))


def as_array(values: Iterable[int | date]) -> str:
    """Numbers or days as PostgreSQL writes an array, for `%s::bigint[]`. Its driver would ask of
    each how it is written, which takes as long as all that is done with it afterwards."""
    return f"{{{','.join(map(str, values))}}}"


class _Numbers(sa.types.UserDefinedType[Collection[int]]):
    """Numbers that are given as one text; what it is compared with says what is in it."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Never in a table."""
        return "bigint[]"

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        """As a text."""
        return as_array


def near(
    connection: Connection, column: sa.ColumnElement[Any], ids: Collection[int]
) -> sa.ColumnElement[bool]:
    """The ids, or the range they span if they are many: the caller drops the strangers in it.

    For tables where most ids have no row at all. SQLite is told so: it would rather search by a
    state that a hundred thousand rows are in.
    """
    if len(ids) <= FEW:
        return among(connection, column, ids)
    spanned = column.between(min(ids), max(ids))
    if connection.dialect.name != "sqlite":
        return spanned
    # As a number: what SQLAlchemy takes for a truth it compares with 1, and no index serves that.
    return sa.func.likelihood(spanned, sa.literal_column("0.001"), type_=sa.Integer)


def packed(
    connection: Connection, column: sa.ColumnElement[Any], ids: Collection[int]
) -> sa.ColumnElement[bool]:
    """The ids, or the range they span if they fill most of it: then the strangers cost less than
    the list."""
    if max(ids) - min(ids) < 2 * len(ids):
        return column.between(min(ids), max(ids))
    return among(connection, column, ids)


def raw_rows(connection: Connection, query: sa.Select[Any]) -> Sequence[tuple[Any, ...]]:
    """Rows as the driver gives them: dates are text on SQLite.

    Turning values into dates and rows into objects costs three times the query itself.
    """
    result = connection.execute(query)
    assert result.cursor is not None
    rows: Sequence[tuple[Any, ...]] = result.cursor.fetchall()
    result.close()
    return rows


def raw_columns(connection: Connection, query: sa.Select[Any]) -> list[Sequence[Any]]:
    """The same rows column by column: equal places belong together, in any order.

    On SQLite each column comes as one array: a row fetched costs several times as much.
    """
    if connection.dialect.name == "sqlite":
        rows = query.subquery()
        arrays = sa.select(*(sa.func.json_group_array(column) for column in rows.c))
        return [msgspec.json.decode(array) for array in raw_rows(connection, arrays)[0]]
    found = raw_rows(connection, query)
    return list(zip(*found, strict=True)) or [() for _ in query.selected_columns]


def raw_day(day: Any) -> Any:
    """A date of a raw row: SQLite's text becomes a date, what is one already stays."""
    return date.fromisoformat(day) if isinstance(day, str) else day
