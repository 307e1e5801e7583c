"""Planned rows into the tables as fast as each database takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.store import fixed
from incasso.store.bulk import load

Day = str | date | None
"""A date as the driver stores it: text on SQLite."""

BLOCK = 20_000  # most numbers taken from a PostgreSQL sequence at a time; what is left over is lost


def day_for(connection: Connection) -> Callable[[date | None], Day]:
    """How this driver wants its dates."""
    return _as_text if connection.dialect.name == "sqlite" else _as_it_is


@lru_cache(maxsize=4096)
def _as_text(day: date | None) -> Day:
    return None if day is None else day.isoformat()


def _as_it_is(day: date | None) -> Day:
    return day


def new_numbers(connection: Connection, table: Table, expected: int = 1) -> Iterator[int]:
    """Numbers for new rows, taken before they are written so that rows can refer to each other.

    On SQLite the caller holds the only write lock; on PostgreSQL the sequence hands them out, as
    many at once as are `expected`.
    """
    if connection.dialect.name == "sqlite":
        yield from count(_last_number(connection, table) + 1)
    size = expected
    while True:
        size = min(size, BLOCK)
        yield from _from_sequence(connection, table, size)
        size *= 4


def take_numbers(connection: Connection, table: Table, size: int) -> Sequence[int]:
    """The same, if it is known how many there will be; SQLite gives them again until their rows
    are written."""
    if not size:
        return ()
    if connection.dialect.name == "sqlite":
        first = _last_number(connection, table) + 1
        return range(first, first + size)
    return _from_sequence(connection, table, size)


def _last_number(connection: Connection, table: Table) -> int:
    return fixed.rows(connection, f"SELECT max(id) FROM {table.name}")[0][0] or 0


def _from_sequence(connection: Connection, table: Table, size: int) -> Sequence[int]:
    from sqlalchemy.dialects.postgresql import REGCLASS

    # In a query of its own, which is asked once: else the name is looked up for every number.
    name = sa.func.pg_get_serial_sequence(table.name, "id")
    sequence = sa.select(sa.cast(name, REGCLASS)).scalar_subquery()
    series = sa.func.generate_series(1, size).table_valued("n")
    taken = sa.select(sa.func.nextval(sequence).label("number")).select_from(series).cte("taken")
    first, last = sa.func.min(taken.c.number), sa.func.max(taken.c.number)
    one_range = last - first + 1 == size  # unless somebody else took some meanwhile
    numbers = sa.case((~one_range, sa.func.array_agg(taken.c.number)))
    row = connection.execute(sa.select(first, last, numbers)).one()
    return range(row[0], row[1] + 1) if row[2] is None else row[2]


def insert(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are already what the driver stores."""
    load(connection, table, [table.c[name] for name in names], rows)


def update_by_id(
    connection: Connection,
    table: Table,
    types: Sequence[tuple[str, str]],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Set the columns `types` (name, PostgreSQL type) of many rows; each row ends with its id."""
    if not rows:
        return
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join(f"{name} = ?" for name, _ in types)
        driver.executemany(f"UPDATE {table.name} SET {marks} WHERE id = ?", rows)
        return
    arrays = ", ".join(f"%s::{kind}[]" for _, kind in (*types, ("id", "bigint")))
    columns = ", ".join(name for name, _ in (*types, ("row_id", "")))
    marks = ", ".join(f"{name} = v.{name}" for name, _ in types)
    with driver.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table.name} SET {marks} "
            f"FROM unnest({arrays}) AS v({columns}) WHERE {table.name}.id = v.row_id",
            [list(column) for column in zip(*rows, strict=True)],
        )
