"""Rows among many ids: one bound parameter, whatever their number, on both databases."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql


def among(
    connection: Connection, column: sa.ColumnElement[Any], ids: Collection[int]
) -> sa.ColumnElement[bool]:
    """`column IN ids`. A list of thousands of marks costs more to parse than to run."""
    if connection.dialect.name == "sqlite":
        values = sa.func.json_each(json.dumps(list(ids))).table_valued("value")
        return column.in_(sa.select(sa.cast(values.c.value, sa.Integer)))
    array = sa.bindparam(None, list(ids), type_=postgresql.ARRAY(sa.BigInteger))
    return column == sa.any_(array)
