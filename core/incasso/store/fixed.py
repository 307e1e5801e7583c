"""Statements that are texts, for hot paths: both databases take them, values by `:name`.

SQLAlchemy needs half a millisecond to make a statement for the first time. That is longer than most
of those take that planning asks once a day, and they are a fifth of a normal day's plan. Such a
text reads what it names and nothing else: a rule that holds in more than one place is written with
SQLAlchemy, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection


def rows(connection: Connection, text: str, **values: int | date) -> Sequence[Sequence[Any]]:
    """What it finds, as the driver gives it: days are text on SQLite."""
    found: Sequence[Sequence[Any]] = _run(connection, text, values).all()
    return found


def run(connection: Connection, text: str, **values: int | date) -> None:
    """For one that finds nothing."""
    _run(connection, text, values)


def _run(connection: Connection, text: str, values: dict[str, Any]) -> Any:
    if connection.dialect.name != "sqlite":
        return connection.exec_driver_sql(_for_psycopg(text), values)
    given = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
    return connection.exec_driver_sql(text, given)


@cache
def _for_psycopg(text: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", text)
