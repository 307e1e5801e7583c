"""What a message cost, as the database keeps it."""

from __future__ import annotations

from incasso.contract.values import Money
from incasso.domain.money import from_minor, to_minor


def minor_cost(cost: Money | None) -> tuple[int, str] | None:
    """A cost in minor units; gateways price by thousandths of a cent, so it is rounded."""
    if cost is None:
        return None
    try:
        return to_minor(cost.amount, cost.currency), cost.currency
    except ValueError:
        unit = from_minor(1, cost.currency)
        return to_minor(cost.amount.quantize(unit), cost.currency), cost.currency
