"""The copy of a message to a client for our own people: what left, from the archive.

Nothing is written anew: between the message and its copy somebody may have paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Final

from markupsafe import escape

from incasso.contract.channel import InlineImage, OutboundMessage, Purpose, Recipient, Subject
from incasso.contract.media import Medium
from incasso.contract.values import Attachment
from incasso.domain.money import from_minor
from incasso.messages.language import Language, languages
from incasso.services.hub.hub import Hub
from incasso.services.sending.archived import MAIL
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.show_delivery import archived_message
from incasso.services.sending.shown import ShownFile
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.showing import DeliveryHead

_BODY: Final = re.compile(r"<body[^>]*>", re.IGNORECASE)
_STYLE: Final = "font-family:Arial,sans-serif;font-size:14px;padding:12px 20px;color:#333;"


def copied(
    hub: Hub, facts: PageFacts, step: ReadyStep, delivery: str, to: Recipient
) -> OutboundMessage | str:
    """The copy for one of our people; else why there is none."""
    head = facts.original(step)
    assert head is not None  # a copy is made with the delivery that it is of
    shown, missing = archived_message(hub.store, head)
    if missing:
        return missing
    company = hub.config.company(step.source)
    language = languages()[company.language]
    said = _said(language, facts, step, head)
    bare = not shown.text and not shown.attachments and shown.file is not None
    files = (shown.file,) if bare and shown.file else shown.attachments
    return OutboundMessage(
        delivery=delivery,
        medium=Medium(step.medium),
        to=to,
        language=company.language,
        subject=language.label("copy_subject", subject=shown.subject or head.stage),
        text=f"{said}\n\n{shown.text}",
        html=_page(shown.html, said),
        images=tuple(_pictures(shown.file)) if shown.html else (),
        attachments=tuple(_attached(files)),
        reply_to=company.email,
        sender_name=company.name,
        purpose=Purpose.INTERNAL,
        about=Subject(
            step=str(step.id),
            source=step.source,
            client=facts.client(step).code,
            total=from_minor(head.total, head.currency),
            currency=head.currency,
        ),
    )


def _said(language: Language, facts: PageFacts, step: ReadyStep, head: DeliveryHead) -> str:
    client = facts.client(step)
    return language.label(
        "copy_intro",
        date=language.long(head.on_date),
        medium=language.media.get(head.medium, head.medium),
        name=client.name,
        code=client.code,
    )


def _page(html: str, said: str) -> str:
    """The page as it left, below a line that says that it is a copy."""
    if not html:
        return ""
    line = f'<div style="{_STYLE}">{escape(said)}</div>'
    return _BODY.sub(lambda body: body.group() + line, html, count=1)


def _pictures(file: ShownFile | None) -> Iterator[InlineImage]:
    if file is None or file.media_type != MAIL:
        return
    mail = BytesParser(EmailMessage, policy=default).parsebytes(file.content)
    for part in mail.walk():
        content = part.get_payload(decode=True) if part["Content-ID"] else None
        if isinstance(content, bytes):
            yield InlineImage(
                cid=str(part["Content-ID"]).strip("<> "),
                filename=part.get_filename() or "",
                media_type=part.get_content_type(),
                content=content,
            )


def _attached(files: tuple[ShownFile, ...]) -> Iterator[Attachment]:
    for each in files:
        yield Attachment(filename=each.filename, media_type=each.media_type, content=each.content)
