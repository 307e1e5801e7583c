"""Rows into a table as fast as the driver can: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Connection, Select, Table

from incasso.store import before_commit
from incasso.store.engine import Store, forget

Values = tuple[Any, ...]

_CHUNK: Final = 250_000
_AT_ONCE: Final = 1_000

_COPIED: Final = 10_000


def load(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], rows: Iterable[Values]
) -> None:
    """Insert rows whose values are already what the driver stores (dates as ISO text)."""
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{column.name}"' for column in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
        return
    coming = iter(rows)
    # What a slow server has not taken yet waits in memory: some rows at a time.
    while part := list(islice(coming, _COPIED)):
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as to,
        ):
            for row in part:
                to.write_row(row)


def copy_lines(
    connection: Connection, table: Table, names: Sequence[str], lines: Iterable[str]
) -> None:
    """Rows into a table of PostgreSQL, already in COPY's own form: values between tabs.

    Some at a time: the server writes those while the next are made.
    """
    driver: Any = connection.connection.driver_connection
    copying = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    lines = iter(lines)
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        while some := "".join(islice(lines, _AT_ONCE)):
            copy.write(some)


def in_line(values: Iterable[Any]) -> str:
    """Some values of such a row, without its end."""
    return "\t".join(r"\N" if one is None else str(one).translate(_ESCAPED) for one in values)


_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def ids(connection: Connection, query: Select[Any], highest: int) -> Iterator[list[int]]:
    """Row ids in chunks, straight from the driver: a million pass here to find a few absent.

    `highest`: no id is above it. A row fetched costs ten times an element of a JSON array, so
    SQLite gives arrays.
    """
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        parts = 1 + highest // _CHUNK
        for part in range(parts):
            array = f"SELECT json_group_array(id) FROM ({text}) WHERE id % {parts} = {part}"
            yield msgspec.json.decode(driver.execute(array).fetchone()[0], type=list[int])
        return
    with closing(driver.cursor("ids", binary=True)) as cursor:
        cursor.execute(text)
        while rows := cursor.fetchmany(10_000):
            yield [row_id for (row_id,) in rows]


def pairs(connection: Connection, query: Select[Any]) -> Iterator[tuple[int, int]]:
    """Two whole numbers of each row, straight from the driver."""
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    with closing(driver.cursor()) as cursor:
        cursor.execute(text)
        yield from cursor.fetchall()


@contextmanager
def session(store: Store) -> Iterator[Connection]:
    """One connection for a whole run: its temporary tables live and die with it."""
    with store.engine.connect() as connection:
        yield connection


@contextmanager
def scratch(connection: Connection) -> Iterator[None]:
    """A transaction that writes temporary tables only: it never waits for other writers."""
    connection.rollback()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    yield
    connection.commit()


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One write transaction on this connection: all or nothing, as `Store.write`."""
    connection.rollback()  # ends the transaction that earlier reads began by themselves
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
        before_commit.settle(connection)
    except BaseException:
        forget(connection)
        connection.rollback()
        raise
    connection.commit()
