"""Turn a message into the file that stands for it: a mail, a printed page, or a short text."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterator
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from typing import Final

from incasso.api import (
    AddressForm,
    Attachment,
    Carries,
    InlineImage,
    OutboundMessage,
    Prepared,
    Problem,
    RejectedError,
)
from incasso.api import text as sentence

_ADDRESS: Final = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;]+")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ./()-]{3,}")
_CRLF: Final = "\r\n"
_LINES_OF_MAIL: Final = compat32.clone(linesep=_CRLF)
_SENDER_DOMAIN: Final = "incasso.invalid"
"""A folder has no mailbox: RFC 2606's name shows that nothing was sent from anywhere."""


def prepare(message: OutboundMessage, at: datetime) -> Prepared:
    """The file's name and bytes. Raises RejectedError naming the field."""
    if message.medium.carries(Carries.PAGES):
        return _page(message)
    if not message.text.strip():
        raise refused("text", sentence("the text is empty"))
    is_mail = message.medium.traits.form is AddressForm.MAIL
    return _mail(message, at) if is_mail else _short(message)


def refused(field: str, text: str, *, bad_address: bool = False) -> RejectedError:
    """The refusal that names its field."""
    problem = Problem(code="unfit", message=text, field=field)
    return RejectedError(f"{field}: {text}", problems=(problem,), bad_address=bad_address)


def _page(message: OutboundMessage) -> Prepared:
    """A letter, registered letter or fax is its finished PDF."""
    if message.letter is None or not message.letter.content:
        raise refused(
            "letter", sentence("a {medium} needs its finished page (PDF)", medium=message.medium)
        )
    _check_number_or_post(message)
    return Prepared(
        content=message.letter.content,
        media_type="application/pdf",
        filename=f"{message.delivery}.pdf",
        ref=message.delivery,
    )


def _short(message: OutboundMessage) -> Prepared:
    """A short text is the text itself."""
    _check_number_or_post(message)
    return Prepared(
        content=message.text.encode("utf-8", "replace"),
        media_type="text/plain",
        filename=f"{message.delivery}.txt",
        ref=message.delivery,
    )


def _mail(message: OutboundMessage, at: datetime) -> Prepared:
    """A mail as any mail program opens it.

    The standard library's older classes build it: `EmailMessage` parses every header it is given
    and takes five times as long.
    """
    _check(_ADDRESS, message, sentence("mail address"))
    if not message.subject.strip():
        raise refused("subject", sentence("the subject is empty"))
    if len(message.subject.splitlines()) > 1:
        raise refused("subject", sentence("a line break in it would begin a new header"))
    try:
        head = "".join(f"{_header(name, text)}\r\n" for name, text in _head(message, at))
        content = head.encode("ascii") + _body(message).as_bytes(policy=_LINES_OF_MAIL)
    except ValueError as error:  # what the library says of an address or file name
        raise refused(
            "subject", sentence("cannot become a mail: {error}", error=str(error))
        ) from None
    return Prepared(
        content=content,
        media_type="message/rfc822",
        filename=f"{message.delivery}.eml",
        ref=message.delivery,
    )


def _head(message: OutboundMessage, at: datetime) -> Iterator[tuple[str, str]]:
    """The headers about the message; the body brings its own."""
    yield "From", _box(message.sender_name or "Incasso", f"noreply@{_SENDER_DOMAIN}")
    yield "To", _box(message.to.name, message.to.address)
    if copies := [_box(each.name, each.address) for each in message.cc if each.address]:
        yield "Cc", ", ".join(copies)
    if reply_to := parseaddr(message.reply_to)[1]:
        yield "Reply-To", reply_to
    yield "Subject", message.subject
    yield "Date", format_datetime(at)
    yield "Message-ID", _message_id(message.delivery)
    if message.thread:
        yield "In-Reply-To", _message_id(message.thread[-1])
        yield "References", " ".join(map(_message_id, message.thread))
    yield "X-Incasso-Delivery", message.delivery


def _header(name: str, text: str) -> str:
    """One header, folded, in encoded words where it is not ASCII."""
    return f"{name}: {Header(_encodable(text), header_name=name).encode(linesep=_CRLF)}"


def _body(message: OutboundMessage) -> MIMEBase:
    """The text, HTML beside it, both with files. The same message gives the same bytes."""
    body = _text("plain", message.text)
    if message.html:
        parts = [body, _web_page(message)]
        body = MIMEMultipart("alternative", f"=_a_{message.delivery}", parts)
    if message.attachments:
        files = map(_attached, message.attachments)
        body = MIMEMultipart("mixed", f"=_m_{message.delivery}", [body, *files])
    return body


def _web_page(message: OutboundMessage) -> MIMEBase:
    """The HTML, together with the pictures that it shows."""
    page = _text("html", message.html)
    if not message.images:
        return page
    pictures = map(_pictured, message.images)
    return MIMEMultipart("related", f"=_r_{message.delivery}", [page, *pictures])


def _text(kind: str, text: str) -> MIMEBase:
    """Quoted-printable, because base64 cannot be read in the file."""
    part = MIMEBase("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode("utf-8", "replace"), istext=True).decode("ascii"))
    return part


def _pictured(image: InlineImage) -> MIMEBase:
    part = _attached(image, "inline")
    part.add_header("Content-ID", f"<{image.cid}>")
    return part


def _attached(attachment: Attachment, shown: str = "attachment") -> MIMEBase:
    main, _, sub = attachment.media_type.partition("/")
    if main in ("message", "multipart") or not sub:
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub)
    part.set_payload(attachment.content)
    encode_base64(part)
    part.add_header("Content-Disposition", shown, filename=attachment.filename)
    return part


def _box(name: str, address: str) -> str:
    """An address with its name. White space in a name is only untidy, so it is tidied."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(sentence("{address!r} is no mail address", address=address))
    local, _, domain = address.rpartition("@")
    ascii_address = f"{local}@{domain.encode('idna').decode()}"
    return formataddr((_encodable(" ".join(name.split())), ascii_address))


def _encodable(text: str) -> str:
    """Without the halves of characters that broken exports hold: no mail can carry them."""
    return text.encode("utf-8", "replace").decode()


def _message_id(delivery: str) -> str:
    return f"<hub.{delivery}@{_SENDER_DOMAIN}>"


def _check(pattern: re.Pattern[str], message: OutboundMessage, what: str) -> None:
    if not pattern.fullmatch(message.to.address):
        raise refused(
            "to",
            sentence("{address!r} is no {what}", address=message.to.address, what=what),
            bad_address=True,
        )


def _check_number_or_post(message: OutboundMessage) -> None:
    if message.medium.traits.form is AddressForm.NUMBER:
        _check(_NUMBER, message, sentence("number"))
    elif not any(line.strip() for line in message.to.postal):
        raise refused(
            "to",
            sentence("a {medium} needs a postal address", medium=message.medium),
            bad_address=True,
        )
