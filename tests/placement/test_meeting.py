"""Where the ERP's ledger and a provider's word meet."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.domain.placement.account import RowAccount
from incasso.domain.placement.meeting import Collected, residual_moved, unmet_since
from incasso.domain.placement.states import EntryKind

MAY, JUNE, JULY = date(2026, 5, 4), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("collected", "direct", "fall", "credited", "expected", "unmet"),
    [
        (0, 0, 4_000, 0, [(EntryKind.DIRECT, 4_000)], 0),
        (4_000, 0, 4_000, 0, [], 0),
        (4_000, 0, 1_500, 0, [], 2_500),
        (4_000, 0, 6_000, 0, [(EntryKind.DIRECT, 2_000)], 0),
        (0, 0, 4_000, 1_000, [(EntryKind.REDUCED, 1_000), (EntryKind.DIRECT, 3_000)], 0),
        (0, 0, 4_000, 9_000, [(EntryKind.REDUCED, 4_000)], 0),
        (0, 3_000, -3_000, 0, [(EntryKind.DIRECT_REVERSED, 3_000)], 0),
        (0, 3_000, -5_000, 0, [(EntryKind.DIRECT_REVERSED, 3_000), (EntryKind.RAISED, 2_000)], 0),
        (0, 0, 0, 500, [], 0),
    ],
)
def test_what_a_changed_residual_means(
    collected: int,
    direct: int,
    fall: int,
    credited: int,
    expected: list[tuple[EntryKind, int]],
    unmet: int,
) -> None:
    row = RowAccount(row=1, due=MAY, placed=10_000)
    if collected:
        row.book(EntryKind.COLLECTED, collected)
    if direct:
        row.book(EntryKind.DIRECT, direct)
    assert residual_moved(row, fall, credited) == expected
    assert row.unmet == unmet


def test_a_payment_that_came_back_at_the_provider_comes_back_in_the_erp() -> None:
    row = RowAccount(row=1, due=MAY, placed=10_000)
    row.book(EntryKind.COLLECTED, 4_000)
    assert residual_moved(row, 4_000, 0) == []
    row.book(EntryKind.REVERSED, 4_000)
    assert row.unmet == -4_000
    assert residual_moved(row, -4_000, 0) == []
    assert (row.unmet, row.open) == (0, 10_000)


def test_the_erp_shows_the_oldest_payment_first() -> None:
    paid = [Collected(MAY, 3_000), Collected(JULY, 1_000), Collected(JUNE, 2_000)]
    assert unmet_since(6_000, paid) == MAY
    assert unmet_since(3_001, paid) == MAY
    assert unmet_since(3_000, paid) == JUNE
    assert unmet_since(1_000, paid) == JULY
    assert unmet_since(0, paid) is None
