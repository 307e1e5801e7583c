"""Read what a mail server reports about a message of ours: delivery status notifications (DSN).

RFC 3464 first: it names message, recipient, action and status. Servers that do not keep to it
are read by flufl.bounce, which knows many of their dialects but finds only the address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.values import Attachment
from incasso.mail.replies import means_bad_address

# It logs a traceback alwaysy detector that a damaged mail confuses.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_OURS: Final = re.compile(r"<hub\.([A-Za-z0-9_.-]+)@[^<>@\s]+>")
_MARK: Final = re.compile(r"^[> \t]*X-Incasso-Delivery:[ \t]*([A-Za-z0-9_.-]+)", re.I | re.M)

_STATES: Final = {
    "failed": DeliveryState.BOUNCED,
    "delayed": DeliveryState.DELAYED,
    "delivered": DeliveryState.DELIVERED,
    # The next server gives no reports: all that is known is that it went on.
    "relayed": DeliveryState.SENT,
    "expanded": DeliveryState.SENT,
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one server says about one recipient of one message."""

    recipient: str
    action: str
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, kw_only=True)
class Original:
    """What came back of our message: enough to know which delivery it was."""

    delivery: str
    copies: frozenset[str] = frozenset()


REPORT_HEADERS: Final = (
    "From",
    "Return-Path",
    "Content-Type",
    "Auto-Submitted",
    "X-Failed-Recipients",
)
"""What `may_be_report` looks at."""


def may_be_report(headers: bytes) -> bool:
    """Whether a mail with these headers is worth reading whole: most mail in a box is not."""
    text = headers.decode("ascii", "replace").lower()
    return any(sign in text for sign in _SIGNS) or "<>" in text


_SIGNS: Final = (
    "multipart/report",
    "delivery-status",
    "mailer-daemon",
    "postmaster",
    "x-failed-recipients",
    "auto-submitted: auto-replied",
)


def read_report(raw: bytes, at: datetime) -> tuple[DeliveryUpdate, ...]:
    """What a mail says about our deliveries; nothing for mail of any other kind.

    `at`: when it arrived. The same bytes give the same `update_id` always.
    """
    mail = message_from_bytes(raw)
    original = _original(mail, raw)
    if original is None:
        return ()
    reports = tuple(_reports(mail)) or tuple(_guessed(mail))
    digest = sha256(raw).hexdigest()[:32]
    evidence = Attachment(filename="bounce.eml", media_type="message/rfc822", content=raw)
    return tuple(
        DeliveryUpdate(
            ref=original.delivery,
            update_id=f"dsn:{digest}:{number}",
            state=_STATES[report.action],
            at=at,
            permanent=report.action != "delayed",
            bad_address=report.action == "failed" and _about_address(report),
            note=_words(report),
            evidence=evidence,
        )
        for number, report in enumerate(reports)
        if report.action in _STATES and report.recipient not in original.copies
    )


def _reports(mail: Message) -> Iterator[Report]:
    """Each recipient's block of each status part, wherever it stands: Gmail nests it deep."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for block in part.get_payload():
            if isinstance(block, Message) and (action := _value(block, "Action").lower()):
                yield Report(
                    recipient=_recipient(block),
                    action=action.split()[0].strip(";,"),
                    status=_value(block, "Status").split(" ")[0],
                    diagnostic=_typed(_value(block, "Diagnostic-Code")),
                )


def _guessed(mail: Message) -> Iterator[Report]:
    """What flufl.bounce makes of a mail that keeps to no standard."""
    from flufl.bounce import all_failures  # only for odd mails, and slow to load

    try:
        passing, final = all_failures(mail)
    except Exception:  # its detectors stumble over damaged mail, each in its own way
        return
    for found, action in ((final, "failed"), (passing - final, "delayed")):
        for address in sorted(found):
            yield Report(recipient=address.decode("ascii", "replace").lower(), action=action)


def _original(mail: Message, raw: bytes) -> Original | None:
    """The delivery a mail is about, by our own headers in what was returned of it."""
    for part in mail.walk():
        if part is mail or part.get_content_type() == "multipart/report":
            continue
        headers = _returned_headers(part)
        if headers is not None and (delivery := _delivery(headers)):
            return Original(delivery=delivery, copies=_copies(headers))
    found = _MARK.search(raw.decode("ascii", "replace")) or _OURS.search(
        raw.decode("ascii", "replace")
    )
    return Original(delivery=found.group(1).rstrip(".")) if found else None


def _returned_headers(part: Message) -> Message | None:
    """The headers of the returned message: whole mail, or a part that holds only its headers."""
    kind = part.get_content_type()
    if kind == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner if isinstance(inner, Message) else None
    if kind == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        return message_from_bytes(content) if isinstance(content, bytes) else None
    return None


def _delivery(headers: Message) -> str:
    """Our own header survives relays that put in a Message-ID of theirs, such as Amazon SES."""
    if mark := _value(headers, "X-Incasso-Delivery"):
        return mark
    found = _OURS.search(_value(headers, "Message-ID"))
    return found.group(1) if found else ""


def _copies(headers: Message) -> frozenset[str]:
    """Who only got a copy: their bounce says nothing about the debtor's message."""
    debtor = {address.lower() for _, address in getaddresses([_value(headers, "To")])}
    copies = {address.lower() for _, address in getaddresses([_value(headers, "Cc")])}
    return frozenset(copies - debtor)


def _recipient(block: Message) -> str:
    """The address we wrote to, where the server names it; else the one it failed at."""
    meant = _value(block, "Original-Recipient") or _value(block, "Final-Recipient")
    return _typed(meant).strip("<>").lower()


def _typed(value: str) -> str:
    """`rfc822; ada@example.it` without its type."""
    return value.partition(";")[2].strip() if ";" in value else value.strip()


def _value(message: Message, name: str) -> str:
    """A header in one line; hostile bytes in it become question marks."""
    return " ".join(str(message.get(name, "")).split())


def _about_address(report: Report) -> bool:
    text = f"{report.status} {report.diagnostic}".strip()
    return bool(text) and means_bad_address(text)


def _words(report: Report) -> str:
    words = (report.recipient, report.action, report.status, report.diagnostic)
    return " ".join(filter(None, words))[:500]
