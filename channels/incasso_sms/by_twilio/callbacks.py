"""Requests of Twilio: what became of a message, and answers of recipients.

Twilio signs the address as it knows it with everything that it posts. Behind a proxy the request
names another one, so the address of the settings is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from twilio.request_validator import RequestValidator, get_signature_algorithm

from incasso.api import (
    Attachment,
    CallbackAnswer,
    CallbackRequest,
    DeliveryState,
    DeliveryUpdate,
    IncomingMessage,
    IncomingNews,
    RejectedError,
    text,
)
from incasso_sms.by_twilio.news import NO_CODE, update_of
from incasso_sms.settings import SmsSettings
from incasso_sms.stop import is_stop

DELIVERY: Final = "delivery"
"""The key of our id in the address that Twilio calls."""
_SIGNATURE: Final = "x-twilio-signature"
_HOW: Final = "x-twilio-webhooks-signature-settings"
_MOST_FIELDS: Final = 200
_NO_REPLY: Final = b"<Response></Response>"
"""What Twilio takes for "no reply"."""


def address_for(settings: SmsSettings, delivery: str) -> str:
    """Where Twilio tells what becomes of a delivery; empty if the office has no public address."""
    if not settings.callback_url:
        return ""
    return f"{settings.callback_url}?{urlencode({DELIVERY: delivery})}"


def told(request: CallbackRequest, settings: SmsSettings) -> CallbackAnswer[IncomingNews]:
    """The news of a request. Raises RejectedError if Twilio did not sign it for this account."""
    fields = _signed(request, settings)
    evidence = _evidence(request, fields)
    if "MessageStatus" in fields:
        return CallbackAnswer(updates=_status(request, fields, evidence), status=204)
    news = _stop(request, fields, evidence) or _answer(request, fields, evidence)
    return CallbackAnswer(updates=(news,) if news else (), body=_NO_REPLY, media_type="text/xml")


def _signed(request: CallbackRequest, settings: SmsSettings) -> Mapping[str, str]:
    """The posted fields, if the signature is right."""
    pairs = _posted(request.body)
    fields = dict(pairs)
    address = settings.callback_url
    if request.query:
        address += "?" + urlencode(dict(request.query))
    given = request.headers.get(_SIGNATURE, "")
    how = get_signature_algorithm(request.headers.get(_HOW, ""))
    validator = RequestValidator(settings.token.reveal())
    is_signed = bool(settings.callback_url) and validator.validate(address, fields, given, how)
    if not is_signed or len(pairs) != len(fields):
        raise _unsigned()
    if fields.get("AccountSid") != settings.account:
        raise _unsigned()
    return fields


def _posted(body: bytes) -> list[tuple[str, str]]:
    try:
        words = body.decode("utf-8")
        return parse_qsl(words, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _unsigned() from None


def _status(
    request: CallbackRequest, fields: Mapping[str, str], evidence: Attachment
) -> tuple[DeliveryUpdate, ...]:
    code = fields.get("ErrorCode", "")
    update = update_of(
        fields.get("MessageSid", ""),
        fields["MessageStatus"],
        int(code) if code.isascii() and code.isdigit() else NO_CODE,
        at=request.received_at,
        evidence=evidence,
        delivery=request.query.get(DELIVERY, ""),
    )
    return (update,) if update else ()


def _stop(
    request: CallbackRequest, fields: Mapping[str, str], evidence: Attachment
) -> DeliveryUpdate | None:
    """A recipient's STOP."""
    sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if not (sid and sender) or not _wants_none(fields):
        return None
    return DeliveryUpdate(
        ref=sid,
        update_id=f"stop-{sid}",
        state=DeliveryState.OPTED_OUT,
        at=request.received_at,
        permanent=False,
        note=text("answered STOP"),
        evidence=evidence,
        recipient=sender,
    )


def _answer(
    request: CallbackRequest, fields: Mapping[str, str], evidence: Attachment
) -> IncomingMessage | None:
    """Any other words of a recipient: for a person."""
    sid, sender, words = (fields.get(name, "") for name in ("MessageSid", "From", "Body"))
    if not (sid and sender and words.strip()):
        return None
    return IncomingMessage(
        update_id=f"answer-{sid}",
        at=request.received_at,
        sender=sender,
        text=words,
        evidence=evidence,
    )


def _wants_none(fields: Mapping[str, str]) -> bool:
    """What Twilio itself makes of the words goes first, where the account has that switched on."""
    if kind := fields.get("OptOutType"):
        return kind.upper() == "STOP"
    return is_stop(fields.get("Body", ""))


def _evidence(request: CallbackRequest, fields: Mapping[str, str]) -> Attachment:
    """The request with its signature, which proves who made it."""
    signature = request.headers.get(_SIGNATURE, "")
    head = f"{request.method} {request.path}\n{_SIGNATURE}: {signature}\n\n"
    return Attachment(
        filename=f"{fields.get('MessageSid', 'callback')}.http",
        media_type="message/http",
        content=head.encode() + request.body,
    )


def _unsigned() -> RejectedError:
    return RejectedError(text("the signature of the callback is wrong"), code="signature")
