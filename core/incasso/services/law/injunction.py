"""Court, court fee and costs of an injunction over what is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from incasso.domain.law.court import court_fee, court_for, stamp_for
from incasso.domain.law.lawyer_fees import estimate
from incasso.plugins.settings.legal import LegalTable
from incasso.services.law.counting import EURO
from incasso.services.law.records import Injunction, Party, Sums


def injunction_of(
    sums: Sequence[Sums], debtor: Party, table: LegalTable, on: date
) -> Injunction | None:
    """In euro; None if nothing is claimed in euro."""
    euro = next((each for each in sums if each.currency == EURO), None)
    if euro is None or euro.capital <= 0:
        return None
    value, fee_value = euro.total, euro.capital + euro.costs
    court = court_for(value, on, limit=table.justice_of_the_peace)
    fee, stamp = court_fee(fee_value, on), stamp_for(value, court.kind)
    costs = estimate(value, fee, stamp)
    return Injunction(
        court=court.kind,
        court_limit=court.limit,
        court_in_doubt=court.in_doubt,
        place=debtor.city,
        place_is_binding=debtor.is_consumer,
        value=value,
        fee_value=fee_value,
        court_fee=fee,
        stamp=stamp,
        lawyer=costs.fee,
        overhead=costs.overhead,
        whole=costs.whole,
        verona=costs.verona,
        milan=costs.milan,
    )
