"""What a gateway writes about a fax. Each has its own words: the settings name them, and a mail in
which none or both kinds stand is shown to a person.
"""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from hashlib import sha256
from typing import Final

from incasso.api import Attachment, DeliveryState, DeliveryUpdate, Text, mail, text
from incasso_fax.by_mail.settings import FaxMailSettings

HEADERS: Final = ("From", "Subject", *mail.REPORT_HEADERS)

_DAMAGE: Final = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the parser of mails raises at damaged ones."""
_MOST: Final = 20_000
_DENIED: Final = r"\b(?:not|non|never|mai|cannot)\b(?:\W+\w+){0,3}?\W+"


def may_be_result(headers: bytes, settings: FaxMailSettings) -> bool:
    """Whether a mail comes from the gateway, or is a report about ours to it."""
    line = re.search(rb"^from:(.*(?:\r?\n[ \t].*)*)", headers, re.IGNORECASE | re.MULTILINE)
    sender = line.group(1).decode("ascii", "replace").lower() if line else ""
    return any(_is_of(sender, each) for each in settings.reporting) or mail.may_be_report(headers)


def read_result(raw: bytes, at: datetime, settings: FaxMailSettings) -> tuple[DeliveryUpdate, ...]:
    """What a mail says about a fax of ours; nothing if it names none."""
    bounced = mail.read_report(
        raw, at, authserv=settings.imap_authserv, trusted=(settings.domain, *settings.reporting)
    )
    if bounced:
        return bounced
    head, words = _words(raw)
    ours = re.search(rf"hub\.([A-Za-z0-9_-]+)@{re.escape(settings.domain)}", words)
    if ours is None:
        return ()
    state, note = _meaning(words, settings)
    origin = mail.origin_of(head, authserv=settings.imap_authserv, trusted=settings.reporting)
    return (
        DeliveryUpdate(
            ref=ours.group(1),
            update_id=f"fax:{sha256(raw).hexdigest()[:32]}",
            state=state,
            at=at,
            note=note,
            evidence=Attachment(filename="result.eml", media_type="message/rfc822", content=raw),
            origin=origin,
        ),
    )


def _meaning(words: str, settings: FaxMailSettings) -> tuple[DeliveryState, Text]:
    """What the words of failure cover is not read again: `unsuccessful` holds `successful`. What is
    denied ("non è stato consegnato") says nothing that a program should believe."""
    plain = " ".join(words.lower().split())
    failed = _met(settings.failed_words, plain)
    for each in failed:
        plain = plain.replace(each, " ")
    arrived = _met(settings.arrived_words, plain)
    if any(re.search(_DENIED + re.escape(each), plain) for each in arrived):
        return DeliveryState.UNREADABLE, text("the gateway's mail says neither yes nor no")
    if failed and arrived:
        return DeliveryState.UNREADABLE, text("the gateway's mail says both yes and no")
    if not failed and not arrived:
        return DeliveryState.UNREADABLE, text("the gateway's mail says neither yes nor no")
    state = DeliveryState.BOUNCED if failed else DeliveryState.DELIVERED
    return state, text("the gateway says: {words}", words=[*failed, *arrived][0])


def _met(wanted: tuple[str, ...], plain: str) -> list[str]:
    """The words that stand there, the longest first."""
    return sorted((each.lower() for each in wanted if each.lower() in plain), key=len, reverse=True)


def _words(raw: bytes) -> tuple[Message, str]:
    """Headers and the readable words of a mail, damage read round."""
    head = message_from_bytes(raw)
    try:
        whole = message_from_bytes(raw, policy=policy.default)
        assert isinstance(whole, EmailMessage)
        said = [str(whole.get(name, "")) for name in ("Subject", "In-Reply-To", "References")]
        body = whole.get_body(("plain", "html"))
        said.append(str(body.get_content())[:_MOST] if body is not None else "")
    except _DAMAGE:
        said = [raw[:_MOST].decode("latin-1")]
    return head, "\n".join(said)


def _is_of(sender: str, domain: str) -> bool:
    return re.search(rf"[@.]{re.escape(domain.lower())}\b", sender) is not None
