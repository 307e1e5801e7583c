"""The database's statistics about the ledger, taken anew by a read that makes it grow.

Without them SQLite guesses that every index finds ten rows, and PostgreSQL plans by the empty table
until autovacuum comes by: at a first load of 50,000 rows the search for doubles took six seconds of
thirteen. So they are taken inside the transaction, as soon as the rows are there.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Table
from sqlalchemy.schema import ColumnCollectionConstraint

from incasso.store.tables.ledger import clients, installments

_BESIDES: Final = {clients: ("gone_on",), installments: ("status", "due_date", "closed_on")}
"""What else the sync itself and planning look for."""

GROWTH: Final = 10
"""Taken when a read brought more new rows than a tenth of all it brought."""

_LOOKED_AT: Final = 1000
"""Rows of each index that SQLite looks at: some milliseconds, whatever the size."""


def renew_if_grown(connection: Connection, *, new: int, read: int) -> None:
    """Take them if the read of so many rows brought so many new ones."""
    if not is_due(new, read):
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {_LOOKED_AT}")
        for table in (clients, installments):
            connection.exec_driver_sql(f"ANALYZE {table.name}")
        return
    for table in (clients, installments):
        found = {*_searched(table), *_BESIDES[table]}
        connection.exec_driver_sql(f"ANALYZE {table.name} ({', '.join(sorted(found))})")


def _searched(table: Table) -> set[str]:
    """The columns of its keys and indexes. Statistics of all thirty take PostgreSQL four times as
    long, and it takes those of the others by itself a minute later."""
    keys = [each for each in table.constraints if isinstance(each, ColumnCollectionConstraint)]
    of_keys = {column.name for each in keys for column in each.columns}
    return of_keys | {column.name for each in table.indexes for column in each.columns}


def is_due(new: int, read: int) -> bool:
    """Whether the ledger has grown so much that statistics say something else."""
    return new * GROWTH > read
