"""Interest for late payment of farm produce and food: the commercial rate and some points more.

The points are mandatory (D.Lgs. 198/2021, art. 4; before it D.L. 1/2012, art. 62): two from 24
October 2012, four from 4 July 2015 (D.L. 51/2015 as converted by Law no. 91 of 2 July 2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from incasso.domain.law.commercial_rates import commercial_rates
from incasso.domain.law.rates import Rate, RateTable

_SINCE: Final = (
    (date(2002, 7, 1), Decimal(0)),
    (date(2012, 10, 24), Decimal(2)),
    (date(2015, 7, 4), Decimal(4)),
)


@cache
def agrifood_rates(concluded_on: date) -> RateTable:
    """The rates for a sale concluded that day."""
    usual = commercial_rates(concluded_on)
    return RateTable(list(_raised(usual)), months=6)


def _raised(usual: RateTable) -> Iterator[Rate]:
    ends = [first - timedelta(days=1) for first, _ in _SINCE[1:]] + [usual.last]
    for (first, points), last in zip(_SINCE, ends, strict=True):
        for rate in usual.between(first, last):
            yield replace(rate, percent=rate.percent + points)
