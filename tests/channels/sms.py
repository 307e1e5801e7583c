"""The channel of text messages before a simulated service, for tests without a hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from logging import getLogger
from time import monotonic
from typing import Any

import msgspec

from incasso.api import (
    CallContext,
    DeliveryUpdate,
    Medium,
    OutboundMessage,
    Prepared,
    Receipt,
    Recipient,
    Secret,
    Sought,
)
from incasso.plugins.http.door import Door
from incasso.testing import samples
from incasso.testing.sms import SmsService, sms_service
from incasso_sms.channel import SmsChannel
from incasso_sms.settings import ServiceName, SmsSettings

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TO = "+393331234567"
PUBLIC = "https://crediti.example.it/api/v1/callbacks/sms"


class SmsInstance(SmsChannel):
    """A channel with a door of its own."""

    def __init__(self, settings: SmsSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        self.at = AT
        self._door = Door(log=getLogger("sms"), now=lambda: self.at, allow_private=True)

    def context(self, *, dry_run: bool = False, seconds: float = 30) -> CallContext:
        return CallContext(
            instance_id="sms",
            idempotency_key="k",
            attempt=1,
            deadline=self.at + timedelta(seconds=seconds),
            dry_run=dry_run,
            http=self._door.until(monotonic() + seconds),
            log=getLogger("sms"),
            now=lambda: self.at,
            on=self.at.date(),
        )

    def prepared(self, **changes: Any) -> Prepared:
        return self.channel_prepare(message(**changes))

    def send(self, *, dry_run: bool = False, **changes: Any) -> Receipt:
        """Prepare and send one message."""
        outbound = message(**changes)
        made = self.channel_prepare(outbound)
        return self.channel_send(outbound, made, self.context(dry_run=dry_run))

    def find(self, *, not_before: datetime | None = AT, **changes: Any) -> Receipt | None:
        """Look for a message, as the hub does after a crash."""
        outbound = message(**changes)
        sought = Sought(
            to=outbound.to.address,
            content=self.channel_prepare(outbound).content,
            not_before=not_before,
        )
        return self.channel_find(outbound.delivery, sought, self.context())

    def poll(self, *refs: str, seconds: float = 20) -> tuple[DeliveryUpdate, ...]:
        return self.channel_poll(refs, self.context(seconds=seconds))

    def close(self) -> None:
        self._door.close()


def message(
    *, to: str = "333 1234567", country: str = "IT", text: str = "", delivery: str = "d1"
) -> OutboundMessage:
    made = samples.message(Medium.SMS, delivery, text=text)
    return msgspec.structs.replace(made, to=Recipient(address=to, country=country))


def settings(service: SmsService, **changes: Any) -> SmsSettings:
    """Settings that lead to a service."""
    table = {
        key: value
        for key, value in service.table.items()
        if key not in ("plugin", "allow_private_addresses")
    }
    given: dict[str, Any] = {
        **table,
        **{key: Secret(value) for key, value in service.secrets.items()},
        "service": ServiceName(table["service"]),
        "callback_url": PUBLIC,
        "timeout_s": 5,
    }
    return SmsSettings(**(given | changes))


@contextmanager
def sms_on(name: str, **changes: Any) -> Iterator[tuple[SmsInstance, SmsService]]:
    """A channel and the service behind it; both end with the test."""
    with sms_service(name, now=lambda: AT) as service:
        over = SmsInstance(settings(service, **changes))
        try:
            yield over, service
        finally:
            over.close()
