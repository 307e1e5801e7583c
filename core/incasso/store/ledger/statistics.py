"""The database's statistics about the ledger, taken anew after a read that made it grow.

Without them SQLite guesses that every index finds ten rows, and PostgreSQL plans by the empty table
until autovacuum comes by: the first plan of a new ledger would be the slowest of its life.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

_log = logging.getLogger(__name__)

_TABLES: Final = ("clients", "installments")

GROWTH: Final = 10
"""Taken when a read brought more new rows than a tenth of all it brought."""

_LOOKED_AT: Final = 1000
"""Rows of each index that SQLite looks at: some milliseconds, whatever the size."""


def is_due(new: int, read: int) -> bool:
    """Whether the ledger has grown so much that statistics say something else."""
    return new * GROWTH > read


def renew(connection: Connection) -> None:
    """Take them, in short transactions of their own. Where that fails, plans may be worse, and
    nothing else."""
    try:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit = {_LOOKED_AT}")
        for table in _TABLES:
            connection.exec_driver_sql(f"ANALYZE {table}")
            connection.commit()
    except SQLAlchemyError:
        _log.warning("the statistics of the ledger could not be taken", exc_info=True)
