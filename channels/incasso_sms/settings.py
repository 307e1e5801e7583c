"""What a `plugin = "sms"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlsplit

from incasso.api import (
    Between,
    ConfigurationError,
    Problem,
    Secret,
    Text,
    setting,
    text,
    wrong_key,
)
from incasso_sms.numbers import is_number

_ALIAS: Final = re.compile(r"[A-Za-z0-9 &.+_-]{1,11}")


class ServiceName(StrEnum):
    """The services that this channel speaks to."""

    TWILIO = "twilio"
    OPENAPI = "openapi"


_HOMES: Final = {
    ServiceName.TWILIO: "https://api.twilio.com",
    ServiceName.OPENAPI: "https://sms.openapi.com",
}


@dataclass(frozen=True, kw_only=True)
class SmsSettings:
    """One account at one service, and how its messages are written and paid."""

    service: ServiceName = setting(help="twilio or openapi")
    token: Secret = setting(help="Twilio: the account's Auth Token; Openapi: the token of SMS v2")
    account: str = setting(help="Twilio: the Account SID, AC and 32 digits", default="")
    api_key: str = setting(
        help="Twilio: an API key (SK…) to sign in with instead of the Auth Token, which is still "
        "needed to check callbacks",
        default="",
    )
    api_key_secret: Secret = setting(help="Its secret", default=Secret(""))
    sender: str = setting(
        help="Who the message is from: a registered alias of at most 11 characters, or with "
        "Twilio a number of yours, +39…",
        default="",
    )
    messaging_service: str = setting(
        help="Twilio: a Messaging Service (MG…) that chooses the sender", default=""
    )
    callback_url: str = setting(
        help="Public address of this channel for news of the service, e.g. "
        "https://crediti.example.it/api/v1/callbacks/sms. Empty: news come with collect only",
        default="",
    )
    callback_secret: Secret = setting(
        help="Openapi: a long word of your own that its callbacks bring back", default=Secret("")
    )
    billed_in: str = setting(
        help="Twilio: the currency of your account, e.g. EUR: then what Twilio says of each "
        "message replaces price. Empty: price stands",
        default="",
    )
    max_segments: Annotated[int, Between(1, 10)] = setting(
        help="A text that would be paid as more messages is refused", default=3
    )
    unicode: bool = setting(
        help="Send texts with signs that have no plain spelling, 70 to a message instead of 160; "
        "false: refuse them",
        default=False,
    )
    base_url: str = setting(
        help="Another address of the service, e.g. https://test.sms.openapi.com for trials",
        default="",
    )
    timeout_s: Annotated[int, Between(1, 25)] = setting(
        help="Longest wait for one answer", unit="seconds", default=15
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def url(self) -> str:
        """Where the service is, without a slash at its end."""
        return (self.base_url or _HOMES[self.service]).rstrip("/")

    @property
    def shown_sender(self) -> str:
        """Who the archived message says it is from."""
        return self.messaging_service or self.sender


def alias_fault(sender: str) -> Text | None:
    """What is wrong with a name as sender; None if networks take it."""
    if len(sender) > 11:
        return text("{sender!r} has {n} characters, at most 11 go", sender=sender, n=len(sender))
    if not _ALIAS.fullmatch(sender):
        return text("{sender!r} has signs that networks do not show", sender=sender)
    if not re.search("[A-Za-z]", sender):
        return text("{sender!r} has no letter", sender=sender)
    return None


def _problems(settings: SmsSettings) -> Iterator[Problem]:
    if not settings.token.reveal():
        yield wrong_key("token", text("is empty"), text('write {{ env = "SMS_TOKEN" }}'))
    if settings.service is ServiceName.TWILIO:
        yield from _of_twilio(settings)
    else:
        yield from _of_openapi(settings)
    for key in ("callback_url", "base_url"):
        yield from _wrong_address(key, getattr(settings, key))
    if not re.fullmatch("([A-Z]{3})?", settings.billed_in):
        yield wrong_key("billed_in", text("is no currency"), text("write EUR"))


def _of_twilio(settings: SmsSettings) -> Iterator[Problem]:
    yield from _wrong_id(settings, "account", "AC", required=True)
    yield from _wrong_id(settings, "api_key", "SK")
    yield from _wrong_id(settings, "messaging_service", "MG")
    if settings.api_key and not settings.api_key_secret.reveal():
        yield wrong_key("api_key_secret", text("missing although there is an api_key"))
    if settings.messaging_service:
        if settings.sender:
            yield wrong_key(
                "sender", text("the Messaging Service chooses the sender: leave one out")
            )
        return
    yield from _wrong_sender(settings.sender, numbers=True)


def _of_openapi(settings: SmsSettings) -> Iterator[Problem]:
    for key in ("account", "api_key", "messaging_service", "billed_in"):
        if getattr(settings, key):
            yield wrong_key(key, text("belongs to Twilio"), text("leave it out"))
    yield from _wrong_sender(settings.sender, numbers=False)
    if 0 < len(settings.sender) < 3:
        yield wrong_key("sender", text("Openapi wants at least 3 characters"))
    if settings.callback_url and len(settings.callback_secret.reveal()) < 16:
        cure = text("anybody could send news otherwise: at least 16 characters, from a file or env")
        yield wrong_key("callback_secret", text("missing or too short"), cure)


def _wrong_sender(sender: str, *, numbers: bool) -> Iterator[Problem]:
    if not sender:
        yield wrong_key("sender", text("missing"), text("the alias that is registered for you"))
    elif sender.startswith("+") and numbers:
        if not is_number(sender):
            said = text("{sender!r} is no telephone number", sender=sender)
            yield wrong_key("sender", said, text("write it like +393331234567"))
    elif fault := alias_fault(sender):
        cure = text("letters, digits and spaces, with at least one letter; a number begins with +")
        yield wrong_key("sender", fault, cure)


def _wrong_id(
    settings: SmsSettings, key: str, prefix: str, *, required: bool = False
) -> Iterator[Problem]:
    given = getattr(settings, key)
    if not given and not required:
        return
    if not re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", given):
        said = text("must be {prefix} and 32 digits 0-9 a-f", prefix=prefix)
        yield wrong_key(
            key, said if given else text("missing"), text("copy it from Twilio's console")
        )


def _wrong_address(key: str, given: str) -> Iterator[Problem]:
    if not given:
        return
    try:
        parts = urlsplit(given)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        said = text("{url!r} is no plain web address", url=given.partition("?")[0])
        yield wrong_key(key, said, text("write https://, the host and the path, no more"))
