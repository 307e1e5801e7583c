"""By which rule a debtor owes interest, and the rates that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Final

from incasso.domain.law.agrifood_rates import agrifood_rates
from incasso.domain.law.commercial_rates import commercial_rates
from incasso.domain.law.legal_rates import legal_rates
from incasso.domain.law.rates import Rate, RateTable

_CONTRACT: Final = "contract"
"""Where an agreed rate is published: in writing, or it is not above the law's (art. 1284 c.c.)."""


class Rule(StrEnum):
    """Which interest a debtor owes."""

    COMMERCIAL = "commercial"
    """Between businesses: D.Lgs. 231/2002."""
    LEGAL = "legal"
    """A consumer: the legal rate, art. 1284 c.c., and no fixed sum for costs."""
    AGRIFOOD = "agrifood"
    """Farm produce and food between businesses: D.Lgs. 198/2021, four points more."""
    AGREED = "agreed"
    """Between businesses that agreed on another rate in writing."""

    @property
    def between_businesses(self) -> bool:
        """Whether the fixed sum for costs of recovery is due."""
        return self is not Rule.LEGAL


@dataclass(frozen=True)
class Terms:
    """What the parties agreed, as far as interest depends on it."""

    rule: Rule
    percent: Decimal | None = None
    """The agreed rate in percent a year; needed by AGREED alone."""
    concluded_on: date | None = None
    """When the contract was concluded; None: on the day of each document."""

    def __post_init__(self) -> None:
        if (self.rule is Rule.AGREED) != (self.percent is not None):
            raise ValueError("an agreed rate goes with the rule AGREED, and with no other")

    def rates(self, document_day: date) -> RateTable:
        """The rates for a document of that day."""
        match self.rule:
            case Rule.LEGAL:
                return legal_rates()
            case Rule.AGRIFOOD:
                return agrifood_rates(self.concluded_on or document_day)
            case Rule.AGREED:
                assert self.percent is not None
                return _agreed(self.percent)
            case Rule.COMMERCIAL:
                return commercial_rates(self.concluded_on or document_day)


def rule_for(*, is_person: bool, vat: str) -> Rule:
    """A person without a VAT number is taken for a consumer, everybody else for a business."""
    return Rule.LEGAL if is_person and not vat else Rule.COMMERCIAL


@cache
def _agreed(percent: Decimal) -> RateTable:
    """One rate for every day: the contract changes it, no ministry."""
    return RateTable([Rate(date.min, date.max, percent, _CONTRACT)])
