"""Rows that matter for proof: who writes one says so, and the journal keeps what was written."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

WRITTEN: Final = "written_rows"
"""In `Connection.info`: the rows that the open transaction wrote."""


def written(connection: Connection, table: str, key: object) -> None:
    """This row was written, or removed, in the open transaction."""
    connection.info.setdefault(WRITTEN, set()).add((table, str(key)))


def take(connection: Connection) -> list[tuple[str, str]]:
    """Table and key of every such row, once."""
    return sorted(connection.info.pop(WRITTEN, ()))
