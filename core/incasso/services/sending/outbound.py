"""A message as it is handed to a channel: its words, files and page, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from incasso.contract.channel import (
    AboutInstallment,
    OutboundMessage,
    Purpose,
    Recipient,
    Subject,
)
from incasso.contract.media import Carries, Medium
from incasso.contract.values import Attachment
from incasso.domain.money import from_minor
from incasso.domain.recovery.iters import Stage
from incasso.messages import MessageContext, Rendered
from incasso.messages.cover import letter_file
from incasso.messages.pages import merged_pdf
from incasso.plugins.settings.config import Company
from incasso.services.sending.enclosed import Enclosed
from incasso.services.sending.page_facts import PageFacts, is_internal
from incasso.store.sending.open_items import OpenItem
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine


@dataclass(frozen=True)
class Worded:
    """The words of a message, and what they speak of."""

    rendered: Rendered
    context: MessageContext


def outbound(
    facts: PageFacts,
    company: Company,
    step: ReadyStep,
    delivery: str,
    to: Recipient,
    worded: Worded,
    enclosed: Enclosed,
) -> OutboundMessage:
    """The message of one step to its only recipient.

    Raises UnfitPagesError if the documents cannot be printed behind the letter.
    """
    rendered, context = worded.rendered, worded.context
    medium = Medium(facts.medium(step))
    speaker = facts.speaker(step)
    short = rendered.short if medium.carries(Carries.SHORT_TEXT) else ""
    return OutboundMessage(
        delivery=delivery,
        medium=medium,
        to=to,
        language=context.language,
        subject=rendered.subject,
        text=short or rendered.text,
        html=rendered.html,
        images=rendered.images,
        letter=_page(rendered, delivery, enclosed) if medium.carries(Carries.PAGES) else None,
        attachments=_files(rendered, context, enclosed),
        reply_to=company.email if speaker is None else speaker.address,
        sender_name=(speaker.name if speaker else "") or company.name,
        thread=facts.thread(step),
        purpose=purpose_of(step, facts.stage(step), medium),
        about=_subject(facts, step),
    )


def purpose_of(step: ReadyStep, stage: Stage, medium: Medium) -> Purpose:
    """What the message is for; a formal medium makes it a formal notice."""
    if is_internal(step):
        return Purpose.INTERNAL
    if stage.before_due:
        return Purpose.REMINDER
    return Purpose.FORMAL_NOTICE if medium.traits.formal else Purpose.NOTICE


def _subject(facts: PageFacts, step: ReadyStep) -> Subject:
    lines = facts.lines(step)
    return Subject(
        step=str(step.id),
        source=step.source,
        client=facts.client(step).code,
        installments=tuple(_about(line) for line in lines),
        credits=tuple(_about(credit) for credit in facts.credits(step)),
        total=from_minor(facts.asked(step), step.currency),
        currency=step.currency,
    )


def _about(item: StepLine | OpenItem) -> AboutInstallment:
    return AboutInstallment(
        key=item.key,
        document_number=item.document_number,
        due_date=item.due_date,
        residual=from_minor(item.residual, item.currency),
    )


def _files(
    rendered: Rendered, context: MessageContext, enclosed: Enclosed
) -> tuple[Attachment, ...]:
    """What goes along as files: the letter first, then the documents."""
    if context.medium is None or not context.medium.carries(Carries.FILES):
        return ()
    letter = () if rendered.letter_pdf is None else (letter_file(rendered, context),)
    return (*letter, *enclosed.files)


def _page(rendered: Rendered, delivery: str, enclosed: Enclosed) -> Attachment | None:
    """The letter with its documents behind it: one file, printed and paid for as one."""
    content = rendered.letter_pdf
    if content is None:
        return None
    if enclosed.files:
        content = merged_pdf(content, [file.content for file in enclosed.files])
    return Attachment(filename=f"{delivery}.pdf", media_type="application/pdf", content=content)
