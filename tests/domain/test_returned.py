"""Returned bills that the ERP does not tell of: what its silence means."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from incasso.domain.ledger.returned_bills import Bill, bank_dates

DUE, ON = date(2026, 10, 31), date(2026, 11, 23)
PRESENTED, RETURNED, AGAIN = date(2026, 10, 20), date(2026, 11, 10), date(2026, 11, 20)


def was(**dates: Any) -> Bill:
    return Bill(**{"due_date": DUE, "presented_on": None, "unpaid_on": None, **dates})


@pytest.mark.parametrize(
    ("before", "residual", "presented_on", "now"),
    [
        pytest.param(was(), 100, None, (None, None), id="an ordinary debt"),
        pytest.param(was(), 100, PRESENTED, (PRESENTED, None), id="presented"),
        pytest.param(was(presented_on=PRESENTED), 100, None, (None, ON), id="back"),
        pytest.param(was(presented_on=PRESENTED), 0, None, (PRESENTED, None), id="collected"),
        pytest.param(was(unpaid_on=RETURNED), 60, None, (None, RETURNED), id="stays unpaid"),
        pytest.param(was(unpaid_on=RETURNED), 0, None, (None, RETURNED), id="paid at last"),
        pytest.param(was(unpaid_on=RETURNED), 100, AGAIN, (AGAIN, None), id="presented anew"),
        pytest.param(
            was(presented_on=PRESENTED, due_date=date(2026, 11, 24)),
            100,
            None,
            (None, None),
            id="withdrawn before its due date",
        ),
    ],
)
def test_what_silence_means(before: Bill, residual: int, presented_on: Any, now: Any) -> None:
    assert bank_dates(before, residual=residual, presented_on=presented_on, on=ON) == now
