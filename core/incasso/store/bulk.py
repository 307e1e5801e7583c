"""Rows into a table as fast as the driver can: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Select, Table

from incasso.store.engine import Store

Values = tuple[Any, ...]


def load(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Values]
) -> None:
    """Insert rows whose values are already what the driver stores (dates as text on SQLite)."""
    if not rows:
        return
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{column.name}"' for column in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def ids(connection: Connection, query: Select[Any], size: int = 10_000) -> Iterator[list[int]]:
    """Row ids in chunks, straight from the driver: a million pass here to find a few absent."""
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    sqlite = connection.dialect.name == "sqlite"
    with closing(driver.cursor() if sqlite else driver.cursor("ids", binary=True)) as cursor:
        cursor.execute(text)
        while rows := cursor.fetchmany(size):
            yield [row_id for (row_id,) in rows]


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
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
