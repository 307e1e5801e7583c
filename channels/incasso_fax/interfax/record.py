"""What InterFAX says of a fax: its record, and what each status means.

Below zero it is under way, zero is sent, above zero it failed for good, after the service's own
retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from incasso.api import DeliveryState, ExternalId, Money, Text, text

_NO_CREDIT: Final = -22
_CANCELLED: Final = 205_000

_NETWORK: Final = text("the telephone network reports a fault")
_FAULTS: Final[Mapping[int, Text]] = {
    1: text("the call ended after some minutes without a confirmation"),
    2: _NETWORK,
    12: _NETWORK,
    263: text("the line is busy"),
}
"""What InterFAX's page of status codes explains; of the others it says only the number, as of the
codes of networks that it passes on."""


class FaxRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One fax of the account, as `/outbound/search` lists it; more fields are ignored."""

    id: int
    status: int
    pages_sent: int = 0
    attempts_made: int = 0
    submit_time: str = ""
    completion_time: str = ""
    units: Decimal | None = None
    cost_per_unit: Decimal | None = None
    reference: str = ""

    @property
    def ref(self) -> ExternalId:
        """The number by which it is asked for."""
        return str(self.id)

    @property
    def state(self) -> DeliveryState | None:
        """What became of it; None while it is simply under way."""
        if self.status == _NO_CREDIT:
            return DeliveryState.DELAYED
        if self.status < 0:
            return None
        return DeliveryState.BOUNCED if self.status else DeliveryState.DELIVERED

    @property
    def note(self) -> Text:
        """In words."""
        if self.status == _NO_CREDIT:
            return text("InterFAX waits for credit: after 24 hours it cancels the fax")
        if self.status == _CANCELLED:
            return text("InterFAX cancelled the fax: no credit for 24 hours")
        if self.status in _FAULTS:
            return text(
                "not delivered after {attempts} attempts: {why} (InterFAX status {status})",
                attempts=str(self.attempts_made),
                why=_FAULTS[self.status],
                status=str(self.status),
            )
        if self.status:
            return text(
                "not delivered after {attempts} attempts, InterFAX status {status}",
                attempts=str(self.attempts_made),
                status=str(self.status),
            )
        return text("pages that the other machine confirmed: {pages}", pages=str(self.pages_sent))

    def cost(self, currency: str) -> Money | None:
        """What it cost, once it is done."""
        if self.status < 0 or self.units is None or self.cost_per_unit is None:
            return None
        return Money(amount=self.units * self.cost_per_unit, currency=currency)

    def ended_at(self, otherwise: datetime) -> datetime:
        """When the last attempt ended; the service writes UTC, with or without saying so."""
        return _instant(self.completion_time) or otherwise

    def began_at(self, otherwise: datetime) -> datetime:
        """When InterFAX took it."""
        return _instant(self.submit_time) or otherwise


def _instant(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
