"""The words of a step's message: its language, the text that fits, and what it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import Purpose
from incasso.contract.general import PlannedStep
from incasso.contract.media import Carries, Medium
from incasso.contract.text import text
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
from incasso.messages.cover import covered
from incasso.messages.render import with_interest
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.sending.enclosed import Enclosed
from incasso.services.sending.message_context import context_of
from incasso.services.sending.outbound import Worded, purpose_of
from incasso.services.sending.page_facts import PageFacts, is_internal
from incasso.services.sending.senders import says_where_to_pay
from incasso.store.sending.outbox_queue import ReadyStep


class Wording:
    """Words for one page of steps."""

    def __init__(
        self,
        hub: Hub,
        on: date,
        facts: PageFacts,
        templates: Mapping[tuple[str, str], Template],
    ) -> None:
        self._hub = hub
        self._on = on
        self._facts = facts
        self._templates = templates

    def of(
        self,
        step: ReadyStep,
        planned: PlannedStep,
        enclosed: Enclosed,
        channel: ChannelHandle | None,
    ) -> Worded | str:
        """The words and what they speak of, or why they cannot be written.

        Without a channel they are written for one that takes files.
        """
        language = self._language(step)
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
        fit = self._fitting(step, template, context)
        if fit is None:
            return text(
                "template {template} speaks of earlier messages and none left: give it words for a"
                " first contact",
                template=step.template,
            )
        takes_files = channel is None or channel.can(ChannelCapability.ATTACHMENTS)
        return self._written(step, fit, context, takes_files)

    def _language(self, step: ReadyStep) -> str:
        client = self._facts.client(step)
        company = self._hub.config.company(step.source)
        available = {language for key, language in self._templates if key == step.template}
        wanted, country = step.language or client.language, client.country
        if is_internal(step):
            wanted, country = company.language, company.country  # read by our own people
        return resolve_language(wanted, country, available, company.language)

    def _fitting(
        self, step: ReadyStep, template: Template, context: MessageContext
    ) -> Template | None:
        first_contact = self._facts.stage(step).first_contact
        return fitting_text(
            template,
            context,
            stages_own=self._templates.get((first_contact, context.language)),
            neutral=self._templates.get((NEUTRAL, context.language)),
        )

    def _written(
        self, step: ReadyStep, fit: Template, context: MessageContext, takes_files: bool
    ) -> Worded | str:
        stage, medium = self._facts.stage(step), Medium(self._facts.medium(step))
        covering = medium.carries(Carries.LETTER) and takes_files
        try:
            rendered = render(
                reworded(
                    with_interest(fit, stage.interest, statement=stage.statement), step.own_words
                ),
                context,
                want_letter=covering or medium.carries(Carries.PAGES),
                want_short=medium.carries(Carries.SHORT_TEXT),
            )
        except (TemplateError, ValueError) as error:
            return str(error)
        purpose = purpose_of(step, stage, medium)
        if purpose is Purpose.FORMAL_NOTICE and (why := _unfit_notice(step, rendered, context)):
            return why
        return Worded(covered(rendered, context) if covering else rendered, context)


def _unfit_notice(step: ReadyStep, rendered: Rendered, context: MessageContext) -> str:
    """Why the words are no formal notice; empty if they are: it says how much and where to pay."""
    if not _says_how_much(rendered, context):
        return text("a formal notice must name what is owed: put the table or the total in")
    if context.total.amount > 0 and not says_where_to_pay(context.company.iban, rendered.text):
        return text(
            "a formal notice must say where to pay: fill in iban under [companies.{source}] in "
            "plugins.toml",
            source=step.source,
        )
    return ""


def _says_how_much(rendered: Rendered, context: MessageContext) -> bool:
    """Whether the words name the amount; a message that asks for nothing needs none."""
    total = context.total
    return total.amount <= 0 or names_amount(rendered.text, total, context.language)
