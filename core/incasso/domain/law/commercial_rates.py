"""Interest for late payment between businesses: D.Lgs. 9 October 2002, no. 231.

The rate is the ECB's for main refinancing operations, in force on the first day of the half-year,
plus 8 points (art. 5); plus 7 for transactions concluded before 2013, also in later half-years.
The Ministry publishes it each half-year, often weeks late. A new one is a line in `_REFERENCES`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from incasso.domain.law.rates import Rate, RateTable

POINTS: Final = Decimal(8)
POINTS_BEFORE_2013: Final = Decimal(7)

_NEW_RULE: Final = date(2013, 1, 1)
_ECB: Final = "ECB main refinancing rate, as in the notices of the Ministry of Economy"
_ONE_PAGE: Final = f"{_ECB}; seen in one reference only (Gazzetta no. 163 of 16 July 2026)"

# The reference rate in percent of each half-year in turn.
_REFERENCES: Final = (
    "3.35",  # second half of 2002
    "2.85 2.10",  # 2003
    "2.02 2.01",
    "2.09 2.05",
    "2.25 2.83",
    "3.58 4.07",
    "4.20 4.10",  # 2008
    "2.50 1.00",
    "1.00 1.00",
    "1.00 1.25",
    "1.00 1.00",
    "0.75 0.50",  # 2013
    "0.25 0.15",
    "0.05 0.05",
    "0.05 0.00",
    "0.00 0.00",
    "0.00 0.00",  # 2018
    "0.00 0.00",
    "0.00 0.00",
    "0.00 0.00",
    "0.00 0.00",
    "2.50 4.00",  # 2023
    "4.50 4.25",
    "3.15 2.15",
    "2.15 2.40",  # 2026
)


@cache
def commercial_rates(concluded_on: date) -> RateTable:
    """The rates for a transaction concluded that day."""
    return _table(POINTS if concluded_on >= _NEW_RULE else POINTS_BEFORE_2013)


@cache
def _table(points: Decimal) -> RateTable:
    """Half-years are counted from 2002: the first reference is that of the second half."""
    references = [Decimal(each) for year in _REFERENCES for each in year.split()]
    rates = [_rate(half, each, points) for half, each in enumerate(references, start=1)]
    return RateTable(rates, months=6)


def _rate(half: int, reference: Decimal, points: Decimal) -> Rate:
    year, second = 2002 + half // 2, half % 2 == 1
    first = date(year, 7 if second else 1, 1)
    last = date(year, 12, 31) if second else date(year, 6, 30)
    source = _ONE_PAGE if first == date(2026, 7, 1) else _ECB
    return Rate(first, last, reference + points, source)
