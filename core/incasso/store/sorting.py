"""Texts sorted alike by both databases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.store.tables.columns import CODE_POINTS


def in_order(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """A text in the order of its code points: the same list from both databases."""
    if connection.dialect.name == "sqlite" or column.type is CODE_POINTS:
        return column
    return sa.collate(column, "C")
