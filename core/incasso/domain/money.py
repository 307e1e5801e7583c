"""Money between its two forms: Decimal for people and plugins, integer minor units inside."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

# ISO 4217 currencies whose minor unit is not a hundredth; all others have two decimals.
UNDIVIDED = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THOUSANDTHS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    if currency in UNDIVIDED:
        return 0
    return 3 if currency in THOUSANDTHS else 2


@cache
def _per_unit(currency: str) -> Decimal:
    return Decimal(10 ** decimals(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """12.34 EUR is 1234. Raises ValueError for a fraction of a cent: nothing is rounded here."""
    minor = amount * _per_unit(currency)
    if minor != (whole := int(minor)):
        raise ValueError(f"{amount} {currency} has more than {decimals(currency)} decimals")
    return whole


def from_minor(minor: int, currency: str) -> Decimal:
    """1234 EUR is 12.34, with all its decimals."""
    return Decimal(minor).scaleb(-decimals(currency))
