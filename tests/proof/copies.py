"""A copy of a database, and putting it back, on either kind: all rows of all tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from incasso.store.engine import Store
from incasso.store.tables import metadata

Copy = Mapping[str, Sequence[Mapping[str, Any]]]


def copy_of(store: Store) -> Copy:
    """Every row, as the tables hold it now."""
    with store.read() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(_exactly(table)).mappings()]
            for table in metadata.tables.values()
        }


def put_back(store: Store, copy: Copy) -> None:
    """The database is as it was; what is beside it (archive, key, outbox) stays."""
    with store.write() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in metadata.tables.values():
            connection.execute(sa.delete(table))
        for name, rows in copy.items():
            if rows:
                connection.execute(_as_it_was(metadata.tables[name], store), rows)


def _exactly(table: sa.Table) -> sa.Select[Any]:
    """JSON byte by byte: the journal's hashes cover its spaces too."""
    return sa.select(
        *(
            sa.cast(column, sa.Text).label(column.name)
            if isinstance(column.type, sa.JSON)
            else column
            for column in table.c
        )
    )


def _as_it_was(table: sa.Table, store: Store) -> sa.Insert:
    values: dict[str, sa.ColumnElement[Any]] = {}
    for column in table.c:
        if isinstance(column.type, sa.JSON):
            words = sa.bindparam(column.name, type_=sa.Text)
            values[column.name] = words if store.is_sqlite else sa.cast(words, sa.JSON)
        else:
            values[column.name] = sa.bindparam(column.name, type_=column.type)
    return sa.insert(table).values(values)
