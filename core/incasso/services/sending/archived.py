"""Read a message out of the exact bytes that a channel made: a mail, a printed page, a text."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses

from msgspec.structs import replace

from incasso.messages.pages import UnfitPagesError, page_count
from incasso.services.sending.shown import ShownFile, ShownMessage

MAIL, PDF = "message/rfc822", "application/pdf"


def message_in(known: ShownMessage, file: ShownFile) -> ShownMessage:
    """What the bytes say, on top of what is known; of bytes of an unknown form nothing."""
    whole = replace(known, file=file)
    if file.media_type == MAIL:
        return _mail(whole, file.content)
    if file.media_type == PDF:
        return replace(whole, pages=pages_of(file.content))
    if file.media_type.startswith("text/"):
        return replace(whole, text=file.content.decode("utf-8", "replace"))
    return whole


def pages_of(pdf: bytes) -> int:
    """How many pages; 0 for what cannot be opened."""
    try:
        return page_count(pdf)
    except UnfitPagesError:
        return 0


def _mail(known: ShownMessage, content: bytes) -> ShownMessage:
    mail = BytesParser(EmailMessage, policy=default).parsebytes(content)
    to = getaddresses([str(each) for each in mail.get_all("To", [])])
    cc = getaddresses([str(each) for each in mail.get_all("Cc", [])])
    return replace(
        known,
        to=to[0][1] if to else known.to,
        to_name=to[0][0] if to else known.to_name,
        cc=tuple(address for _, address in cc),
        language=str(mail.get("Content-Language", known.language)),
        subject=str(mail.get("Subject", "")),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(_attachments(mail)),
    )


def _body(mail: EmailMessage, form: str) -> str:
    part = mail.get_body((form,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _attachments(mail: EmailMessage) -> Iterator[ShownFile]:
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        yield ShownFile(
            filename=part.get_filename() or "",
            media_type=part.get_content_type(),
            size=len(content) if isinstance(content, bytes) else 0,
            content=content if isinstance(content, bytes) else b"",
        )
