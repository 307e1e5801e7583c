"""Open credits against what is past due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.recovery.agreements import Blocking
from incasso.domain.recovery.netting import OpenItem, covered_debts
from tests.domain.credit import day

ITEMS = st.lists(
    st.tuples(st.integers(-20, 40), st.integers(-500, 500).filter(bool)), min_size=1, max_size=8
)


def test_a_credit_as_large_as_what_is_past_due_covers_it() -> None:
    items = [OpenItem("note", day(0), -300), OpenItem("a", day(0), 200), OpenItem("b", day(0), 100)]
    assert covered_debts(items, day(1)) == {"a": Blocking(None), "b": Blocking(None)}


def test_a_credit_too_small_covers_nothing_past_due() -> None:
    items = [OpenItem("note", day(0), -299), OpenItem("a", day(0), 200), OpenItem("b", day(0), 100)]
    assert covered_debts(items, day(1)) == {}


def test_a_debt_is_covered_until_the_next_one_falls_due() -> None:
    items = [
        OpenItem("note", day(0), -250),
        OpenItem("a", day(0), 200),
        OpenItem("b", day(10), 100),
    ]
    assert covered_debts(items, day(5)) == {"a": Blocking(day(10))}
    assert covered_debts(items, day(11)) == {}


def test_a_debt_counts_itself_before_it_is_due() -> None:
    items = [
        OpenItem("note", day(0), -250),
        OpenItem("a", day(0), 200),
        OpenItem("b", day(10), 100),
    ]
    assert "b" not in covered_debts(items, day(5))


@pytest.mark.parametrize(("paid", "covered"), [(99_500, True), (99_499, False), (99_900, True)])
def test_what_is_left_within_the_tolerance_is_covered(paid: int, covered: bool) -> None:
    """1,000.00 less an advance of 995.00 leaves 5.00, the tolerance."""
    items = [OpenItem("advance", day(0), -paid), OpenItem("a", day(0), 100_000)]
    assert (covered_debts(items, day(1), 500) == {"a": Blocking(None)}) is covered
    assert covered_debts(items, day(1)) == {}


def test_no_tolerance_without_a_credit() -> None:
    assert covered_debts([OpenItem("a", day(0), 300)], day(1), 500) == {}


@given(ITEMS, st.integers(-25, 45))
def test_it_says_what_the_rule_says(items: list[tuple[int, int]], today: int) -> None:
    rows = [OpenItem(number, day(due), residual) for number, (due, residual) in enumerate(items)]
    found = covered_debts(rows, day(today))
    for debt in rows:
        if debt.residual > 0:
            assert (debt.key in found) == _by_the_rule(rows, debt.key, day(today)), debt
    for number, standing in found.items():
        last = standing.until
        if last is not None:
            assert _by_the_rule(rows, number, last)
            assert not _by_the_rule(rows, number, last + timedelta(days=1))


def _by_the_rule(rows: list[OpenItem[int]], number: int, on: date) -> bool:
    credits = -sum(row.residual for row in rows if row.residual < 0)
    past_due = sum(
        row.residual for row in rows if row.residual > 0 and (row.due < on or row.key == number)
    )
    return credits > 0 and credits >= past_due
