"""Rows written out of one consistent state of the database, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection

from incasso.store.backup.shape import Column, Kind, Shape
from incasso.store.engine import Store

PAGE: Final = 5_000


@contextmanager
def frozen(store: Store) -> Iterator[Connection]:
    """A connection that sees one state to its end: SQLite's WAL keeps it, PostgreSQL's snapshot."""
    if store.is_sqlite:
        with store.read() as connection:
            yield connection
        return
    with store.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        try:
            yield connection
        finally:
            connection.rollback()


def pages(connection: Connection, shape: Shape) -> Iterator[list[list[Any]]]:
    """The rows of a table by key, some thousands at a time, in the form of a backup."""
    names = ", ".join(_written(connection, column) for column in shape.columns)
    order = ", ".join(f'"{name}"' for name in shape.key)
    query = f'SELECT {names} FROM "{shape.name}" ORDER BY {order}'
    truths = [at for at, column in enumerate(shape.columns) if column.kind is Kind.TRUTH]
    found = connection.execution_options(yield_per=PAGE).exec_driver_sql(query)
    for page in found.partitions(PAGE):
        rows = [list(row) for row in page]
        for row in rows:
            for at in truths:
                row[at] = None if row[at] is None else bool(row[at])
        yield rows


def _written(connection: Connection, column: Column) -> str:
    """The column as SQL that gives the form of a backup; SQLite stores just that."""
    name = f'"{column.name}"'
    if connection.dialect.name == "sqlite":
        return name
    match column.kind:
        case Kind.INSTANT:
            return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        case Kind.DAY:
            return f"to_char({name}, 'YYYY-MM-DD')"
        case Kind.JSON:
            return f"{name}::text"
    return name
