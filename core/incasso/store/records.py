"""Rows as records: a query selects the fields of a struct, in the order of the struct.

This is the only place where a row of the database turns into a value: what leaves `store` is a
frozen struct with types that mypy knows.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import starmap
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

R = TypeVar("R", bound=msgspec.Struct)

PAGE: Final = 1000


def columns_of(
    record: type[msgspec.Struct], table: sa.FromClause, **others: sa.ColumnElement[Any]
) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns that fill a record: those given by name, else the table's of the same name.

    Raises KeyError for a field that nothing fills, and for a column that fills none.
    """
    if strangers := others.keys() - set(record.__struct_fields__):
        raise KeyError(*strangers)
    return tuple(
        others[name].label(name) if name in others else table.c[name]
        for name in record.__struct_fields__
    )


def records(
    connection: Connection,
    record: type[R],
    query: sa.Executable,
    parameters: Mapping[str, Any] | None = None,
) -> list[R]:
    """Every row of the query as a record; its columns are `columns_of` that record."""
    # Not iterated: SQLAlchemy would fetch row by row.
    return list(starmap(record, connection.execute(query, parameters).all()))


def stream(
    connection: Connection, record: type[R], query: sa.Executable
) -> Generator[R, None, None]:
    """The same for a long list, from a cursor that stays in the database. Close it if you stop."""
    # Options given with the statement stay with it; given to the connection they would stay there.
    with connection.execute(query, execution_options={"yield_per": PAGE}) as result:
        yield from starmap(record, result)


def one_record(connection: Connection, record: type[R], query: sa.Executable) -> R:
    """The only row. Raises NoResultFound if there is none."""
    return record(*connection.execute(query).one())


def maybe_record(
    connection: Connection,
    record: type[R],
    query: sa.Executable,
    parameters: Mapping[str, Any] | None = None,
) -> R | None:
    """The only row, or None."""
    row = connection.execute(query, parameters).one_or_none()
    return None if row is None else record(*row)
