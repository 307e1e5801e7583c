"""The texts in a mail as people would read them: decoded and without tags."""

from __future__ import annotations

import html
import re
from base64 import b64decode
from binascii import Error
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

_TAGS: Final = re.compile(r"<(?:[a-zA-Z/!][^<>@]{0,2000})>")
_BREAKS: Final = re.compile(r"<(?:br|/p|/div|/tr|/li)\b[^<>]*>", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=\s]+")
MOST: Final = 1_000_000
"""Characters of one text that are looked at."""


def text_of(part: Message) -> str:
    """The text of a part: of a leaf decoded, of a message inside its source."""
    if part.is_multipart():
        inside = part.get_payload()
        # As bytes: as a string, the parser makes question marks of letters beyond ASCII.
        pieces = [each.as_bytes() for each in inside if isinstance(each, Message)]
        source = characters(b"\n\n".join(pieces), part.get_content_charset())
        return _from_base64(part, source)[:MOST]
    content = part.get_payload(decode=True)
    text = characters(content if isinstance(content, bytes) else b"", part.get_content_charset())
    return (without_tags(text) if part.get_content_type() == "text/html" else text)[:MOST]


def decoded(value: str) -> str:
    """A header's value with its encoded words read (RFC 2047), in one line."""
    with suppress(ValueError, LookupError, UnicodeError):
        value = str(make_header(decode_header(value)))
    return " ".join(value.split())


def value(message: Message, name: str) -> str:
    """A header in one line, decoded; hostile bytes in it become question marks."""
    return decoded(str(message.get(name, "")).encode("utf-8", "replace").decode())


def without_tags(text: str) -> str:
    """HTML as text, roughly."""
    return html.unescape(_TAGS.sub(" ", _BREAKS.sub("\n", text)))


def characters(content: bytes, charset: str | None) -> str:
    """Bytes as text: by the charset that is named if it fits, else as UTF-8, else as Latin-1."""
    for each in (charset or "utf-8", "utf-8"):
        try:
            return content.decode(each)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def _from_base64(part: Message, text: str) -> str:
    """The parser does not decode a message inside, though RFC 6533 lets it be in base64."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return text
    if not _BASE64.fullmatch(text):
        return text
    try:
        return b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (Error, ValueError):
        return text
