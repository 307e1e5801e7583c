"""What the channel asks of a service, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from incasso.api import (
    CallbackAnswer,
    CallbackRequest,
    CallContext,
    CheckReport,
    DeliveryUpdate,
    IncomingNews,
    Receipt,
)
from incasso_sms.content import Sms


class Service(Protocol):
    """One account at one service; errors are the classes of the contract."""

    def check(self, ctx: CallContext) -> CheckReport:
        """Prove the login; name the account."""
        ...

    def send(self, sms: Sms, delivery: str, ctx: CallContext) -> Receipt:
        """Hand one message over."""
        ...

    def find(
        self, sms: Sms | None, delivery: str, not_before: datetime | None, ctx: CallContext
    ) -> Receipt:
        """The receipt of a message that may have left. Raises OutcomeUnknownError if none is seen:
        a service may still be working on it, so absence proves nothing."""
        ...

    def poll(self, refs: Sequence[str], ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        """What became of these, as far as the time of the call allows."""
        ...

    def told(self, request: CallbackRequest, ctx: CallContext) -> CallbackAnswer[IncomingNews]:
        """The news of a request. Raises RejectedError for one that the service did not make."""
        ...
