"""Turn a message into the text that leaves: whom it reaches, how it is spelt, how long it is."""

from __future__ import annotations

from incasso.api import OutboundMessage, Prepared, Problem, RejectedError, Text, counted, text
from incasso_sms import gsm
from incasso_sms.content import Sms
from incasso_sms.numbers import UnfitNumberError, mobile_number
from incasso_sms.settings import SmsSettings

_SHOWN = 10
"""So many unknown signs are named."""


def composed(message: OutboundMessage, settings: SmsSettings) -> Sms:
    """The text message as it leaves. Raises RejectedError naming the field."""
    try:
        to = mobile_number(message.to.address, message.to.country)
    except UnfitNumberError as error:
        raise _rejected("number", "to.address", error.message, bad_address=True) from None
    words = gsm.folded(message.text).strip()
    if not words:
        raise _rejected("empty", "text", text("the text is empty"))
    _check_signs(words, settings)
    _check_length(words, settings)
    return Sms(to, settings.shown_sender, words)


def prepared(message: OutboundMessage, settings: SmsSettings) -> Prepared:
    """The same as the page that is archived, with its segments: the hub makes the cost of them."""
    sms = composed(message, settings)
    segments = gsm.segments(sms.text)
    return Prepared(
        content=sms.as_bytes(),
        media_type="text/plain",
        filename=f"{message.delivery}.txt",
        parts=segments,
        warnings=tuple(_warnings(sms.text)),
    )


def _check_signs(words: str, settings: SmsSettings) -> None:
    strange = gsm.unknown(words)
    if not strange or settings.unicode:
        return
    shown = ", ".join(map(repr, strange[:_SHOWN]))
    said = text("signs that text messages do not have: {signs}", signs=shown)
    cure = text("take them out of the short text, or set unicode = true, which costs double")
    raise _rejected("signs", "text", said, hint=cure)


def _check_length(words: str, settings: SmsSettings) -> None:
    segments, most = gsm.segments(words), settings.max_segments
    if segments <= most:
        return
    said = text(
        "{n} characters would be paid as {segments} messages, at most {most} are allowed",
        n=len(words),
        segments=segments,
        most=most,
    )
    raise _rejected("too_long", "text", said, hint=text("shorten it, or raise max_segments"))


def _warnings(words: str) -> tuple[Problem, ...]:
    if gsm.encoding_of(words) is gsm.Encoding.GSM7:
        return ()
    said = counted(
        "sent with signs of other alphabets, as {n} message",
        "sent with signs of other alphabets, as {n} messages",
        n=gsm.segments(words),
    )
    return (Problem(code="unicode", field="text", message=said),)


def _rejected(
    code: str, field: str, words: Text, *, hint: Text | str = "", bad_address: bool = False
) -> RejectedError:
    return RejectedError(
        words,
        code=code,
        problems=(Problem(code=code, message=words, field=field, hint=hint),),
        bad_address=bad_address,
    )
