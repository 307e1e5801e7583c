"""Turn a message into what a PEC provider takes: its formal rules are stricter than those of mail.

One recipient, who stands in `To`; the sender in the mail is the mailbox itself; nobody in Bcc.
Whatever breaks a rule comes back as `non-accettazione`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from incasso.api import (
    Attachment,
    OutboundMessage,
    Prepared,
    Problem,
    RejectedError,
    Text,
    mail,
    text,
)
from incasso_pec.settings import Part, PecSettings

LARGEST_WHOLE: Final = 7_000_000
"""Bytes of a message that comes back whole: its complete receipt may be a third larger, and no
proof above 10 MiB can be archived. Larger messages ask for the brief one, with hashes."""


def prepared(message: OutboundMessage, settings: PecSettings, at: datetime) -> Prepared:
    """The exact bytes. Raises RejectedError naming the field."""
    who, _ = envelope(message, settings)
    for field in ("text", "subject"):
        if not getattr(message, field).strip():
            raise _rejected("empty", field, _EMPTY[field])
    # Asked before and after: encoding a file that cannot go takes longer than refusing it.
    _fits(message, sum(map(_encoded, message.attachments)), settings)
    try:
        plain = mail.compose(message, who, at)
    except mail.UnfitError as error:
        raise _rejected("unfit", error.field, error.message) from None
    part = receipt_for(len(plain), settings)
    content = f"X-TipoRicevuta: {part}\r\n".encode("ascii") + plain
    _fits(message, len(content), settings)
    return Prepared(
        content=content,
        media_type="message/rfc822",
        filename=f"{message.delivery}.eml",
        ref=mail.message_id(message.delivery, who.domain),
        warnings=tuple(_warnings(message, part, settings)),
    )


def envelope(
    message: OutboundMessage, settings: PecSettings
) -> tuple[mail.Envelope, tuple[Problem, ...]]:
    """Sender and the one recipient: copies are left out, each would need a receipt of its own."""
    return mail.addressed(
        msgspec.structs.replace(message, cc=()),
        sender=settings.address,
        sender_name=settings.sender_name,
        reply_to=settings.reply_to,
    )


def receipt_for(size: int, settings: PecSettings) -> Part:
    """What the delivery receipt of a message of that size is asked to repeat."""
    if settings.receipt is Part.COMPLETE and size > LARGEST_WHOLE:
        return Part.BRIEF
    return settings.receipt


def _warnings(message: OutboundMessage, part: Part, settings: PecSettings) -> list[Problem]:
    told = []
    if message.cc:
        words = text("no copies: a certified message goes to one recipient")
        told.append(Problem(code="no_copies", field="cc", message=words))
    if part is not settings.receipt:
        words = text("too large to come back whole: its delivery receipt will hold hashes")
        told.append(Problem(code="brief_receipt", field="attachments", message=words))
    return told


def _encoded(file: Attachment) -> int:
    """Bytes of a file on the way: base64 writes 57 as a line of 78."""
    return len(file.content) * 78 // 57


def _fits(message: OutboundMessage, size: int, settings: PecSettings) -> None:
    if size > (most := settings.max_message_bytes):
        field = "attachments" if message.attachments else "text"
        why = text("{size} bytes are too many, {most} at most", size=str(size), most=str(most))
        raise _rejected("too_large", field, why)


_EMPTY: Final = {
    "text": text("the text is empty"),
    "subject": text("the subject is empty"),
}


def _rejected(code: str, field: str, words: Text) -> RejectedError:
    return RejectedError(
        words,
        code=code,
        problems=(Problem(code=code, message=words, field=field),),
    )
