"""The channel "sms": the hooks, each a few lines over the account at the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from incasso.api import (
    CallbackAnswer,
    CallbackRequest,
    CallContext,
    CheckReport,
    ConfigurationError,
    DeliveryUpdate,
    IncomingNews,
    OutboundMessage,
    Prepared,
    Problem,
    Receipt,
    Sought,
    hookimpl,
    text,
)
from incasso_sms.composing import composed, prepared
from incasso_sms.content import sms_in
from incasso_sms.service import Service
from incasso_sms.settings import ServiceName, SmsSettings

_MISSING: Final = Problem(
    code="library",
    field="service",
    message=text("Twilio's library is not installed"),
    hint=text('run: pip install "incasso[sms]"'),
)


class SmsChannel:
    """One account at one service."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._service = _service(settings)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Prove the login, and say what the office has not set."""
        settings = self._settings
        report = self._service.check(ctx)
        facts = {
            **report.facts,
            text("sender"): settings.shown_sender,
            text("news come by"): settings.callback_url or text("collect only"),
        }
        return msgspec.structs.replace(report, facts=facts, warnings=tuple(self._warnings()))

    @hookimpl
    def channel_prepare(self, message: OutboundMessage) -> Prepared:
        """Number, spelling, length and cost; what does not fit is refused before it costs."""
        return prepared(message, self._settings)

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand over what was prepared."""
        sms = sms_in(prepared.content) or composed(message, self._settings)
        if ctx.dry_run:
            nothing = text("dry run: number and text are good, nothing sent")
            return Receipt(ref=message.delivery, at=ctx.now(), note=nothing)
        return self._service.send(sms, message.delivery, ctx)

    @hookimpl
    def channel_find(self, delivery: str, sought: Sought, ctx: CallContext) -> Receipt | None:
        """Look for it at the service. Never says "certainly not"."""
        sms = sms_in(sought.content)
        return self._service.find(sms, delivery, sought.not_before, ctx)

    @hookimpl
    def channel_poll(self, refs: tuple[str, ...], ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        """What became of these."""
        return self._service.poll(refs, ctx)

    @hookimpl
    def channel_parse_callback(
        self, request: CallbackRequest, ctx: CallContext
    ) -> CallbackAnswer[IncomingNews]:
        """The news of a request that the service surely made."""
        return self._service.told(request, ctx)

    def _warnings(self) -> Iterator[Problem]:
        if self._settings.callback_url.startswith("http:"):
            yield Problem(
                code="open_callbacks",
                field="callback_url",
                message=text(
                    "news and answers come in the clear: anybody on the way can read them"
                ),
                hint=text("write https://, with a certificate on the server before the hub"),
            )
        if not self._settings.callback_url and self._settings.service is ServiceName.TWILIO:
            yield Problem(
                code="no_callbacks",
                field="callback_url",
                message=text("answers of recipients, STOP among them, do not reach the hub"),
                hint=text("write the public address of this channel, and name it at Twilio"),
            )


def _service(settings: SmsSettings) -> Service:
    """The account; its library is imported only where it is used."""
    match settings.service:
        case ServiceName.TWILIO:
            try:
                from incasso_sms.by_twilio.account import TwilioAccount
            except ModuleNotFoundError:
                raise ConfigurationError((_MISSING,)) from None
            return TwilioAccount(settings)
        case ServiceName.OPENAPI:
            from incasso_sms.by_openapi.account import OpenapiAccount

            return OpenapiAccount(settings)
