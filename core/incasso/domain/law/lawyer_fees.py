"""What a lawyer asks for an injunction, as an estimate: tables of the courts and of the Ministry.

The judge liquidates; these say whether going to court is worth it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from incasso.domain.law.court import STAMP

OVERHEAD: Final = Decimal("0.15")
"""General expenses on top of a fee (D.M. 55/2014, art. 2)."""

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class FeeTable:
    """Amounts by value of the claim; above the last bracket there is no figure."""

    brackets: tuple[tuple[Decimal, Decimal], ...]
    """Up to which value, and how many euro."""
    above: Decimal = Decimal(0)
    """Values up to this one are not in the table."""

    def of(self, value: Decimal) -> Decimal | None:
        """The amount for a value; None outside the table."""
        if value <= self.above:
            return None
        return next((amount for up_to, amount in self.brackets if value <= up_to), None)


def _table(*rows: tuple[int, str]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(up_to), Decimal(amount)) for up_to, amount in rows)


MEDIANS_2022: Final = FeeTable(
    _table(
        (5_200, "473.00"),
        (26_000, "567.00"),
        (52_000, "1370.00"),
        (260_000, "2242.00"),
        (520_000, "4394.00"),
    ),
)
"""D.M. 147/2022, monitory phase: the medians, without overhead."""

VERONA: Final = FeeTable(
    _table(
        (5_200, "517.50"),
        (13_000, "621.00"),
        (26_000, "828.00"),
        (52_000, "1500.75"),
        (260_000, "2455.25"),
        (520_000, "4812.75"),
    ),
)
"""Tribunal of Verona by D.M. 55/2014, with 15 % of overhead."""

MILAN: Final = FeeTable(
    _table(
        (26_000, "1123.00"),
        (52_000, "2011.00"),
        (100_000, "3051.50"),
        (180_000, "3396.50"),
        (260_000, "3741.50"),
        (520_000, "5809.00"),
    ),
    above=Decimal(10_000),
)
"""Tribunal of Milan, 2024: court fee, stamp, fee and overhead together."""


@dataclass(frozen=True)
class Estimate:
    """What an injunction costs, in euro, before the VAT and social fund of the lawyer's part."""

    court_fee: Decimal
    stamp: Decimal
    fee: Decimal | None
    overhead: Decimal | None
    verona: Decimal | None
    """For comparison: fee and overhead as that court allows them."""
    milan: Decimal | None
    """For comparison: all of it, as that court allows it."""

    @property
    def whole(self) -> Decimal | None:
        """All of it; None where there is no figure for the fee."""
        if self.fee is None or self.overhead is None:
            return None
        return self.court_fee + self.stamp + self.fee + self.overhead


def estimate(value: Decimal, court_fee: Decimal, stamp: Decimal = STAMP) -> Estimate:
    """What an injunction over that value costs, by the medians of 2022."""
    fee = MEDIANS_2022.of(value)
    overhead = None if fee is None else (fee * OVERHEAD).quantize(_CENT, ROUND_HALF_UP)
    return Estimate(court_fee, stamp, fee, overhead, VERONA.of(value), MILAN.of(value))
