"""The legal rate of interest (art. 1284 c.c.): what a consumer owes for paying late.

The Ministry sets it each December for the year to come; a year without a decree keeps the last
rate. The table ends with the last year that was looked up.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from incasso.domain.law.rates import Rate, RateTable

LOOKED_UP_TO: Final = date(2026, 12, 31)

_CODE: Final = "Codice civile, art. 1284"
_DECREES: Final = f"{_CODE}; decrees of the Ministry of Economy"

_FROM: Final = (
    (date(1942, 4, 21), "5", _CODE),
    (date(1990, 12, 16), "10", "Law no. 353 of 26 November 1990"),
    (date(1997, 1, 1), "5", "Law no. 662 of 23 December 1996"),
    (date(1999, 1, 1), "2.5", _DECREES),
    (date(2001, 1, 1), "3.5", _DECREES),
    (date(2002, 1, 1), "3", _DECREES),
    (date(2004, 1, 1), "2.5", _DECREES),
    (date(2008, 1, 1), "3", _DECREES),
    (date(2010, 1, 1), "1", _DECREES),
    (date(2011, 1, 1), "1.5", _DECREES),
    (date(2012, 1, 1), "2.5", _DECREES),
    (date(2014, 1, 1), "1", _DECREES),
    (date(2015, 1, 1), "0.5", _DECREES),
    (date(2016, 1, 1), "0.2", _DECREES),
    (date(2017, 1, 1), "0.1", _DECREES),
    (date(2018, 1, 1), "0.3", _DECREES),
    (date(2019, 1, 1), "0.8", _DECREES),
    (date(2020, 1, 1), "0.05", _DECREES),
    (date(2021, 1, 1), "0.01", _DECREES),
    (date(2022, 1, 1), "1.25", _DECREES),
    (date(2023, 1, 1), "5", _DECREES),
    (date(2024, 1, 1), "2.5", _DECREES),
    (date(2025, 1, 1), "2", _DECREES),
    (date(2026, 1, 1), "1.6", "Decree of 10 December 2025, Gazzetta no. 289 of 13 December 2025"),
)


@cache
def legal_rates() -> RateTable:
    """The legal rate since 1942."""
    ends = [first - timedelta(days=1) for first, _, _ in _FROM[1:]] + [LOOKED_UP_TO]
    return RateTable(
        [
            Rate(first, last, Decimal(percent), source)
            for (first, percent, source), last in zip(_FROM, ends, strict=True)
        ]
    )
