"""Read what a mail says about a message of ours: bounces, warnings, receipts.

The forms are RFC 3464, 6533 and 8098, and whatever servers make of them.

A report that is surely about a message of ours is never dropped: what nobody can read is told as
unreadable. How far it is believed is for the hub, by its `origin`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate, Origin
from incasso.contract.values import Attachment
from incasso.mail.dialects import SENDERS, by_system, human_words, read_dialect
from incasso.mail.marks import Original, envelope_id_in, original_in
from incasso.mail.refusals import Cause, cause_of
from incasso.mail.senders import origin_of
from incasso.mail.status_fields import STATES, Fields, Report, blocks, reports, status_fields
from incasso.mail.texts import text_of, value

REPORT_HEADERS: Final = (
    "From",
    "Return-Path",
    "Content-Type",
    "Auto-Submitted",
    "X-Failed-Recipients",
)
"""What `may_be_report` looks at."""

_SIGNS: Final = (
    "multipart/report",
    "delivery-status",
    "disposition-notification",
    "x-failed-recipients",
    "auto-submitted: auto-replied",
    "<>",
)
_FAILED: Final = (DeliveryState.BOUNCED, DeliveryState.EXPIRED)
_RECEIPTS: Final = ("message/disposition-notification", "message/global-disposition-notification")
_SHOWN: Final = re.compile(r";\s*displayed\b", re.IGNORECASE)


def may_be_report(headers: bytes) -> bool:
    """Whether a mail with these headers is worth reading whole: most mail in a box is not."""
    text = " ".join(headers.decode("ascii", "replace").lower().split())
    if any(sign in text for sign in _SIGNS):
        return True
    return SENDERS.search(value(BytesHeaderParser().parsebytes(headers), "From")) is not None


def read_report(
    raw: bytes, at: datetime, *, authserv: str = "", trusted: Collection[str] = ()
) -> tuple[DeliveryUpdate, ...]:
    """What a mail says about our deliveries; nothing for mail of any other kind.

    `at`: when it arrived. `authserv`: the name under which our own server writes what it has
    checked; `trusted`: domains of servers that may report about our mail. The same bytes give the
    same `update_id` always. Raises nothing for any bytes.
    """
    try:
        mail = message_from_bytes(raw)
        return _updates(mail, raw, at, authserv, trusted)
    except Exception:
        # The parser stumbles over damaged mail in many ways; whose it is must not depend on that.
        head, _, body = raw.partition(b"\n\n" if b"\r\n\r\n" not in raw else b"\r\n\r\n")
        flat = Message()
        flat["From"] = "MAILER-DAEMON" if may_be_report(head) else "somebody"
        flat.set_payload(body.decode("latin-1"))
        original = original_in(flat, (), by_system=False) if by_system(flat) else None
        return () if original is None else (_unreadable(original, raw, at, Origin()),)


def _updates(
    mail: Message, raw: bytes, at: datetime, authserv: str, trusted: Collection[str]
) -> tuple[DeliveryUpdate, ...]:
    system = by_system(mail)
    if not system:
        return ()
    receipt = _receipt(mail)
    words = human_words(mail)
    fields = status_fields(mail) or receipt or blocks(words)
    original = original_in(mail, fields, by_system=system)
    if original is None:
        return ()
    envelope = envelope_id_in(fields)
    origin = origin_of(mail, authserv=authserv, trusted=trusted, envelope_id=envelope)
    if receipt:
        return _read(receipt, original, raw, at, origin)
    found: list[Report] | None = list(reports(fields))
    if not found:
        found = read_dialect(mail, original, words)
    if found is None or any(each.action not in STATES for each in found):
        return (_unreadable(original, raw, at, origin),)
    return tuple(
        _update(report, number, original, raw, at, origin)
        for number, report in enumerate(found)
        if report.recipient not in original.copies
    )


def _update(
    report: Report, number: int, original: Original, raw: bytes, at: datetime, origin: Origin
) -> DeliveryUpdate:
    state = STATES[report.action]
    cause = cause_of(report.diagnostic, report.status) if state in _FAILED else Cause.OTHER
    return DeliveryUpdate(
        ref=original.delivery,
        update_id=f"dsn:{_digest(raw)}:{number}",
        state=state,
        at=at,
        permanent=state is not DeliveryState.DELAYED,
        bad_address=cause is Cause.ADDRESS and state is DeliveryState.BOUNCED,
        note=_note(report),
        evidence=_evidence(raw),
        origin=origin,
        sender_refused=cause is Cause.SENDER,
    )


def _unreadable(original: Original, raw: bytes, at: datetime, origin: Origin) -> DeliveryUpdate:
    return DeliveryUpdate(
        ref=original.delivery,
        update_id=f"dsn:{_digest(raw)}:0",
        state=DeliveryState.UNREADABLE,
        at=at,
        note=f"a bounce about delivery {original.delivery} that could not be read",
        evidence=_evidence(raw),
        origin=origin,
    )


def _receipt(mail: Message) -> list[Fields]:
    """The fields of a receipt that a mail program sends when somebody opens the message."""
    parts = [text_of(each) for each in mail.walk() if each.get_content_type() in _RECEIPTS]
    return [block for text in parts for block in blocks(text) if "disposition" in block]


def _read(
    fields: list[Fields], original: Original, raw: bytes, at: datetime, origin: Origin
) -> tuple[DeliveryUpdate, ...]:
    shown = [each["disposition"] for each in fields if _SHOWN.search(each["disposition"])]
    return tuple(
        DeliveryUpdate(
            ref=original.delivery,
            update_id=f"mdn:{_digest(raw)}:{number}",
            state=DeliveryState.READ,
            at=at,
            note=words[:500],
            evidence=_evidence(raw),
            origin=origin,
        )
        for number, words in enumerate(shown)
    )


def _note(report: Report) -> str:
    words = (report.recipient, report.action, report.status, report.diagnostic)
    return " ".join(filter(None, words))[:500]


def _digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()[:32]


def _evidence(raw: bytes) -> Attachment:
    return Attachment(filename="bounce.eml", media_type="message/rfc822", content=raw)
