"""What a company's contracts say, and how its lawyers work: the table `[companies.NAME.legal]`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Between, setting
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.domain.law.interest import DayCount
from incasso.domain.law.limitation import CreditClass


@dataclass(frozen=True, kw_only=True)
class LegalTable:
    """What dossiers for lawyers are counted by; a dossier's own options come first."""

    interest: Literal["commercial", "agrifood", "agreed"] = setting(
        help="Interest between businesses: commercial (D.Lgs. 231/2002), agrifood (four points "
        "more), agreed (in writing); a consumer owes the legal rate",
        default="commercial",
    )
    agreed_rate: Annotated[Decimal, Between(0, 100)] | None = setting(
        help="The rate of interest = agreed", unit="% a year", default=None
    )
    credits: CreditClass = setting(
        help="What its credits are for, as far as their limitation depends on it",
        default=CreditClass.ORDINARY,
    )
    day_count: DayCount = setting(
        help="Days of a year when interest is counted: 365, or actual (366 in leap years)",
        default=DayCount.ALWAYS_365,
    )
    justice_of_the_peace: Annotated[Decimal, Between(0, 1_000_000)] | None = setting(
        help="Up to which value the justice of the peace decides; left out: as the hub's "
        "table says",
        unit="EUR",
        default=None,
    )
    acts: Path | None = setting(
        help="Folder of the office's own drafts of acts, see `incasso dossier --acts`", default=None
    )

    def __post_init__(self) -> None:
        if (self.interest == "agreed") == (self.agreed_rate is not None):
            return
        words = text("an agreed rate and interest = agreed belong together")
        hint = text('write both, as in interest = "agreed" and agreed_rate = 8.5')
        problem = Problem(code="rate", field="agreed_rate", message=words, hint=hint)
        raise ConfigurationError([problem])
