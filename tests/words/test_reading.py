"""What people write for a day or an amount, and what nobody can be sure of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from incasso.locale.reading import UnclearError, read_amount, read_day

DAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    "words", ["2026-10-05", " 5/10/2026", "05/10/2026", "05.10.2026", "5-10-2026", "05/10/26"]
)
def test_an_italian_writes_the_day_first(words: str) -> None:
    assert read_day(words, "it") == DAY


@pytest.mark.parametrize("words", ["2026-10-05", "13/10/2026", "10/10/2026"])
def test_in_english_only_one_reading_is_allowed(words: str) -> None:
    assert read_day(words, "en").month == 10


@pytest.mark.parametrize(
    ("words", "language", "told"),
    [
        ("5/10/2026", "en", "2026-10-05 or 2026-05-10"),
        ("domani", "it", "23/11/2026"),
        ("31/02/2026", "it", "not a date"),
        ("13/13/2026", "it", "not a date"),
        ("2026-02-30", "it", "not a date"),
        ("5/10-2026", "it", "not a date"),
        ("", "it", "not a date"),
        ("9999-12-31", "it", "between 1900 and 2199"),
        ("31/12/1899", "it", "between 1900 and 2199"),
    ],
)
def test_no_day_is_guessed(words: str, language: str, told: str) -> None:
    with pytest.raises(UnclearError, match=told):
        read_day(words, language)


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("1250", "1250"),
        ("1250.00", "1250.00"),
        ("1250,5", "1250.5"),
        ("1.250,00", "1250.00"),
        ("1,250.00", "1250.00"),
        ("1.250.000", "1250000"),
        ("1,250,000.50", "1250000.50"),
        ("1 250,00", "1250.00"),
        ("-12,30", "-12.30"),
        ("0,125", "0.125"),
        ("1250.125", "1250.125"),
    ],
)
def test_amounts_in_their_forms(words: str, amount: str) -> None:
    assert read_amount(words) == Decimal(amount)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1.250", "1250, or with two decimals"),
        ("1,250", "1250, or with two decimals"),
        ("-999.999", "-999999, or with"),
        ("tanto", "1250.00 or 1.250,00"),
        ("1.25.000", "not an amount"),
        ("1.250.00", "not an amount"),
        ("1,2,3", "not an amount"),
        ("1e3", "not an amount"),
        ("NaN", "not an amount"),
        ("٣", "not an amount"),
        ("", "not an amount"),
    ],
)
def test_no_amount_is_guessed(words: str, told: str) -> None:
    with pytest.raises(UnclearError, match=told):
        read_amount(words)
