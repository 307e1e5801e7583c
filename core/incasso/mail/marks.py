"""Find which message of ours a mail is about: by the marks in what came back of it.

A message carries its delivery in `X-Incasso-Delivery` and in its Message-ID. They are looked for in
the returned headers, then in every text, decoded: some servers paste the original into theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.utils import getaddresses
from typing import Final

from incasso.mail.status_fields import Fields
from incasso.mail.texts import text_of, value

_ID: Final = r"([A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z0-9_-]{1,64}){0,4})"
_OURS: Final = re.compile(rf"<hub\.{_ID}@[^<>@\s]{{1,255}}>")
_MARK: Final = re.compile(rf"^[>| \t]*X-Incasso-Delivery:[ \t]*{_ID}", re.I | re.M)
_MESSAGE_ID: Final = re.compile(rf"^[>| \t]*Message-ID:\s*<hub\.{_ID}@", re.I | re.M)
_ENVELOPE: Final = re.compile(rf"hub\.{_ID}\.[0-9a-f]{{32}}")
_RETURNED: Final = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
)


@dataclass(frozen=True, kw_only=True)
class Original:
    """What came back of our message: enough to know which delivery it was."""

    delivery: str
    debtor: frozenset[str] = frozenset()
    """To whom it went, where that came back."""
    copies: frozenset[str] = frozenset()
    """Who only got a copy: their bounce says nothing about the debtor's message."""


def original_in(mail: Message, fields: Iterable[Fields], *, by_system: bool) -> Original | None:
    """The message a mail is about; None if no mark is in it, or marks of several messages.

    `by_system`: a mail server wrote it, so that what it answers to is what it reports about.
    """
    for headers in _returned(mail):
        if delivery := _delivery(headers):
            return _with_people(delivery, headers)
    for block in fields:
        named = block.get("original-envelope-id", ""), block.get("original-message-id", "")
        found = _ENVELOPE.search(named[0]) or _OURS.search(named[1])
        if found:
            return Original(delivery=found.group(1))
    if (pasted := _pasted(mail)) is not None:
        return pasted
    answered = f"{value(mail, 'In-Reply-To')} {value(mail, 'X-Original-Message-ID')}"
    found = _OURS.search(answered) if by_system else None
    return Original(delivery=found.group(1)) if found else None


def envelope_id_in(fields: Iterable[Fields]) -> str:
    """The envelope id that a report brings back; empty if it brings none."""
    return next((each for block in fields if (each := block.get("original-envelope-id"))), "")[:200]


def before_the_original(text: str) -> str:
    """The words of the server, without the message of ours that it pasted below them."""
    if (found := _MARK.search(text) or _MESSAGE_ID.search(text)) is None:
        return text
    above = text[: found.start()]
    lines = above.splitlines(keepends=True)
    while lines and re.match(r"[>| \t]*[A-Za-z-]+:[ \t]|[>|]*[ \t]+\S", lines[-1]):
        lines.pop()
    return "".join(lines)


def _returned(mail: Message) -> Iterator[Message]:
    """The headers that came back: of a whole mail, or in a part that holds only headers."""
    for part in mail.walk():
        if part is mail or part.get_content_type() not in _RETURNED:
            continue
        inside = part.get_payload(0) if part.is_multipart() else None
        yield inside if isinstance(inside, Message) else message_from_string(text_of(part))
        yield message_from_string(text_of(part))


def _delivery(headers: Message) -> str:
    """Our own header survives relays that put in a Message-ID of theirs, such as Amazon SES."""
    mark = re.fullmatch(_ID, value(headers, "X-Incasso-Delivery"))
    found = mark or _OURS.search(value(headers, "Message-ID"))
    return found.group(1) if found else ""


def _with_people(delivery: str, headers: Message) -> Original:
    debtor = _addresses(headers, "To")
    return Original(delivery=delivery, debtor=debtor, copies=_addresses(headers, "Cc") - debtor)


def _addresses(headers: Message, name: str) -> frozenset[str]:
    found = getaddresses([value(headers, name)])
    return frozenset(address.lower() for _, address in found if "@" in address)


def _pasted(mail: Message) -> Original | None:
    """Marks in the texts themselves; of the names of several messages, none is sure."""
    for part in mail.walk():
        if part.is_multipart() and part is not mail and part.get_content_maintype() != "message":
            continue
        text = text_of(part) if not (part is mail and part.is_multipart()) else ""
        names = _names_in(text)
        if len(names) == 1:
            (delivery,) = names
            return _with_people(
                delivery, message_from_string(text[len(before_the_original(text)) :])
            )
    return None


def _names_in(text: str) -> set[str]:
    for marks in (_MARK, _MESSAGE_ID, _OURS):
        if names := {each.rstrip(".") for each in marks.findall(text)}:
            return names
    return set()
