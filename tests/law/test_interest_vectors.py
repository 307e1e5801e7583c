"""Every published or recomputed figure for late-payment interest, exact to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.law.agrifood_rates import agrifood_rates
from incasso.domain.law.commercial_rates import commercial_rates
from incasso.domain.law.interest import DayCount, interest
from incasso.domain.law.legal_rates import legal_rates
from incasso.domain.law.rates import RateTable
from incasso.domain.law.running import Allocation, PartPayment, Running, running
from incasso.domain.law.terms import Rule, Terms

PLUS_8 = Terms(Rule.COMMERCIAL, concluded_on=date(2013, 1, 1))
PLUS_7 = Terms(Rule.COMMERCIAL, concluded_on=date(2012, 12, 31))
AGREED = Terms(Rule.AGREED, Decimal("8.5"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def run(capital: str, due: str, until: str, terms: Terms, *paid: tuple[str, str]) -> Running:
    payments = [PartPayment(day(on), Decimal(amount)) for on, amount in paid]
    rates = terms.rates(day(due))
    found = running(Decimal(capital), day(due), payments, day(until), rates)
    assert found is not None
    return found


def rows(found: Running) -> str:
    return "; ".join(
        f"{each.percent.normalize():f}/{each.days}/{each.amount}" for each in found.rows
    )


@pytest.mark.parametrize(
    ("capital", "due", "until", "terms", "interest", "counted"),
    [
        ("10000", "2026-03-31", "2026-09-30", PLUS_8, "515.19", "10.15/91/253.05; 10.4/92/262.14"),
        ("10000", "2023-01-01", "2024-01-01", PLUS_8, "1126.16",
         "10.5/180/517.81; 12/184/604.93; 12.5/1/3.42"),
        ("10000", "2024-01-01", "2024-12-31", PLUS_8, "1237.39",
         "12.5/181/619.86; 12.25/184/617.53"),
        ("10000", "2012-01-01", "2012-12-31", PLUS_7, "800.00", "8/181/396.71; 8/184/403.29"),
        ("10000", "2013-01-01", "2013-12-31", PLUS_8, "860.00", "8.75/180/431.51; 8.5/184/428.49"),
        ("10000", "2003-01-01", "2003-12-31", PLUS_7, "944.49", "9.85/180/485.75; 9.1/184/458.74"),
        ("10000", "2002-09-01", "2002-12-31", PLUS_7, "343.11", "10.35/121/343.11"),
        ("10000", "2002-08-31", "2002-12-31", PLUS_7, "345.95", "10.35/122/345.95"),
        ("5000", "2012-10-15", "2012-12-31", PLUS_7, "84.38", "8/77/84.38"),
        ("100000", "2023-12-15", "2024-01-15", PLUS_8, "1039.73", "12/16/526.03; 12.5/15/513.70"),
        ("10000", "2026-11-30", "2027-01-31", PLUS_8, "176.66", "10.4/31/88.33; 10.4/31/88.33"),
        ("10000", "2026-12-31", "2027-01-31", PLUS_8, "88.33", "10.4/31/88.33"),
        ("1000", "2010-01-01", "2012-01-01", PLUS_7, "161.26",
         "8/180/39.45; 8/184/40.33; 8/181/39.67; 8.25/184/41.59; 8/1/0.22"),
        ("10000", "2023-12-31", "2024-12-31", AGREED, "852.33", "8.5/366/852.33"),
        ("10000", "2024-06-30", "2025-06-30", AGREED, "850.00", "8.5/365/850.00"),
        ("50000", "2023-10-31", "2025-02-28", PLUS_8, "8108.01",
         "12/61/1002.74; 12.5/182/3116.44; 12.25/184/3087.67; 11.15/59/901.16"),
        ("10000", "2013-03-31", "2013-09-30", PLUS_8, "432.40", "8.75/91/218.15; 8.5/92/214.25"),
        ("10000", "2013-03-31", "2013-09-30", PLUS_7, "382.26", "7.75/91/193.22; 7.5/92/189.04"),
        ("25000", "2025-07-15", "2025-08-31", PLUS_8, "326.75", "10.15/47/326.75"),
        ("10000", "2025-12-31", "2026-01-01", PLUS_8, "2.78", "10.15/1/2.78"),
    ],
)  # fmt: skip
def test_a_vector(
    capital: str, due: str, until: str, terms: Terms, interest: str, counted: str
) -> None:
    found = run(capital, due, until, terms)
    assert rows(found) == counted
    assert found.interest == found.unpaid_interest == Decimal(interest)
    assert found.provisional is (until > "2026-12-31")


def test_the_whole_commercial_table() -> None:
    """The reference rate of each half-year, typed once more from the notices, oldest first."""
    references = (
        "3.35 2.85 2.10 2.02 2.01 2.09 2.05 2.25 2.83 3.58 4.07 4.20 4.10 2.50 1.00 1.00 1.00 1.00 "
        "1.25 1.00 1.00 0.75 0.50 0.25 0.15 0.05 0.05 0.05 " + "0.00 " * 13
        + "2.50 4.00 4.50 4.25 3.15 2.15 2.15 2.40"
    ).split()  # fmt: skip
    new, old = commercial_rates(date(2013, 1, 1)), commercial_rates(date(2012, 12, 31))
    assert [each.percent - 8 for each in new.rates] == list(map(Decimal, references))
    assert [each.percent - 7 for each in old.rates] == list(map(Decimal, references))


@pytest.mark.parametrize(
    ("on", "wrong", "concluded_on"),
    [
        ("2024-07-01", "11.65", "2024-01-01"),
        ("2025-01-01", "10.65", "2024-01-01"),
        ("2024-07-01", "12.50", "2024-01-01"),  # 4.50 for the second half of 2024
        ("2012-07-01", "9.00", "2012-01-01"),  # +8 before 2013
    ],
)
def test_ours_is_none_of_the_wrong_tables(on: str, wrong: str, concluded_on: str) -> None:
    found = commercial_rates(day(concluded_on)).on(day(on))
    assert found is not None
    assert found.percent != Decimal(wrong)


def test_the_whole_legal_table() -> None:
    """From 1990 on, a year's first of January each, typed once more from the decrees."""
    written = {
        1990: "5", 1991: "10", 1996: "10", 1997: "5", 1998: "5", 1999: "2.5", 2000: "2.5",
        2001: "3.5", 2002: "3", 2003: "3", 2004: "2.5", 2007: "2.5", 2008: "3", 2009: "3",
        2010: "1", 2011: "1.5", 2012: "2.5", 2013: "2.5", 2014: "1", 2015: "0.5", 2016: "0.2",
        2017: "0.1", 2018: "0.3", 2019: "0.8", 2020: "0.05", 2021: "0.01", 2022: "1.25",
        2023: "5", 2024: "2.5", 2025: "2", 2026: "1.6",
    }  # fmt: skip
    rates = legal_rates()
    for year, percent in written.items():
        assert (found := rates.on(date(year, 1, 1))) and found.percent == Decimal(percent), year
    assert (found := rates.on(day("1990-12-15"))) and found.percent == 5
    assert (found := rates.on(day("1990-12-16"))) and found.percent == 10


