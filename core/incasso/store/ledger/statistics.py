"""The database's statistics about the ledger, taken anew by a read that makes it grow.

Without them SQLite guesses that every index finds ten rows, and PostgreSQL plans by the empty table
until autovacuum comes by: at a first load of 50,000 rows the search for doubles took six seconds of
thirteen. So they are taken inside the transaction, as soon as the rows are there.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

_TABLES: Final = ("clients", "installments")

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
    for table in _TABLES:
        connection.exec_driver_sql(f"ANALYZE {table}")


def is_due(new: int, read: int) -> bool:
    """Whether the ledger has grown so much that statistics say something else."""
    return new * GROWTH > read
