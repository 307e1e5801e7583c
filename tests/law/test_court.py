"""Court, court fee, stamp and lawyers' fees by value, against the published tables."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from incasso.domain.law.court import CourtKind, court_fee, court_for, stamp_for
from incasso.domain.law.lawyer_fees import (
    MEDIANS_2022,
    MILAN,
    OVERHEAD,
    VERONA,
    estimate,
)

ON = date(2026, 11, 23)
PEACE, TRIBUNAL = CourtKind.JUSTICE_OF_THE_PEACE, CourtKind.TRIBUNAL
CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("value", "full", "injunction"),
    [
        ("1100", "43.00", "21.50"), ("1100.01", "98.00", "49.00"), ("5200", "98.00", "49.00"),
        ("5200.01", "237.00", "118.50"), ("26000", "237.00", "118.50"),
        ("26000.01", "518.00", "259.00"), ("52000", "518.00", "259.00"),
        ("52000.01", "759.00", "379.50"), ("260000", "759.00", "379.50"),
        # One public page has the next two the other way round.
        ("260000.01", "1214.00", "607.00"), ("520000", "1214.00", "607.00"),
        ("520000.01", "1686.00", "843.00"),
    ],
)  # fmt: skip
def test_the_court_fee(value: str, full: str, injunction: str) -> None:
    assert court_fee(Decimal(value), ON, injunction=False) == Decimal(full)
    assert court_fee(Decimal(value), ON) == Decimal(injunction)


def test_half_as_much_again_without_certified_address() -> None:
    assert court_fee(Decimal(5200), ON, incomplete=True) == Decimal("73.50")


@pytest.mark.parametrize(
    ("value", "on", "court", "in_doubt"),
    [
        ("5000", "2023-02-27", PEACE, False), ("5000.01", "2023-02-27", TRIBUNAL, False),
        ("10000", "2023-02-28", PEACE, False), ("10000.01", "2026-10-30", TRIBUNAL, False),
        ("10000", "2026-10-31", PEACE, False), ("10000.01", "2026-10-31", PEACE, True),
        ("30000", "2026-10-31", PEACE, True), ("30000.01", "2026-10-31", TRIBUNAL, False),
    ],
)  # fmt: skip
def test_the_court_by_value(value: str, on: str, court: CourtKind, in_doubt: bool) -> None:
    found = court_for(Decimal(value), date.fromisoformat(on))
    assert (found.kind, found.in_doubt) == (court, in_doubt)


def test_an_office_that_knows_the_limit_is_in_no_doubt() -> None:
    found = court_for(Decimal(20_000), ON, limit=Decimal(10_000))
    assert (found.kind, found.limit, found.in_doubt) == (TRIBUNAL, Decimal(10_000), False)


def test_small_claims_pay_no_stamp() -> None:
    assert stamp_for(Decimal(1033), PEACE) == 0
    assert stamp_for(Decimal("1033.01"), PEACE) == stamp_for(Decimal(500), TRIBUNAL) == 27


@pytest.mark.parametrize(
    ("value", "verona", "median"),
    [
        ("5200", "517.50", "473.00"), ("5200.01", "621.00", "567.00"),
        ("13000", "621.00", "567.00"), ("26000", "828.00", "567.00"),
        ("52000", "1500.75", "1370.00"), ("260000", "2455.25", "2242.00"),
        ("520000", "4812.75", "4394.00"),
    ],
)  # fmt: skip
def test_the_fee_tables(value: str, verona: str, median: str) -> None:
    assert VERONA.of(Decimal(value)) == Decimal(verona)
    assert MEDIANS_2022.of(Decimal(value)) == Decimal(median)


def test_the_medians_are_verona_without_overhead_and_five_percent_more() -> None:
    """So says the decree of 2022: an independent way to the same figures."""
    for value in (5200, 13_000, 52_000, 260_000, 520_000):
        verona = VERONA.of(Decimal(value))
        assert verona is not None
        bare = verona / (1 + OVERHEAD) * Decimal("1.05")
        assert MEDIANS_2022.of(Decimal(value)) == bare.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("value", "total", "fee"),
    [
        ("10000.01", "1123.00", "850"), ("26000", "1123.00", "850"), ("52000", "2011.00", "1500"),
        ("100000", "3051.50", "2300"), ("180000", "3396.50", "2600"),
        ("260000", "3741.50", "2900"), ("520000", "5809.00", "4500"),
    ],
)  # fmt: skip
def test_milan_counts_court_fee_stamp_fee_and_overhead(value: str, total: str, fee: str) -> None:
    """The total taken apart with our own table of court fees: a round fee is left."""
    amount = Decimal(value)
    assert MILAN.of(amount) == Decimal(total)
    assert Decimal(total) == court_fee(amount, ON) + 27 + Decimal(fee) * (1 + OVERHEAD)


def test_outside_a_table_there_is_no_figure() -> None:
    assert MILAN.of(Decimal(10_000)) is None
    assert MILAN.of(Decimal("520000.01")) is None
    assert estimate(Decimal(600_000), Decimal(843)).whole is None


def test_what_an_injunction_over_ten_thousand_costs() -> None:
    """118.50 + 27 + 567 + 85.05 = 797.55; Milan allows nothing below 10,000 in its table."""
    found = estimate(Decimal(10_000), court_fee(Decimal(10_000), ON))
    assert (found.fee, found.overhead) == (Decimal(567), Decimal("85.05"))
    assert found.whole == Decimal("797.55")
    assert (found.verona, found.milan) == (Decimal(621), None)
