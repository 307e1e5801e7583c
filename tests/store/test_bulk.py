"""Rows in COPY's own form arrive as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.store.bulk import copy_lines, in_line
from incasso.store.engine import open_store
from incasso.store.tables.recovery import iters

TEXTS = [
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\\",
    "\\N",
    "\\.",
    "\\t",
    "",
    "è “so” \x1f \x7f",
    "'; DROP TABLE iters; --",
]


@pytest.mark.postgres
def test_texts_arrive_as_they_were(postgres: Any, tmp_path: Path) -> None:
    lines = [f"{in_line([number, text, text[::-1]])}\n" for number, text in enumerate(TEXTS)]
    with postgres.database(migrated=True) as url:
        store = open_store(url, tmp_path)
        with store.write() as connection:
            copy_lines(connection, iters, ("id", "key", "label"), lines)
            found = connection.execute(sa.select(iters.c.key, iters.c.label).order_by(iters.c.id))
            assert [tuple(row) for row in found] == [(text, text[::-1]) for text in TEXTS]
        store.close()


@given(st.lists(st.none() | st.text() | st.integers() | st.booleans() | st.dates(), min_size=1))
def test_a_line_has_as_many_values_as_were_given(values: list[Any]) -> None:
    line = in_line(values)
    assert line.count("\t") == len(values) - 1
    assert "\n" not in line and "\r" not in line
    assert [one == r"\N" for one in line.split("\t")] == [one is None for one in values]
