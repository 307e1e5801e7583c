"""Several columns of a row as one text, which is what rows are compared by.

Why: a million rows come to some hundred different ones in what rules look at. One text each, made
by the database, is read and looked up three times as fast as a tuple of five values.

Must equal: the columns themselves. A value that holds the mark between values makes one too many,
so the reader sees that it cannot tell them apart. `tests/recovery/test_two_lanes.py` has such rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Column

BETWEEN: Final = "\x1f"
"""The unit separator."""


def one_text(columns: Sequence[Column[Any]]) -> sa.ColumnElement[str]:
    """These columns as one text: nulls empty, days as ISO has them, on PostgreSQL within
    `planning.settle_page`."""
    texts = [_as_text(column) for column in columns]
    mark = sa.literal_column(f"'{BETWEEN}'", sa.Text)
    together = [texts[0], *(part for text in texts[1:] for part in (mark, text))]
    return reduce(add, together)


def _as_text(column: Column[Any]) -> sa.ColumnElement[str]:
    text = _text_of(column)
    return sa.func.coalesce(text, sa.literal_column("''", sa.Text)) if column.nullable else text


def _text_of(column: Column[Any]) -> sa.ColumnElement[str]:
    if isinstance(column.type, sa.Integer | sa.Date):
        return sa.cast(column, sa.Text)  # SQLite has days as texts
    if isinstance(column.type, sa.Boolean):
        return sa.case((column, sa.literal_column("'1'", sa.Text)), else_=sa.literal_column("''"))
    return sa.type_coerce(column, sa.Text)


def of_one_text(text: str) -> list[str]:
    """The values again, as texts."""
    return text.split(BETWEEN)