def actual(capital: str, due: str, until: str, rates: RateTable) -> list[Decimal]:
    found = interest(Decimal(capital), day(due), day(until), rates, DayCount.ACTUAL)
    assert found is not None
    return [each.amount for each in found.periods]


def test_legal_interest_of_one_summer() -> None:
    """1,000 for 83 days of 2007 at 2.5 %."""
    assert rows(run("1000", "2007-06-10", "2007-09-01", Terms(Rule.LEGAL))) == "2.5/83/5.68"


def test_legal_interest_over_years_with_366_days_in_2000() -> None:
    """As ASTAT publishes it: 27.95, 25.00, 25.00, 35.00, and 50.05 for 2002 and 2003."""
    found = actual("1000", "1998-06-10", "2003-09-01", legal_rates())
    assert list(map(str, found)) == ["27.95", "25.00", "25.00", "35.00", "30.00", "20.05"]
    assert sum(found) == Decimal("163.00")


def test_the_same_with_365_days_in_every_year() -> None:
    """731 days at 2.5 % are 50.07, instead of 50.00 for two years."""
    found = run("1000", "1998-06-10", "2003-09-01", Terms(Rule.LEGAL))
    assert rows(found) == "5/204/27.95; 2.5/731/50.07; 3.5/365/35.00; 3/609/50.05"
    assert found.interest == Decimal("163.07")


def test_the_commercial_rate_with_366_days_in_2024() -> None:
    """Published as 1,234.02 and, not rounded row by row, 1,038.32."""
    new = commercial_rates(date(2013, 1, 1))
    assert sum(actual("10000", "2024-01-01", "2024-12-31", new)) == Decimal("1234.02")
    assert list(map(str, actual("100000", "2023-12-15", "2024-01-15", new))) == [
        "526.03", "512.30",
    ]  # fmt: skip


