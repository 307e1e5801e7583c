"""Fees by the price list: every amount here was computed by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.exchange import Service
from incasso.domain.placement.fees import (
    Entry,
    FeeRule,
    Income,
    Part,
    Placed,
    expected_fee,
    expected_fees,
    opening_fee,
    report_fee,
)
from tests.placement.price_lists import MARGINAL, WHOLE, price_list
from tests.profiles import tries

PLACED_ON = date(2026, 2, 1)
ROSSI, BRACKETS = price_list(WHOLE), price_list(MARGINAL)


def placed(amount: int = 400_000, **more: Any) -> Placed:
    given = {"on": PLACED_ON, "currency": "EUR", "service": Service.EXTRAJUDICIAL, **more}
    return Placed(amount=amount, **given)


def paid(amount: int, days_late: int = 60, id: str = "p1", **more: Any) -> Entry:
    given = {"income": Income.COLLECTED, "on": date(2026, 3, 1), **more}
    return Entry(id=id, parts=(Part(amount, days_late),), **given)


def direct(on: date, amount: int = 100_000) -> Entry:
    return paid(amount, income=Income.DIRECT, on=on)


def back(amount: int, of: str = "p1") -> Entry:
    return paid(amount, id=f"back of {of}", income=Income.REVERSAL, of=of)


@pytest.mark.parametrize(
    ("whole", "amount", "days_late", "fee", "rule"),
    [
        (400_000, 123_456, 60, 9_876, FeeRule.PERCENT),  # 8 % of 1,234.56 is 98.7648
        (400_000, 123_456, 91, 15_432, FeeRule.PERCENT),  # 12.5 % is 154.32
        (400_000, 123_456, 90, 9_876, FeeRule.PERCENT),  # the last day of the younger band
        (500_000, 100_000, 0, 8_000, FeeRule.PERCENT),  # the band ends with its limit
        (500_001, 100_000, 0, 6_000, FeeRule.PERCENT),
        (400_000, 3_000, 60, 500, FeeRule.MINIMUM),  # 8 % would be 2.40
        (1_000_000, 800_000, 400, 50_000, FeeRule.MAXIMUM),  # 12.5 % would be 1,000.00
    ],
)
def test_one_percentage_for_all_money_of_a_placement(
    whole: int, amount: int, days_late: int, fee: int, rule: FeeRule
) -> None:
    found = expected_fee(ROSSI, placed(whole), paid(amount, days_late))
    assert (found.amount, found.rule) == (fee, rule)


def test_each_part_of_the_money_has_the_percentage_of_its_band() -> None:
    """1,000 at 10 %, then 4,000 at 8 %, the rest at 5 %."""
    entries = [
        paid(60_000, id="a"),  # 60.00
        paid(90_000, id="b"),  # 400 at 10 %, 500 at 8 %: 80.00
        paid(500_000, id="c"),  # 3,500 at 8 %, 1,500 at 5 %: 355.00
        back(90_000, "b"),
        paid(10_000, id="d"),  # 5,600 were recovered: 5 %
    ]
    fees = expected_fees(BRACKETS, placed(2_000_000), entries)
    assert [fee.amount for fee in fees] == [6_000, 8_000, 35_500, -8_000, 500]
    assert [fee.rule.value for fee in fees] == [
        "percent", "brackets", "brackets", "taken_back", "percent",
    ]  # fmt: skip


def test_a_payment_of_several_installments_is_rounded_once() -> None:
    """8 % of 0.55 is 4.4 cents, 12.5 % of 0.45 is 5.625: together 10.025, of themselves 4 and 6."""
    prices = price_list(WHOLE.replace('minimum = "5.00"\n', ""))
    payment = Entry(
        id="p", income=Income.COLLECTED, on=date(2026, 3, 1), parts=(Part(55, 60), Part(45, 200))
    )
    found = expected_fee(prices, placed(), payment)
    assert (found.amount, found.rule) == (10, FeeRule.BRACKETS)
    payment = msgspec.structs.replace(payment, parts=(Part(53, 60), Part(53, 60)))
    assert expected_fee(prices, placed(), payment).amount == 8  # 8.48; each 4.24
    payment = msgspec.structs.replace(payment, parts=(Part(57, 60), Part(57, 60)))
    assert expected_fee(prices, placed(), payment).amount == 9  # 9.12; each would be 5


def test_half_a_cent_is_rounded_up() -> None:
    prices = price_list(WHOLE.replace('minimum = "5.00"\n', "").replace('"12.5"', '"2.5"'))
    for amount, fee in ((20, 1), (19, 0), (60, 2), (59, 1)):  # 0.5, 0.475, 1.5 and 1.475 cents
        assert expected_fee(prices, placed(), paid(amount, 91)).amount == fee


def test_what_is_given_back_in_parts_is_the_whole_fee() -> None:
    """8.00 for 100.00: of a third 2.6664, of two 5.3328, of all of it the rest."""
    entries = [paid(10_000), back(3_333), back(3_333), back(3_334), back(1)]
    fees = expected_fees(ROSSI, placed(), entries)
    assert [fee.amount for fee in fees] == [800, -267, -266, -267, 0]


def test_a_reversal_of_what_was_never_paid_gives_nothing_back() -> None:
    found = expected_fee(ROSSI, placed(), back(100, "p9"))
    assert (found.amount, found.rule) == (0, FeeRule.NOTHING_TO_TAKE_BACK)
    assert found.values == {"payment": "p9"}


@pytest.mark.parametrize(
    ("on", "fee", "rule"),
    [
        (date(2026, 2, 5), 0, FeeRule.DIRECT_FREE),  # four days after the hand-over
        (date(2026, 2, 6), 6_000, FeeRule.DIRECT),
        (date(2026, 5, 16), 6_000, FeeRule.DIRECT),  # fifteen days after its end
        (date(2026, 5, 17), 0, FeeRule.DIRECT_AFTER),
    ],
)
def test_what_the_client_pays_the_creditor(on: date, fee: int, rule: FeeRule) -> None:
    found = expected_fee(ROSSI, placed(ended_on=date(2026, 5, 1)), direct(on))
    assert (found.amount, found.rule) == (fee, rule)


def test_direct_payments_may_cost_the_same_as_others_or_nothing() -> None:
    entries = [direct(date(2026, 3, 1), 60_000), paid(90_000, id="p2")]
    fees = expected_fees(BRACKETS, placed(), entries)
    assert [fee.amount for fee in fees] == [6_000, 8_000]  # they fill the bands too
    without = price_list(MARGINAL.replace("direct = {}", ""))
    found = expected_fee(without, placed(), entries[0])
    assert (found.amount, found.rule) == (0, FeeRule.DIRECT_NONE)


def test_opening_and_reports_have_fixed_prices() -> None:
    assert opening_fee(ROSSI, placed(100_000)).amount == 1_000
    assert opening_fee(ROSSI, placed(100_001)).amount == 2_500
    assert opening_fee(BRACKETS, placed()).amount == 0
    assert report_fee(ROSSI, placed(service=Service.DUE_DILIGENCE)).amount == 3_500
    assert report_fee(ROSSI, placed()).amount == 0


def test_the_version_is_that_of_the_hand_over() -> None:
    newer = WHOLE + '\n[[price_list.version]]\nfrom = 2026-07-01\nrate = [{ percent = "9" }]\n'
    prices = price_list(newer)
    late = paid(100_000, on=date(2026, 9, 1))
    assert expected_fee(prices, placed(on=date(2026, 6, 30)), late).amount == 8_000
    assert expected_fee(prices, placed(on=date(2026, 7, 1)), late).amount == 9_000
    before = expected_fee(prices, placed(on=date(2025, 12, 31)), late)
    assert (before.amount, before.rule) == (0, FeeRule.NO_PRICES)
    other = expected_fee(prices, placed(currency="CHF"), late)
    assert (other.amount, other.rule) == (0, FeeRule.OTHER_CURRENCY)


amounts = st.integers(1, 3_000_000)


@tries(40)
@given(st.sampled_from([ROSSI, BRACKETS]), st.lists(amounts, min_size=1, max_size=6), amounts)
def test_all_taken_back_costs_nothing(prices: Any, payments: list[int], whole: int) -> None:
    entries = [paid(amount, id=str(n)) for n, amount in enumerate(payments)]
    entries += [back(amount, str(n)) for n, amount in enumerate(payments)]
    fees = expected_fees(prices, placed(whole), entries)
    half = len(payments)
    assert [fee.amount for fee in fees[half:]] == [-fee.amount for fee in fees[:half]]


@tries(40)
@given(st.lists(amounts, min_size=1, max_size=6))
def test_bands_leave_no_cent_out(payments: list[int]) -> None:
    """Cent for cent: the first 100,000 at 10 %, up to 500,000 at 8 %, the rest at 5 %."""
    entries = [paid(amount, id=str(n)) for n, amount in enumerate(payments)]
    fees = expected_fees(BRACKETS, placed(), entries)
    total = sum(payments)
    exact = (
        Fraction(min(total, 100_000), 10)
        + Fraction(8 * max(0, min(total, 500_000) - 100_000), 100)
        + Fraction(5 * max(0, total - 500_000), 100)
    )
    assert abs(sum(fee.amount for fee in fees) - exact) <= Fraction(len(payments), 2)


@tries(40)
@given(st.integers(-400, 40_000), amounts, amounts)
def test_every_age_and_amount_has_a_percentage(days_late: int, whole: int, amount: int) -> None:
    on = PLACED_ON + timedelta(days=10)
    found = expected_fee(ROSSI, placed(whole), paid(amount, days_late, on=on))
    percent = "12.5" if days_late > 90 else "8" if whole <= 500_000 else "6"
    assert found.rule in (FeeRule.PERCENT, FeeRule.MINIMUM, FeeRule.MAXIMUM)
    assert str(found.values["percent"]) == percent
