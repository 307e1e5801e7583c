"""Read what somebody wrote to us: whom it answers, who wrote it, the words, the files beside them.

The bytes are a stranger's: none of them make these functions raise, and what is read has bounds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from incasso.contract.channel import IncomingMessage
from incasso.contract.values import Attachment
from incasso.mail.automatic import AUTOMATIC_HEADERS, is_bulk, kind_of
from incasso.mail.dialects import by_system
from incasso.mail.html_words import words_of_html
from incasso.mail.quoted import own_words
from incasso.mail.texts import MOST, characters, decoded, value

INCOMING_HEADERS: Final = ("From", "In-Reply-To", "References", *AUTOMATIC_HEADERS)
"""What `may_be_incoming` looks at."""

LONGEST_TEXT: Final = 20_000
MOST_FILES: Final = 100
_MOST_READ: Final = 100_000
_MOST_PARTS: Final = 1_000
_MOST_ANSWERS: Final = 30
_LONGEST_ID: Final = 128
_LONGEST_SUBJECT: Final = 500
_ID: Final = re.compile(r"<[^<>\s]{1,126}>")
_OURS: Final = re.compile(r"<hub\.[^<>@\s]+@", re.IGNORECASE)
_MARK: Final = "X-Incasso-Delivery"
_ENVELOPE: Final = "X-Trasporto"
_INNER: Final = "postacert.eml"
_DAMAGE: Final = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)


class Replies(StrEnum):
    """What becomes of mails that are no reports: a setting of channels that read a mailbox."""

    ALL = "all"
    """They are kept and shown in the inbox."""
    KNOWN = "known"
    """Only answers to messages of ours, and what clients write from an address that is known."""
    NONE = "none"
    """Nobody looks at them."""


class MailFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that came with a mail."""

    name: str
    media_type: str
    content: bytes


class MailInside(msgspec.Struct, frozen=True, kw_only=True):
    """What a kept mail says, for people."""

    text: str
    """All of it, what it quotes included."""
    files: tuple[MailFile, ...] = ()
    """At most `MOST_FILES`."""


def may_be_incoming(headers: bytes) -> bool:
    """Whether a mail with these headers is worth reading whole: newsletters that answer nothing of
    ours are not."""
    found = BytesHeaderParser().parsebytes(headers)
    return _OURS.search(" ".join(_answered(found))) is not None or not is_bulk(found)


def read_incoming(
    raw: bytes,
    at: datetime,
    *,
    own: Collection[str] = (),
    keep_unknown: bool = True,
    is_cut: bool = False,
) -> IncomingMessage | None:
    """The message in a mail that arrived; None for mails of servers and for our own.

    `own`: addresses of ours, in small letters. The same bytes give the same `update_id` always. In
    an envelope of certified mail it is the mail inside; the bytes kept are all of them.
    """
    mail = _inside(_parsed(raw))
    name, sender = _sender(mail)
    if sender.lower() in own or _MARK in mail or by_system(mail):
        return None
    digest = sha256(raw).hexdigest()
    return IncomingMessage(
        update_id=f"mail:{digest[:32]}",
        at=at,
        sender=sender[:320],
        sender_name=name[:200],
        subject=_storable(value(mail, "Subject"))[:_LONGEST_SUBJECT],
        text=own_words(_words(mail)[:_MOST_READ])[:LONGEST_TEXT],
        answers=_answered(mail),
        kind=kind_of(mail),
        evidence=Attachment(
            filename=f"reply-{digest[:12]}.eml", media_type="message/rfc822", content=raw
        ),
        is_cut=is_cut,
        keep_unknown=keep_unknown,
    )


def mail_inside(raw: bytes) -> MailInside:
    """The words and the files of a mail that was kept."""
    mail = _inside(_parsed(raw))
    return MailInside(text=_words(mail), files=tuple(files_of(mail)))


def _parsed(raw: bytes) -> Message:
    """The mail; of one whose parts cannot be read, its headers."""
    try:
        return message_from_bytes(raw)
    except _DAMAGE:
        return BytesHeaderParser().parsebytes(raw)


def _inside(mail: Message) -> Message:
    """The mail that came in an envelope of certified mail (RFC 6109), also one of the kind for
    ordinary mails; any other is itself."""
    if _ENVELOPE not in mail:
        return mail
    for part in _parts(mail):
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            if (_name(part) or _INNER).lower() == _INNER and isinstance(inner, Message):
                return inner
    return mail


def _answered(mail: Message) -> tuple[str, ...]:
    """The Message-IDs that it answers, the nearest first."""
    nearest = _ID.findall(value(mail, "In-Reply-To"))
    line = _ID.findall(value(mail, "References")[-8_000:])
    every = [each for each in (*nearest, *reversed(line)) if len(each) <= _LONGEST_ID]
    return tuple(dict.fromkeys(map(_storable, every)))[:_MOST_ANSWERS]


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address of who wrote it; both empty where it does not say."""
    try:
        found = getaddresses([str(mail.get("From", ""))])
    except _DAMAGE:
        return "", ""
    name, address = found[0] if found else ("", "")
    return _storable(decoded(name)), _storable(address.strip())


def _words(mail: Message) -> str:
    """The text as its reader sees it: the plain one, else that of the HTML."""
    plain: list[str] = []
    html: list[str] = []
    try:
        for part in _parts(mail):
            if _is_file(part):
                continue
            if part.get_content_type() == "text/plain":
                plain.append(_text(part))
            elif part.get_content_type() == "text/html":
                html.append(words_of_html(_text(part)))
    except _DAMAGE:
        pass
    return "\n".join(plain) if any(map(str.strip, plain)) else "\n".join(html)


def files_of(mail: Message) -> Iterator[MailFile]:
    """The files beside a mail's words, at most `MOST_FILES`."""
    count = 0
    for part in _parts(mail):
        if count == MOST_FILES:
            return
        if _is_file(part):
            count += 1
            yield MailFile(
                name=_storable(_name(part))[-200:],
                media_type=part.get_content_type(),
                content=_bytes(part),
            )


def _parts(mail: Message) -> Iterator[Message]:
    """Every part in its order, the message in a forwarded mail as one; not by `walk`, which goes
    into each and is recursive."""
    waiting, seen = [mail], 0
    while waiting and seen < _MOST_PARTS:
        part = waiting.pop()
        seen += 1
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting += [each for each in reversed(inside) if isinstance(each, Message)]
        else:
            yield part


def _is_file(part: Message) -> bool:
    if part.get_content_type() in ("text/plain", "text/html"):
        return part.get_content_disposition() == "attachment" or bool(_name(part))
    return True


def _name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except _DAMAGE:
        return ""


def _text(part: Message) -> str:
    charset = part.get_content_charset()
    return _storable(characters(_bytes(part), charset)[:MOST])


def _bytes(part: Message) -> bytes:
    try:
        if part.is_multipart():
            inner = part.get_payload(0)
            return inner.as_bytes() if isinstance(inner, Message) else b""
        content = part.get_payload(decode=True)
    except _DAMAGE:
        return b""
    return content if isinstance(content, bytes) else b""


def _storable(words: str) -> str:
    """Without what a database does not keep: NUL, halves of surrogate pairs."""
    kept = words.encode("utf-8", "replace").decode()
    return kept.replace("\0", "\N{REPLACEMENT CHARACTER}")
