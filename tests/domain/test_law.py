"""Interest for late payment against hand-computed and published figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.law.claim import Item, claim, last_known_day
from incasso.domain.law.commercial_rates import commercial_rates
from incasso.domain.law.interest import interest
from incasso.domain.law.legal_rates import legal_rates
from incasso.domain.law.rates import Rate, RateTable
from incasso.domain.law.terms import Rule

NEW, OLD = date(2013, 1, 1), date(2012, 12, 31)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first_day", "percent"),
    [
        ("2013-01-01", "8.75"), ("2014-07-01", "8.15"), ("2016-07-01", "8.00"),
        ("2022-12-31", "8.00"), ("2023-01-01", "10.50"), ("2023-07-01", "12.00"),
        ("2024-01-01", "12.50"), ("2024-07-01", "12.25"), ("2025-01-01", "11.15"),
        ("2025-07-01", "10.15"), ("2026-06-30", "10.15"), ("2026-07-01", "10.40"),
    ],
)  # fmt: skip
def test_the_commercial_rate_of_a_half_year(first_day: str, percent: str) -> None:
    rate = commercial_rates(NEW).on(day(first_day))
    assert rate is not None
    assert rate.percent == Decimal(percent)
    assert rate.source


@pytest.mark.parametrize(
    ("first_day", "percent"),
    [
        ("2002-07-01", "10.35"), ("2008-01-01", "11.20"), ("2011-07-01", "8.25"),
        ("2013-01-01", "7.75"),
    ],
)  # fmt: skip
def test_a_transaction_before_2013_keeps_seven_points(first_day: str, percent: str) -> None:
    rate = commercial_rates(OLD).on(day(first_day))
    assert rate is not None
    assert rate.percent == Decimal(percent)


@pytest.mark.parametrize(
    ("capital", "due", "until", "concluded", "expected"),
    [
        # 253.05 for 91 days at 10.15, 262.14 for 92 days at 10.40.
        ("10000", "2026-03-31", "2026-09-30", NEW, "515.19"),
        ("10000", "2023-01-01", "2024-01-01", NEW, "1126.16"),
        ("10000", "2012-01-01", "2012-12-31", OLD, "800.00"),
        ("10000", "2003-01-01", "2003-12-31", OLD, "944.49"),
        ("5000", "2012-10-15", "2012-12-31", OLD, "84.38"),
        ("1000", "2010-01-01", "2012-01-01", OLD, "161.26"),
        ("50000", "2023-10-31", "2025-02-28", NEW, "8108.01"),
        ("25000", "2025-07-15", "2025-08-31", NEW, "326.75"),
        ("10000", "2025-12-31", "2026-01-01", NEW, "2.78"),
        ("10000", "2013-03-31", "2013-09-30", OLD, "382.26"),
    ],
)
def test_commercial_interest(
    capital: str, due: str, until: str, concluded: date, expected: str
) -> None:
    found = interest(Decimal(capital), day(due), day(until), commercial_rates(concluded))
    assert found is not None
    assert found.amount == Decimal(expected)
    assert found.days == (day(until) - day(due)).days
    assert found.until == day(until)


def test_legal_interest() -> None:
    """1,000 for 83 days at 2.5 %: 1000 × 2.5 × 83 / 36500 = 5.68."""
    found = interest(Decimal(1000), day("2007-06-10"), day("2007-09-01"), legal_rates())
    assert found is not None
    assert (found.amount, found.days) == (Decimal("5.68"), 83)
    # 2025: 31 days at 2 % = 1.70; 2026: 31 days at 1.6 % = 1.36.
    found = interest(Decimal(1000), day("2025-11-30"), day("2026-01-31"), legal_rates())
    assert found is not None
    assert [each.amount for each in found.periods] == [Decimal("1.70"), Decimal("1.36")]


def test_no_figure_is_guessed() -> None:
    rates = commercial_rates(NEW)
    assert rates.on(rates.last + timedelta(days=1)) is None
    assert rates.on(rates.first - timedelta(days=1)) is None
    assert interest(Decimal(100), day("2002-06-29"), day("2003-01-01"), rates) is None
    later = interest(Decimal(100), rates.last, rates.last + timedelta(days=9), rates)
    assert later is not None
    assert (later.until, later.amount) == (rates.last, Decimal(0))
    cut = interest(Decimal(10000), day("2026-11-30"), rates.last + timedelta(days=31), rates)
    assert cut is not None
    assert (cut.until, cut.amount) == (day("2026-12-31"), Decimal("88.33"))
    assert last_known_day() == day("2026-12-31")


def test_nothing_before_the_day_after_the_due_date() -> None:
    found = interest(Decimal(100), day("2026-11-23"), day("2026-11-23"), commercial_rates(NEW))
    assert found is not None
    assert (found.amount, found.days) == (Decimal(0), 0)


def test_a_table_without_gaps() -> None:
    first = Rate(day("2020-01-01"), day("2020-06-30"), Decimal(1), "x")
    with pytest.raises(ValueError, match="does not follow"):
        RateTable([first, Rate(day("2020-07-02"), day("2020-12-31"), Decimal(1), "x")])


def items(*given_: tuple[str, str, str]) -> list[Item]:
    return [Item(document, day(due), Decimal(amount)) for document, due, amount in given_]


def test_a_business_owes_interest_and_forty_euro_for_each_invoice() -> None:
    """Two instalments of one invoice, one of another, one not yet due."""
    found = claim(
        items(
            ("1", "2026-09-30", "1000"),  # 64 days: 1000 × 10.40 × 64 / 36500 = 18.24
            ("1", "2026-10-31", "1000"),  # 33 days: 9.40
            ("2", "2026-11-30", "500"),  # 3 days: 0.43
            ("3", "2026-12-31", "900"),
        ),
        day("2026-12-03"),
        Rule.COMMERCIAL,
    )
    assert [each and each.amount for each in found.items] == [
        Decimal("18.24"), Decimal("9.40"), Decimal("0.43"), Decimal("0.00"),
    ]  # fmt: skip
    assert (found.interest, found.invoices, found.costs) == (Decimal("28.07"), 2, Decimal(80))
    assert found.until == day("2026-12-03")


def test_a_consumer_owes_the_legal_rate_and_no_fixed_sum() -> None:
    """1000 × 1.6 × 64 / 36500 = 2.81."""
    found = claim(items(("1", "2026-09-30", "1000")), day("2026-12-03"), Rule.LEGAL)
    assert (found.interest, found.costs) == (Decimal("2.81"), Decimal(0))


def test_a_credit_pays_the_oldest_first() -> None:
    """300 of the oldest are left: 300 × 10.40 × 64 / 36500 = 5.47; the other 33 days: 9.40."""
    found = claim(
        items(
            ("N", "2026-11-01", "-700"), ("2", "2026-10-31", "1000"), ("1", "2026-09-30", "1000")
        ),
        day("2026-12-03"),
        Rule.COMMERCIAL,
    )
    assert [each and each.amount for each in found.items] == [
        Decimal("0.00"), Decimal("9.40"), Decimal("5.47"),
    ]  # fmt: skip
    assert found.invoices == 2


@given(
    cents=st.integers(1, 10**9),
    due=st.dates(date(2013, 1, 1), date(2026, 12, 1)),
    days=st.integers(0, 400),
    cut=st.integers(0, 400),
)
def test_interest_of_two_spans_is_that_of_both(cents: int, due: date, days: int, cut: int) -> None:
    """But for a cent of rounding at the cut."""
    capital, rates = Decimal(cents).scaleb(-2), commercial_rates(NEW)
    until = min(due + timedelta(days=days), rates.last)
    middle = min(due + timedelta(days=cut), until)
    whole = interest(capital, due, until, rates)
    first = interest(capital, due, middle, rates)
    second = interest(capital, middle, until, rates)
    assert whole and first and second
    assert abs(whole.amount - first.amount - second.amount) <= Decimal("0.01")
    assert whole.days == first.days + second.days
