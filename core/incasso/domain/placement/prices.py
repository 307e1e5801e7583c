"""Price lists of providers: dated versions, all amounts without VAT.

`fees` says what a payment costs by them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec

from incasso.contract.settings import Between, Filled, Form, Key
from incasso.domain.placement.providers import ProviderKey

Amount = Annotated[Decimal, Between(0)]
Percent = Annotated[Decimal, Between(0, 100)]
Days = Annotated[int, Between(0, 36_500)]


class Bands(StrEnum):
    """What the amount bands of the percentages measure."""

    WHOLE = "whole"
    """The amount of the placement as it was handed over: one percentage for all of its money."""
    MARGINAL = "marginal"
    """What was recovered of it so far: each part of the money has the percentage of its band."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What opening one placement costs."""

    up_to: Amount | None = None
    """Placements up to this amount, included; None: above all others."""
    fee: Amount


class RateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A percentage of the money that came in."""

    days_to: Days | None = None
    """Debts past due by at most so many days at the hand-over; None: older than all others."""
    up_to: Amount | None = None
    """Up to this amount, included; None: above all others."""
    percent: Percent


class DirectClause(msgspec.Struct, frozen=True, kw_only=True):
    """What is due on money that the client pays straight to the creditor."""

    percent: Percent | None = None
    """None: the same as on money that the provider collected."""
    free_days: Days = 0
    """Nothing is due on what comes in within so many days of the hand-over."""
    after_end_days: Days = 0
    """It is due on what comes in up to so many days after the placement ended."""


class PriceVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of placements handed over from a day on, until the next version."""

    since: Annotated[date, Key("from")]
    openings: Annotated[tuple[Opening, ...], Key("opening")] = ()
    bands: Bands = Bands.WHOLE
    rates: Annotated[tuple[RateLine, ...], Key("rate")] = ()
    minimum: Amount | None = None
    """Least percentage fee of one payment."""
    maximum: Amount | None = None
    """Largest percentage fee of one payment."""
    direct: DirectClause | None = None
    """None: nothing is due on direct payments."""
    reports: dict[str, Amount] = {}
    """By service the fixed price of one report."""


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """One price list; the field names are the keys of its table."""

    key: Annotated[ProviderKey, Filled()]
    label: str = ""
    currency: Annotated[str, Form("[A-Z]{3}", "EUR")] = "EUR"
    versions: Annotated[tuple[PriceVersion, ...], Key("version"), Filled()]

    def on(self, day: date) -> PriceVersion | None:
        """The version for placements handed over that day; None: it is older than all."""
        begun = [version for version in self.versions if version.since <= day]
        return max(begun, key=lambda version: version.since, default=None)


def altered_versions(old: PriceList, new: PriceList, on: date) -> tuple[date, ...]:
    """The first days of versions that hold already and would be others, or gone: by them the fees
    of what was handed over change."""
    before, after = ({each.since: each for each in one.versions} for one in (old, new))
    days = sorted({*before, *after})
    return tuple(day for day in days if day <= on and before.get(day) != after.get(day))
