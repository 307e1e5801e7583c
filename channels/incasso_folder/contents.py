"""Turn a message into the file that stands for it: a mail, a printed page, or a short text."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from incasso.api import Attachment, Medium, OutboundMessage, Prepared, Problem, RejectedError

_MAIL: Final = frozenset({Medium.EMAIL, Medium.PEC})
_PAGE: Final = frozenset({Medium.LETTER, Medium.REGISTERED, Medium.FAX})
_ADDRESS: Final = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;]+")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ./()-]{3,}")
_SENDER_DOMAIN: Final = "incasso.invalid"
"""A folder has no mailbox: RFC 2606's name shows that nothing was sent from anywhere."""


def prepare(message: OutboundMessage, at: datetime) -> Prepared:
    """The file's name and bytes. Raises RejectedError naming the field."""
    if message.medium in _PAGE:
        return _page(message)
    if not message.text.strip():
        raise refused("text", "the text is empty")
    return _mail(message, at) if message.medium in _MAIL else _short(message)


def refused(field: str, text: str, *, bad_address: bool = False) -> RejectedError:
    """The refusal that names its field."""
    problem = Problem(code="unfit", message=text, field=field)
    return RejectedError(f"{field}: {text}", problems=(problem,), bad_address=bad_address)


def _page(message: OutboundMessage) -> Prepared:
    """A letter, registered letter or fax is its finished PDF."""
    if message.letter is None or not message.letter.content:
        raise refused("letter", f"a {message.medium} needs its finished page (PDF)")
    if message.medium is Medium.FAX:
        _check(_NUMBER, message, "number")
    else:
        _check_postal(message)
    return Prepared(
        content=message.letter.content,
        media_type="application/pdf",
        filename=f"{message.delivery}.pdf",
        ref=message.delivery,
    )


def _short(message: OutboundMessage) -> Prepared:
    """A short text is the text itself."""
    if message.medium is Medium.SMS:
        _check(_NUMBER, message, "number")
    else:
        _check_postal(message)
    return Prepared(
        content=message.text.encode("utf-8", "replace"),
        media_type="text/plain",
        filename=f"{message.delivery}.txt",
        ref=message.delivery,
    )


def _mail(message: OutboundMessage, at: datetime) -> Prepared:
    """A mail as any mail program opens it. The standard library builds it: here no speed counts."""
    _check(_ADDRESS, message, "mail address")
    if not message.subject.strip():
        raise refused("subject", "the subject is empty")
    mail = EmailMessage(policy=SMTP)
    try:
        _head(mail, message, at)
        _body(mail, message)
        content = mail.as_bytes()
    except (ValueError, TypeError, IndexError) as error:  # what the library says of line breaks
        raise refused("subject", f"cannot become a mail: {error}") from None
    return Prepared(
        content=content,
        media_type="message/rfc822",
        filename=f"{message.delivery}.eml",
        ref=message.delivery,
    )


def _head(mail: EmailMessage, message: OutboundMessage, at: datetime) -> None:
    mail["From"] = Address(message.sender_name or "Incasso", "noreply", _SENDER_DOMAIN)
    mail["To"] = _box(message.to.name, message.to.address)
    if copies := [_box(each.name, each.address) for each in message.cc if each.address]:
        mail["Cc"] = copies
    if reply_to := parseaddr(message.reply_to)[1]:
        mail["Reply-To"] = reply_to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = _message_id(message.delivery)
    if message.thread:
        mail["In-Reply-To"] = _message_id(message.thread[-1])
        mail["References"] = " ".join(map(_message_id, message.thread))
    mail["X-Incasso-Delivery"] = message.delivery


def _body(mail: EmailMessage, message: OutboundMessage) -> None:
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        _attach(mail, attachment)
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            # Left to itself the library draws boundaries at random: never the same bytes twice.
            part.set_boundary(f"=_{number}_{message.delivery}")


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.media_type.partition("/")
    if main in ("message", "multipart") or not sub:
        main, sub = "application", "octet-stream"
    mail.add_attachment(
        attachment.content, maintype=main, subtype=sub, filename=attachment.filename
    )


def _box(name: str, address: str) -> Address:
    return Address(" ".join(name.split()), addr_spec=address)


def _message_id(delivery: str) -> str:
    return f"<hub.{delivery}@{_SENDER_DOMAIN}>"


def _check(pattern: re.Pattern[str], message: OutboundMessage, what: str) -> None:
    if not pattern.fullmatch(message.to.address):
        raise refused("to", f"{message.to.address!r} is no {what}", bad_address=True)


def _check_postal(message: OutboundMessage) -> None:
    if not any(line.strip() for line in message.to.postal):
        raise refused("to", f"a {message.medium} needs a postal address", bad_address=True)
