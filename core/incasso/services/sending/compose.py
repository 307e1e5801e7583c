"""Write the message of a step: recipients, text, channel, bytes.

Nothing here changes anything. A message that cannot be written has a reason: it waits for a
person's correction (`Waits`), or this medium does not reach the client (`Closed`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import (
    AboutInstallment,
    OutboundMessage,
    Purpose,
    Recipient,
    Subject,
)
from incasso.contract.errors import (
    ConfigurationError,
    PluginCrashError,
    PluginError,
    RejectedError,
)
from incasso.contract.general import PlannedStep
from incasso.contract.media import Carries, Medium
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Attachment
from incasso.domain.money import from_minor
from incasso.domain.recovery.iters import Stage
from incasso.messages import (
    NEUTRAL,
    MessageContext,
    Rendered,
    Template,
    TemplateError,
    fitting_text,
    names_amount,
    render,
    resolve_language,
    reworded,
)
from incasso.messages.cover import covered, letter_file
from incasso.messages.pages import UnfitPagesError, merged_pdf
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.sending.composed import Closed, Composed, Crashed, Leaving, Waits
from incasso.services.sending.enclosed import NOTHING, Enclosed
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.message_context import context_of
from incasso.services.sending.page_facts import PageFacts, is_internal
from incasso.store.sending.open_items import OpenItem
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine


@dataclass(frozen=True)
class _FilesRefused:
    """The message could leave, but not with its documents."""

    reason: str


class Composer:
    """Writes the messages of one page of steps."""

    def __init__(
        self,
        hub: Hub,
        on: date,
        facts: PageFacts,
        templates: Mapping[tuple[str, str], Template],
        stopped: Mapping[str, str],
        enclosures: Enclosures,
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """`stopped` are channels that are not to be used any more in this run, and why; `new_id`
        names the delivery of a step that was not tried before."""
        self._hub = hub
        self._on = on
        self._facts = facts
        self._templates = templates
        self._stopped = stopped
        self._enclosures = enclosures
        self._new_id = new_id

    def compose(self, step: ReadyStep) -> Composed:
        """The message of one step, or why there is none. Raises no errors of plugins."""
        recipients = self._facts.recipients(step)
        if not recipients:
            return Closed(step=step, reason=self._facts.why_unreachable(step))
        channel = self._channel(step)
        if isinstance(channel, str):
            return Waits(step=step, reason=channel)
        planned = self._planned(step)
        objections = self._hub.registry.objections(planned)
        if blocking := [each.reason for each in objections if each.blocks]:
            return Waits(step=step, reason=in_a_row(blocking))
        enclosed = self._enclosures.of(step, self._facts, channel)
        made = self._with(step, planned, recipients, channel, enclosed)
        if isinstance(made, _FilesRefused):
            made = self._with(step, planned, recipients, channel, enclosed.refused(made.reason))
        assert not isinstance(made, _FilesRefused)  # nothing was left to be refused
        return made

    def draft(self, step: ReadyStep) -> OutboundMessage | str:
        """The words of a message that may not be able to leave: whatever becomes of its channel,
        its documents and its address. Else why there are none. Raises no errors of plugins.
        """
        channel = self._channel(step)
        known = None if isinstance(channel, str) else channel
        words = self._words(step, self._planned(step), NOTHING, known)
        if isinstance(words, str):
            return words
        recipients = self._facts.recipients(step) or (Recipient(),)
        return self._message(step, recipients, *words, NOTHING)

    def _with(
        self,
        step: ReadyStep,
        planned: PlannedStep,
        recipients: Sequence[Recipient],
        channel: ChannelHandle,
        enclosed: Enclosed,
    ) -> Composed | _FilesRefused:
        """The message with these documents. Raises no errors of plugins."""
        if enclosed.missing and self._facts.stage(step).attach_required:
            return Waits(step=step, reason=enclosed.why)
        words = self._words(step, planned, enclosed, channel)
        if isinstance(words, str):
            return Waits(step=step, reason=words)
        try:
            message = self._message(step, recipients, *words, enclosed)
        except UnfitPagesError as error:
            return _FilesRefused(str(error))
        return self._prepared(step, channel, message, enclosed)

    def _channel(self, step: ReadyStep) -> ChannelHandle | str:
        """The first ready instance for the medium and source; a resting one may be probed."""
        medium = self._facts.medium(step)
        fitting = self._hub.registry.channels_for(medium, step.source)
        usable = [channel for channel in fitting if channel.id not in self._stopped]
        if usable:
            return usable[0]
        if fitting:
            return in_a_row(self._stopped[channel.id] for channel in fitting)
        return text(
            "no channel carries {medium} for {source}: add one to plugins.toml",
            medium=medium,
            source=step.source,
        )

    def _words(
        self,
        step: ReadyStep,
        planned: PlannedStep,
        enclosed: Enclosed,
        channel: ChannelHandle | None,
    ) -> tuple[Rendered, MessageContext] | str:
        """The words and what they speak of, or why they cannot be written."""
        client = self._facts.client(step)
        company = self._hub.config.company(step.source)
        available = {language for key, language in self._templates if key == step.template}
        wanted, country = step.language or client.language, client.country
        if is_internal(step):
            wanted, country = company.language, company.country  # read by our own people
        language = resolve_language(wanted, country, available, company.language)
        template = self._templates.get((step.template, language))
        if template is None:
            return text(
                "template {template} is not published in {language}",
                template=step.template or "-",
                language=language,
            )
        extra = self._hub.registry.placeholders(planned)
        context = context_of(
            self._hub, self._facts, step, language, self._on, extra, len(enclosed.files)
        )
        first_contact = self._facts.stage(step).first_contact
        fit = fitting_text(
            template,
            context,
            stages_own=self._templates.get((first_contact, language)),
            neutral=self._templates.get((NEUTRAL, language)),
        )
        if fit is None:
            return text(
                "template {template} speaks of earlier messages and none left: give it words for a"
                " first contact",
                template=step.template,
            )
        medium = Medium(self._facts.medium(step))
        takes_files = channel is None or channel.can(ChannelCapability.ATTACHMENTS)
        covering = medium.carries(Carries.LETTER) and takes_files
        try:
            rendered = render(
                reworded(fit, step.own_words),
                context,
                want_letter=covering or medium.carries(Carries.PAGES),
            )
        except (TemplateError, ValueError) as error:
            return str(error)
        if self._is_formal(step) and not _says_how_much(rendered, context):
            return text("a formal notice must name what is owed: put the table or the total in")
        return (covered(rendered, context) if covering else rendered), context

    def _prepared(
        self, step: ReadyStep, channel: ChannelHandle, message: OutboundMessage, enclosed: Enclosed
    ) -> Composed | _FilesRefused:
        address = message.to.address or ", ".join(message.to.postal)
        try:
            prepared = channel.prepare(message, self._on)
        except RejectedError as error:
            if enclosed.files and any(each.field == "attachments" for each in error.problems):
                return _FilesRefused(str(error))
            bad = address if error.bad_address else ""
            return Closed(step=step, reason=_in_words(error), bad_address=bad)
        except PluginCrashError as error:
            return Crashed(
                step=step,
                delivery=message.delivery,
                attempts=step.attempts or 0,
                channel=channel,
                address=address,
                reason=_in_words(error),
            )
        except PluginError as error:
            return Waits(step=step, reason=_in_words(error))
        return Leaving(
            step=step,
            delivery=message.delivery,
            attempts=step.attempts or 0,
            address=address,
            channel=channel,
            message=message,
            prepared=prepared,
            stage=self._facts.stage(step),
            lines=self._facts.lines(step),
            credits=tuple(credit.id for credit in self._facts.credits(step)),
            enclosed=enclosed,
        )

    def _message(
        self,
        step: ReadyStep,
        recipients: Sequence[Recipient],
        rendered: Rendered,
        context: MessageContext,
        enclosed: Enclosed,
    ) -> OutboundMessage:
        """Raises UnfitPagesError if the documents cannot be printed behind the letter."""
        medium = Medium(self._facts.medium(step))
        delivery = step.delivery or self._new_id()
        company = self._hub.config.company(step.source)
        to, *others = recipients
        short = rendered.short if medium.carries(Carries.SHORT_TEXT) else ""
        return OutboundMessage(
            delivery=delivery,
            medium=medium,
            to=to,
            cc=(*others, *self._facts.copies(step)),
            language=context.language,
            subject=rendered.subject,
            text=short or rendered.text,
            html=rendered.html,
            letter=_page(rendered, delivery, enclosed) if medium.carries(Carries.PAGES) else None,
            attachments=_files(rendered, context, enclosed),
            reply_to=company.email,
            sender_name=company.name,
            thread=self._facts.thread(step),
            purpose=_purpose(step, self._facts.stage(step), medium),
            about=self._about(step),
        )

    def _is_formal(self, step: ReadyStep) -> bool:
        medium = Medium(self._facts.medium(step))
        return _purpose(step, self._facts.stage(step), medium) is Purpose.FORMAL_NOTICE

    def _about(self, step: ReadyStep) -> Subject:
        lines = self._facts.lines(step)
        return Subject(
            step=str(step.id),
            source=step.source,
            client=self._facts.client(step).code,
            installments=tuple(_about(line) for line in lines),
            credits=tuple(_about(credit) for credit in self._facts.credits(step)),
            total=from_minor(self._facts.asked(step), step.currency),
            currency=step.currency,
        )

    def _planned(self, step: ReadyStep) -> PlannedStep:
        lines = self._facts.lines(step)
        return PlannedStep(
            id=str(step.id),
            source=step.source,
            client=self._facts.client(step).code,
            iter=step.iter,
            stage=step.stage,
            medium=Medium(self._facts.medium(step)),
            due_on=step.due_on,
            installments=tuple(line.key for line in lines),
            total=from_minor(sum(line.residual for line in lines), step.currency),
            currency=step.currency,
        )


def _says_how_much(rendered: Rendered, context: MessageContext) -> bool:
    """Whether the words name the amount; a message that asks for nothing needs none."""
    total = context.total
    return total.amount <= 0 or names_amount(rendered.text, total, context.language)


def _files(
    rendered: Rendered, context: MessageContext, enclosed: Enclosed
) -> tuple[Attachment, ...]:
    """What goes along as files: the letter first, then the documents."""
    if context.medium is None or not context.medium.carries(Carries.FILES):
        return ()
    letter = () if rendered.letter_pdf is None else (letter_file(rendered, context),)
    return (*letter, *enclosed.files)


def _about(item: StepLine | OpenItem) -> AboutInstallment:
    return AboutInstallment(
        key=item.key,
        document_number=item.document_number,
        due_date=item.due_date,
        residual=from_minor(item.residual, item.currency),
    )


def _page(rendered: Rendered, delivery: str, enclosed: Enclosed) -> Attachment | None:
    """The letter with its documents behind it: one file, printed and paid for as one."""
    content = rendered.letter_pdf
    if content is None:
        return None
    if enclosed.files:
        content = merged_pdf(content, [file.content for file in enclosed.files])
    return Attachment(filename=f"{delivery}.pdf", media_type="application/pdf", content=content)


def _purpose(step: ReadyStep, stage: Stage, medium: Medium) -> Purpose:
    if is_internal(step):
        return Purpose.INTERNAL
    if stage.before_due:
        return Purpose.REMINDER
    return Purpose.FORMAL_NOTICE if medium.traits.formal else Purpose.NOTICE


def _in_words(error: PluginError) -> str:
    if not isinstance(error, ConfigurationError | RejectedError):
        return str(error)
    details = "; ".join(f"{each.field}: {each.message}" for each in error.problems if each.field)
    return f"{error} ({details})" if details else str(error)
