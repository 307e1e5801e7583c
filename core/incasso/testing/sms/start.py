"""Start a simulated service by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from incasso.testing.sms.openapi import OpenapiService
from incasso.testing.sms.service import SmsService
from incasso.testing.sms.twilio import TwilioService

SERVICES: Final[Mapping[str, type[SmsService]]] = MappingProxyType(
    {"twilio": TwilioService, "openapi": OpenapiService}
)


@contextmanager
def sms_service(
    name: str = "twilio",
    *,
    public: str = "",
    listens: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[SmsService]:
    """A running service. Callbacks to an address that begins with `public` go to `listens`."""

    def reach(url: str) -> str:
        return listens + url.removeprefix(public) if public and url.startswith(public) else url

    with SERVICES[name](reach=reach, now=now) as service:
        yield service
