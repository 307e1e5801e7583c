"""Read what a mail says about a message of ours: bounces, warnings, receipts.

The forms are RFC 3464, 6533 and 8098, and whatever servers make of them.

A report that is surely about a message of ours is never dropped: what nobody can read is told as
unreadable. How far it is believed is for the hub, by its `origin`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate, Origin
from incasso.contract.text import text
from incasso.contract.values import Attachment
from incasso.mail.dialects import SENDERS, by_system, human_words, read_dialect
from incasso.mail.marks import Original, envelope_id_in, original_in
from incasso.mail.refusals import CAUSES, Cause, cause_of
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
_DAMAGE: Final = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What Python's parser raises at damaged mail. A missing module or a full memory is no damage."""
_FAILED: Final = (DeliveryState.BOUNCED, DeliveryState.EXPIRED)
_RECEIPTS: Final = ("message/disposition-notification", "message/global-disposition-notification")
_SHOWN: Final = re.compile(r";\s*displayed\b", re.IGNORECASE)
_DELETED: Final = re.compile(r";\s*deleted\b", re.IGNORECASE)


def may_be_report(headers: bytes) -> bool:
    """Whether a mail with these headers is worth reading whole: most mail in a box is not."""
    words = " ".join(headers.decode("ascii", "replace").lower().split())
    if any(sign in words for sign in _SIGNS):
        return True
    return SENDERS.search(value(BytesHeaderParser().parsebytes(headers), "From")) is not None


def load_readers() -> None:
    """Load the libraries that only some mails need, so that a check finds one that is missing.

    Raises ImportError.
    """
    import authres  # noqa: F401
    import flufl.bounce  # noqa: F401


def read_report(
    raw: bytes, at: datetime, *, authserv: str = "", trusted: Collection[str] = ()
) -> tuple[DeliveryUpdate, ...]:
    """What a mail says about our deliveries; nothing for mail of any other kind.

    `at`: when it arrived. `authserv`: the name under which our own server writes what it has
    checked; `trusted`: domains of servers that may report about our mail. The same bytes give the
    same `update_id` always. No bytes make it raise; a library that is missing does.
    """
    try:
        mail = message_from_bytes(raw)
        return _updates(mail, raw, at, authserv, trusted)
    except _DAMAGE:
        # The parser stumbles over damaged mail in many ways; whose it is must not depend on that.
        head, _, body = raw.partition(b"\n\n" if b"\r\n\r\n" not in raw else b"\r\n\r\n")
        flat = Message()
        flat["From"] = "MAILER-DAEMON" if may_be_report(head) else "somebody"
        flat.set_payload(body.decode("latin-1"))
        original = original_in(flat, (), by_system=False) if by_system(flat) else None
        if original is None:
            return ()
        return (_unreadable(original, raw, at, _origin_of_damaged(head, authserv, trusted)),)


def _origin_of_damaged(head: bytes, authserv: str, trusted: Collection[str]) -> Origin:
    """What the headers alone show: damage below them must not make a stranger believed."""
    try:
        headers = BytesHeaderParser().parsebytes(head + b"\n\n")
        return origin_of(headers, authserv=authserv, trusted=trusted)
    except _DAMAGE:
        return Origin(checked=bool(authserv))


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
    about = _about_the_debtor(found, original)
    return tuple(
        _update(report, number, original, raw, at, origin)
        if _is_debtor(report.recipient, original)
        else _elsewhere(report, number, original, raw, at, origin)
        for number, report in about
    )


def _about_the_debtor(found: Sequence[Report], original: Original) -> list[tuple[int, Report]]:
    """The reports that count, with their numbers: the debtor's own; without one, those about
    addresses that are no copies, such as where the debtor's mail is forwarded to."""
    others = [each for each in enumerate(found) if each[1].recipient not in original.copies]
    own = [each for each in others if _is_debtor(each[1].recipient, original)]
    return own or others


def _is_debtor(recipient: str, original: Original) -> bool:
    """Whether a report is about the debtor's address; one that names none is about whom we wrote
    to."""
    if not original.debtor or "@" not in recipient:
        return True
    return _plain(recipient) in {_plain(each) for each in original.debtor}


def _plain(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    try:
        return f"{local}@{domain.rstrip('.').encode('idna').decode()}"
    except UnicodeError:
        return f"{local}@{domain}"


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
        note=_with_cause(report, cause),
        evidence=_evidence(raw),
        origin=origin,
        sender_refused=cause is Cause.SENDER,
    )


def _elsewhere(
    report: Report, number: int, original: Original, raw: bytes, at: datetime, origin: Origin
) -> DeliveryUpdate:
    """About an address that we did not write to: a failure is for a person, and marks nothing."""
    failed = STATES[report.action] in _FAILED
    to, where = ", ".join(sorted(original.debtor)), report.recipient
    forwarded = text(
        "the message to {to} failed at {where}, an address that it was forwarded to: {said}",
        to=to,
        where=where,
        said=_note(report)[:300],
    )
    delayed = STATES[report.action] is DeliveryState.DELAYED
    state = DeliveryState.DELAYED if delayed else DeliveryState.SENT
    return DeliveryUpdate(
        ref=original.delivery,
        update_id=f"dsn:{_digest(raw)}:{number}",
        state=DeliveryState.UNREADABLE if failed else state,
        at=at,
        permanent=not delayed,
        note=forwarded if failed else _note(report),
        evidence=_evidence(raw),
        origin=origin,
    )


def _unreadable(original: Original, raw: bytes, at: datetime, origin: Origin) -> DeliveryUpdate:
    return DeliveryUpdate(
        ref=original.delivery,
        update_id=f"dsn:{_digest(raw)}:0",
        state=DeliveryState.UNREADABLE,
        at=at,
        note=text(
            "a bounce about delivery {delivery} that could not be read", delivery=original.delivery
        ),
        evidence=_evidence(raw),
        origin=origin,
    )


def _receipt(mail: Message) -> list[Fields]:
    """The fields of a receipt that a mail program sends when somebody opens the message."""
    parts = [text_of(each) for each in mail.walk() if each.get_content_type() in _RECEIPTS]
    return [block for words in parts for block in blocks(words) if "disposition" in block]


def _read(
    fields: list[Fields], original: Original, raw: bytes, at: datetime, origin: Origin
) -> tuple[DeliveryUpdate, ...]:
    """That somebody opened the message, or deleted it unread: this shows only that it arrived."""
    said = [each["disposition"] for each in fields]
    told = [
        (DeliveryState.READ, words[:500])
        if _SHOWN.search(words)
        else (DeliveryState.SENT, text("deleted without being read: {said}", said=words[:300]))
        for words in said
        if _SHOWN.search(words) or _DELETED.search(words)
    ]
    return tuple(
        DeliveryUpdate(
            ref=original.delivery,
            update_id=f"mdn:{_digest(raw)}:{number}",
            state=state,
            at=at,
            note=note,
            evidence=_evidence(raw),
            origin=origin,
        )
        for number, (state, note) in enumerate(told)
    )


def _with_cause(report: Report, cause: Cause) -> str:
    """What the server says, after the cause in the office's words where it is known."""
    known = CAUSES.get(cause)
    return text("{cause}: {said}", cause=known, said=_note(report)) if known else _note(report)


def _note(report: Report) -> str:
    words = (report.recipient, report.action, report.status, report.diagnostic)
    return " ".join(filter(None, words))[:500]


def _digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()[:32]


def _evidence(raw: bytes) -> Attachment:
    return Attachment(filename="bounce.eml", media_type="message/rfc822", content=raw)
