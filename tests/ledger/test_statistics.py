"""What the database knows about its own tables after a sync."""

from __future__ import annotations

import pytest

from incasso.store.ledger.statistics import is_due
from tests.ledger.office import Books, items


def counted(books: Books) -> float:
    """How many installments the planner believes in; negative or zero if it was never told."""
    question = (
        "SELECT coalesce(max(cast(stat AS integer)), 0) FROM sqlite_stat1 WHERE tbl='installments'"
        if books.store.is_sqlite
        else "SELECT reltuples FROM pg_class WHERE relname = 'installments'"
    )
    with books.store.read() as connection:
        return float(connection.exec_driver_sql(question).scalar_one())


def test_a_first_load_tells_the_planner_how_large_the_ledger_is(books: Books) -> None:
    books.read(*items(300))
    assert counted(books) == 300


def test_a_night_with_few_new_rows_leaves_them(books: Books) -> None:
    books.read(*items(300))
    books.read(*items(310))
    assert counted(books) == 300


@pytest.mark.parametrize(("new", "read", "due"), [(0, 0, False), (10, 100, False), (11, 100, True)])
def test_they_are_due_after_growth_of_a_tenth(new: int, read: int, due: bool) -> None:
    assert is_due(new, read) == due
