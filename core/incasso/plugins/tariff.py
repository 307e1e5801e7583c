"""What the messages of a channel cost, where its service does not say so, and how much they may."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from incasso.contract.channel import Prepared
from incasso.contract.values import Money


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """The keys `price`, `budget` and `price_currency` of a channel's table."""

    price: Decimal | None = None
    """Of a page of a letter or fax, a segment of a text, or else the message."""
    budget: Decimal | None = None
    """For one calendar month."""
    currency: str = "EUR"

    def priced(self, prepared: Prepared) -> Prepared:
        """The same with what it costs, if the plugin has not said it."""
        if self.price is None or prepared.cost is not None:
            return prepared
        cost = Money(amount=self.price * prepared.parts, currency=self.currency)
        return msgspec.structs.replace(prepared, cost=cost)


NONE: Final = Tariff()
