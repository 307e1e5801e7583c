"""Turn a message into the exact bytes of a mail: same message, same instant, same bytes."""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from incasso.contract.channel import InlineImage, OutboundMessage
from incasso.contract.text import Text, text
from incasso.contract.values import Attachment
from incasso.mail import headers
from incasso.mail.envelope import Envelope, message_id

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TURNING: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_CID: Final = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,64}", re.ASCII)
_LONGEST_NAME: Final = 200
_ENCODED_LINE: Final = 76


class UnfitError(ValueError):
    """The message cannot become a mail; `field` names the culprit."""

    def __init__(self, field: str, message: Text) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def compose(message: OutboundMessage, who: Envelope, at: datetime) -> bytes:
    """The mail as it will travel: CRLF lines, at most 998 long, ASCII unless an address is not.

    `at` becomes the Date. Raises UnfitError naming the field.
    """
    head = _head(message, who, at)
    seed = sha256(message.delivery.encode()).hexdigest()[:24]
    return f"{head}\r\n".encode() + _body(message, seed)


def one_line(field: str, given: str) -> str:
    """The text, if it is one line. Raises UnfitError: a line break would begin a new header.

    A subject with a line break in it could otherwise add a `Bcc:` of its own. Marks that turn the
    writing round are left out: with one `fattura\\u202efdp.exe` looks like a PDF.
    """
    if not given.isprintable() and _CONTROL.search(given):
        words = text("{given!r} has a line break or control character in it", given=given)
        raise UnfitError(field, words)
    return _TURNING.sub("", given)


def _head(message: OutboundMessage, who: Envelope, at: datetime) -> str:
    """The headers about the message, without those about its body.

    `Precedence` and `List-Unsubscribe` are left out on purpose: they mark mass mailings, and a
    formal notice is none. RFC 3834's `Auto-Submitted` keeps holiday responders quiet.
    """
    lines = [
        f"From: {_box('sender', who.sender_name, who.sender)}",
        f"To: {_box('to', who.to_name, who.to)}",
    ]
    if who.cc:
        boxes = [_box("cc", name, address) for name, address in who.cc]
        lines.append(headers.listed("Cc", [f"{box}," for box in boxes[:-1]] + boxes[-1:]))
    if who.reply_to:
        lines.append(f"Reply-To: {who.reply_to}")
    lines += [
        headers.words("Subject", one_line("subject", message.subject)),
        f"Date: {format_datetime(at.astimezone(UTC))}",
        *_references(message, who.domain),
        "Auto-Submitted: auto-generated",
        f"X-Incasso-Delivery: {message.delivery}",
        "MIME-Version: 1.0",
    ]
    return "\r\n".join(lines)


def _box(field: str, name: str, address: str) -> str:
    """An address with its name. White space in a name is only untidy, so it is tidied."""
    return headers.mailbox(one_line(field, " ".join(name.split())), address)


def _references(message: OutboundMessage, domain: str) -> list[str]:
    """Message-ID, and the chain on which mail programs thread: not the subject, these."""
    for delivery in (message.delivery, *message.thread):
        if not _REFERENCE.fullmatch(delivery):
            words = text("{delivery!r} cannot be part of a Message-ID", delivery=delivery)
            raise UnfitError("delivery", words)
    lines = [f"Message-ID: {message_id(message.delivery, domain)}"]
    if message.thread:
        earlier = [message_id(delivery, domain) for delivery in message.thread]
        lines += [f"In-Reply-To: {earlier[-1]}", headers.listed("References", earlier)]
    return lines


def _body(message: OutboundMessage, seed: str) -> bytes:
    """The body with its own headers: text, text with HTML beside it, either with files."""
    body = _words("plain", message.text)
    if message.html:
        parts = [body, _page(message, seed)]
        body = _multipart("alternative", parts, f"=_a{seed}")
    if message.attachments:
        files = [_file(attachment) for attachment in message.attachments]
        body = _multipart("mixed", [body, *files], f"=_m{seed}")
    return body


def _page(message: OutboundMessage, seed: str) -> bytes:
    """The HTML, together with the pictures that it shows (RFC 2387)."""
    page = _words("html", message.html)
    if not message.images:
        return page
    return _multipart("related", [page, *map(_image, message.images)], f"=_r{seed}")


def _words(subtype: str, given: str) -> bytes:
    """A part of text. Quoted-printable passes every relay and stays legible in the archive."""
    lines = given.replace("\r\n", "\n").replace("\r", "\n")
    if not lines.endswith("\n"):
        lines += "\n"
    quoted = b2a_qp(lines.encode("utf-8", "replace"), istext=True)
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + quoted.replace(b"\n", b"\r\n")


def _image(image: InlineImage) -> bytes:
    """A part that the HTML shows."""
    if not _CID.fullmatch(image.cid):
        raise UnfitError("images", text("{cid!r} is no Content-ID", cid=image.cid))
    return f"Content-ID: <{image.cid}>\r\n".encode() + _file(image, "inline")


def _file(attachment: Attachment, shown: str = "attachment") -> bytes:
    """A part that is a file."""
    name = one_line("attachments", attachment.filename)
    if not 0 < len(name) <= _LONGEST_NAME:
        words = text("{name!r} is empty or too long for a file name", name=name[:40])
        raise UnfitError("attachments", words)
    kind = attachment.media_type
    if not _MEDIA_TYPE.fullmatch(kind):
        raise UnfitError("attachments", text("{kind!r} is no media type", kind=kind))
    if kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"  # RFC 2046 forbids base64 on a message
    raw = b2a_base64(attachment.content, newline=False)
    lines = [raw[at : at + _ENCODED_LINE] for at in range(0, len(raw), _ENCODED_LINE)]
    return (
        f"Content-Type: {kind}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: {shown};\r\n {headers.parameter('filename', name)}\r\n\r\n"
    ).encode() + b"".join(line + b"\r\n" for line in lines)


def _multipart(subtype: str, parts: list[bytes], boundary: str) -> bytes:
    """Parts in one. No part can hold the boundary: neither encoding ever writes "=_"."""
    frame = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    between = f"--{boundary}\r\n".encode()
    return b"".join(
        (frame.encode(), *(between + part for part in parts), f"--{boundary}--\r\n".encode())
    )