def test_food_costs_four_points_more() -> None:
    """14.40 instead of 10.40 in the second half of 2026; two points from 24 October 2012."""
    found = agrifood_rates(date(2026, 1, 1)).on(day("2026-07-01"))
    assert found is not None and found.percent == Decimal("14.40")
    rates = agrifood_rates(date(2013, 1, 1))
    for on, percent in {
        "2012-10-23": "9.00", "2012-10-24": "11.00", "2015-07-03": "10.05", "2015-07-04": "12.05",
    }.items():  # fmt: skip
        assert (found := rates.on(day(on))) and found.percent == Decimal(percent), on
    # 10000 × 14.40 × 30 / 36500 = 118.36
    assert run("10000", "2026-08-31", "2026-09-30", Terms(Rule.AGRIFOOD)).interest == Decimal(
        "118.36"
    )


def test_each_payment_ends_a_row() -> None:
    """10,000 due 31 March 2025, 4,000 paid on 30 June, counted up to 30 September.

    91 days of 11.15 % on 10,000 are 277.99. Capital first leaves 6,000: 92 days of 10.15 % are
    153.50. Interest first leaves 6,277.99: 160.61, and none of the first row.
    """
    found = run("10000", "2025-03-31", "2025-09-30", PLUS_8, ("2025-06-30", "4000"))
    assert rows(found) == "11.15/91/277.99; 10.15/92/153.50"
    assert (found.capital, found.unpaid_interest) == (Decimal(6000), Decimal("431.49"))
    rates = PLUS_8.rates(day("2025-03-31"))
    paid = [PartPayment(day("2025-06-30"), Decimal(4000))]
    other = running(
        Decimal(10000), day("2025-03-31"), paid, day("2025-09-30"), rates, Allocation.INTEREST
    )
    assert other is not None
    assert rows(other) == "11.15/91/277.99; 10.15/92/160.61"
    assert (other.capital, other.unpaid_interest) == (Decimal("6277.99"), Decimal("160.61"))


def test_payments_that_are_odd() -> None:
    """Before the due date, after the last day, more than was owed, and one that was taken back."""
    early = run("1000", "2025-03-31", "2025-04-30", PLUS_8, ("2025-03-01", "400"))
    assert early.rows[0].capital == 600
    later = run("1000", "2025-03-31", "2025-04-30", PLUS_8, ("2025-05-01", "400"))
    assert later.capital == 1000
    # 30 days of 11.15 % on 1,000 are 9.16: 1,005 leave 4.16 of it and no capital.
    over = run("1000", "2025-03-31", "2025-12-31", PLUS_8, ("2025-04-30", "1005"))
    assert (over.capital, over.unpaid_interest) == (Decimal(0), Decimal("4.16"))
    assert len(over.rows) == 1
    back = run(
        "1000", "2025-03-31", "2025-06-29", PLUS_8, ("2025-04-30", "400"), ("2025-05-30", "-400")
    )
    assert [each.capital for each in back.rows] == [1000, 600, 1000]
    assert running(
        Decimal(1), day("1942-04-19"), (), day("1950-01-01"), legal_rates()
    ) is None  # fmt: skip


@given(
    cents=st.integers(1, 10**8),
    due=st.dates(date(2013, 1, 1), date(2026, 12, 1)),
    days=st.integers(0, 900),
    paid=st.lists(st.tuples(st.integers(-30, 900), st.integers(1, 10**8)), max_size=4),
    allocation=st.sampled_from(Allocation),
)
def test_nothing_is_lost_in_parts(
    cents: int, due: date, days: int, paid: list[tuple[int, int]], allocation: Allocation
) -> None:
    """What is left and what was paid is the capital and its interest, whatever is paid first."""
    until, capital = due + timedelta(days=days), Decimal(cents).scaleb(-2)
    payments = [
        PartPayment(due + timedelta(days=after), Decimal(each).scaleb(-2)) for after, each in paid
    ]
    found = running(capital, due, payments, until, PLUS_8.rates(due), allocation)
    assert found is not None
    came_in = sum((each.amount for each in payments if each.on <= until), Decimal(0))
    left = found.capital + found.unpaid_interest
    owed = capital + found.interest
    assert left == max(owed - came_in, left)
    assert left >= 0 and found.capital >= 0 and found.unpaid_interest >= 0
    if came_in <= capital:
        assert left == owed - came_in


def test_terms_need_their_rate() -> None:
    with pytest.raises(ValueError, match="AGREED"):
        Terms(Rule.AGREED)
    with pytest.raises(ValueError, match="AGREED"):
        Terms(Rule.LEGAL, Decimal(5))
