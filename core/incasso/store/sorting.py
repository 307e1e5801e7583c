"""Texts sorted alike by both databases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection


def in_order(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """A text in the order of its code points: the same list from both databases."""
    return sa.collate(column, "C") if connection.dialect.name == "postgresql" else column
