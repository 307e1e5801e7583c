"""A fee note beside the price list: what is asked too much, and the rule that explains it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.exchange import Service
from incasso.domain.placement.fee_notes import Asked, Compared, Finding, compare
from incasso.domain.placement.fees import Entry, FeeRule, Income, Part, Placed, expected_fees
from incasso.domain.placement.prices import PriceList
from incasso.locale.fees import due_text, finding_text
from tests.placement.price_lists import MARGINAL, WHOLE, price_list
from tests.profiles import tries

ROSSI = price_list(WHOLE.replace("opening = [", "# opening = ["))
"""8 % up to ninety days, 12.5 % above; 5.00 to 500.00 a payment; direct 6 % after five days."""
OPENED = price_list(WHOLE)
PLACED = Placed(on=date(2026, 2, 1), amount=400_000, currency="EUR", service=Service.EXTRAJUDICIAL)
MARCH = date(2026, 3, 1)


def paid(amount: int, id: str = "p1", late: int = 60, income: Income = Income.COLLECTED) -> Entry:
    return Entry(id=id, income=income, on=MARCH, parts=(Part(amount, late),))


def back(amount: int, of: str = "p1") -> Entry:
    return Entry(id=f"r{of}", income=Income.REVERSAL, on=MARCH, parts=(Part(amount),), of=of)


def asked(amount: int, payment: str = "p1", currency: str = "EUR", id: str = "f1") -> Asked:
    return Asked(id=id, payment=payment, on=MARCH, amount=amount, currency=currency)


DIRECT = paid(100_000, income=Income.DIRECT)
EARLY = Entry(id="p1", income=Income.DIRECT, on=date(2026, 2, 3), parts=(Part(100_000),))


@pytest.mark.parametrize(
    ("entries", "lines", "due", "finding", "said"),
    [
        ([paid(100_000)], [asked(8_000)], 8_000, "agreed", "as agreed"),
        ([paid(100_000)], [], 8_000, "not_asked", "not asked yet"),
        ([], [asked(8_000, "p9")], 0, "unknown_payment", "no such payment is known"),
        ([paid(100_000)], [asked(8_000), asked(8_000, id="f2")], 8_000, "asked_twice", "2 times"),
        ([paid(100_000), back(100_000)], [asked(8_000)], 0, "taken_back", "came back"),
        ([paid(100_000), back(50_000)], [asked(8_000)], 4_000, "taken_back", "came back"),
        ([paid(100_000), back(100_000)], [asked(8_000), asked(-8_000, "rp1")], 0, "agreed", ""),
        ([EARLY], [asked(6_000)], 0, "direct_not_due", "nothing is due on this payment"),
        ([DIRECT], [asked(6_000)], 6_000, "agreed", ""),
        ([DIRECT], [asked(8_000)], 6_000, "other_band", "another band was asked: 8 %"),
        ([paid(123_456)], [asked(9_877)], 9_876, "rounding", "a cent of rounding"),
        ([paid(100_000)], [asked(12_500)], 8_000, "other_band", "another band was asked: 12.5 %"),
        ([paid(3_000)], [asked(240)], 500, "limit_not_kept", "8 % without the least or largest"),
        ([paid(100_000)], [asked(9_900)], 8_000, "other_amount", "9.90 % was asked, which no line"),
        ([paid(100_000)], [asked(8_000, currency="CHF")], 8_000, "other_currency", "in CHF"),
    ],
)
def test_what_explains_a_difference(
    entries: list[Entry], lines: list[Asked], due: int, finding: str, said: str
) -> None:
    (found,) = compare(ROSSI, PLACED, entries, lines)
    assert (found.due.amount, found.finding) == (due, Finding(finding))
    assert said in str(finding_text(found))
    assert found.difference == (sum(line.amount for line in lines) - due if lines else 0)


@pytest.mark.parametrize("named", ["p1", "c1"])
def test_a_corrected_payment_is_one_payment_under_either_name(named: str) -> None:
    """1,000.00 was 600.00: 8 % of that is 48.00, whichever report the note names."""
    correction = [
        Entry(id="c1", income=Income.REVERSAL, on=MARCH, parts=(Part(100_000),), of="p1"),
        paid(60_000, "c1"),
    ]
    for order in (correction, correction[::-1]):
        (found,) = compare(ROSSI, PLACED, [paid(100_000), *order], [asked(4_800, named)])
        assert (found.payment, found.base, found.due.amount) == ("p1", 60_000, 4_800)
        assert found.finding is Finding.AGREED
    then = [paid(100_000), *correction, back(60_000, "c1")]
    (found,) = compare(ROSSI, PLACED, then, [asked(4_800, named)])
    assert (found.due.amount, found.finding) == (0, Finding.TAKEN_BACK)


def test_a_payment_that_came_back_unasked_is_no_line() -> None:
    assert compare(ROSSI, PLACED, [paid(100_000), back(100_000)], []) == ()


def test_fixed_prices_are_asked_of_the_placement() -> None:
    """25.00 for opening 4,000.00; 35.00 for a report, once it is there."""
    (opening,) = compare(OPENED, PLACED, [], [asked(2_500, "")])
    assert (opening.payment, opening.due.amount, opening.finding) == ("", 2_500, Finding.AGREED)
    over = Placed(
        on=PLACED.on, amount=400_000, currency="EUR", service=Service.DUE_DILIGENCE, ended_on=MARCH
    )
    (both,) = compare(OPENED, over, [], [asked(2_500, ""), asked(3_500, "", id="f2")])
    assert (both.due.amount, both.finding) == (6_000, Finding.AGREED)
    (dear,) = compare(OPENED, PLACED, [], [asked(9_000, "")])
    assert (dear.finding, dear.difference) == (Finding.OTHER_AMOUNT, 6_500)


def test_without_a_price_list_all_that_is_asked_is_too_much() -> None:
    none = PriceList(key="none", versions=())
    (found,) = compare(none, PLACED, [paid(100_000)], [asked(8_000)])
    assert (found.due.rule, found.difference) == (FeeRule.NO_PRICES, 8_000)


def test_every_rule_and_finding_has_words() -> None:
    for rule in FeeRule:
        line = expected_fees(ROSSI, PLACED, [paid(1)])[0]
        values = {"percent": 1, "percents": [1], "days": 1, "day": MARCH, "currency": "EUR"}
        assert due_text(type(line)(amount=0, rule=rule, values=values))
    for finding in Finding:
        found = Compared(
            payment="p", on=MARCH, base=0, due=line, currency="EUR", asked=None, finding=finding,
            values={"currency": "EUR", "times": 2, "percent": 1},
        )  # fmt: skip
        assert finding_text(found)


@tries(40)
@given(
    st.sampled_from([ROSSI, price_list(MARGINAL)]),
    st.lists(st.tuples(st.integers(1, 2_000_000), st.integers(0, 400)), min_size=1, max_size=5),
    st.integers(0, 5),
)
def test_who_asks_what_is_due_differs_nowhere(
    prices: PriceList, payments: list[tuple[int, int]], taken_back: int
) -> None:
    entries = [paid(amount, f"p{n}", late) for n, (amount, late) in enumerate(payments)]
    entries += [back(each.amount, each.id) for each in entries[:taken_back]]
    fees = expected_fees(prices, PLACED, entries)
    lines = [
        asked(fee.amount, entry.id, id=f"f{entry.id}")
        for entry, fee in zip(entries, fees, strict=True)
    ]
    compared = compare(prices, PLACED, entries, lines)
    assert not [each for each in compared if each.finding.is_difference]
    assert sum(each.due.amount for each in compared) == sum(fee.amount for fee in fees)
