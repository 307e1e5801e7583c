"""The words of one message changed by a person, and what they saw of it when they did."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from incasso.contract.media import Medium
from incasso.contract.text import Text, text
from incasso.domain.acts.steps import Edit
from incasso.domain.money import from_minor
from incasso.domain.sending.rewording import Rewording
from incasso.locale.act_mistakes import MESSAGE_PARTS
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.stages import waiting_step
from incasso.store.recovery import manual_changes
from incasso.store.sending import outbox_queue, page_reads
from incasso.store.sending.outbox_queue import ReadyStep


@carry_out.register
def _edit(act: Edit, doing: Doing) -> Text:
    row = waiting_step(doing)
    if not row.action.by_message:
        raise ActError(
            text(
                "step:{step} is a {action}, not a message: nothing to edit.",
                step=row.id,
                action=row.action,
            )
        )
    if act.medium is not None:
        _need_address(doing, row.client_id, act.medium)
    step = outbox_queue.step_to_write(doing.connection, row.id)
    assert step is not None
    medium, own = act.medium or step.medium, _own_words(act, step.own_words)
    _need_sendable(doing, step, Medium(medium) if medium else Medium.EMAIL, own)
    doing.change_step(row.id, medium=medium, **_columns(own))
    doing.note(manual_changes.cases_in(doing.connection, row.id), "edited", row.stage, row.id)
    parts = [name for name in MESSAGE_PARTS if getattr(act, name) is not None]
    doing.tell("step.edited", changes=parts, bare=own.bare, seen=seen(doing, row.id))
    if not parts:
        return text("The template's own words again: {subject}.", subject=doing.named)
    fields = [MESSAGE_PARTS[name] for name in parts]
    return text("Changed {fields}: {subject}.", fields=fields, subject=doing.named)


def seen(doing: Doing, step: int) -> dict[str, Any]:
    """What a step asks for at this moment, as the journal keeps it beside the act."""
    lines = page_reads.lines(doing.connection, [step]).get(step, [])
    currency = lines[0].currency if lines else ""
    return {
        "installments": [line.key for line in lines],
        "total": str(from_minor(sum(line.residual for line in lines), currency)),
        "currency": currency,
    }


def _own_words(act: Edit, before: Rewording) -> Rewording:
    """The words after the act: what it leaves out stays as it was."""
    own = Rewording() if act.template else before
    if act.title is not None:
        own = replace(own, subject=act.title.strip())
    if act.text is not None:
        return replace(own, text=act.text, opening=None, closing=None, bare=act.bare)
    if act.opening is not None or act.closing is not None:
        opening = own.opening if act.opening is None else act.opening
        closing = own.closing if act.closing is None else act.closing
        return replace(own, text=None, opening=opening, closing=closing, bare=False)
    return own


def _columns(own: Rewording) -> dict[str, Any]:
    return {
        "subject_override": own.subject,
        "text_override": own.text,
        "opening_override": own.opening,
        "closing_override": own.closing,
        "bare": own.bare or None,
    }


def _need_sendable(doing: Doing, step: ReadyStep, medium: Medium, own: Rewording) -> None:
    """Words that can be written, and a formal notice that says how much. Raises ActError."""
    # Imported here, because most acts have no use for what writes messages.
    from incasso.services.sending.own_words import unfit

    language = step.language or doing.office.config.company(step.source).language
    if why := unfit(doing.connection, step, language, medium, own):
        raise ActError(why)


def _need_address(doing: Doing, client: int, medium: str) -> None:
    """A medium through which the client has an address. Raises ActError."""
    if not manual_changes.address_for(doing.connection, client, medium):
        raise ActError(
            text(
                "{client} has no address for {medium}: choose another way.",
                client=doing.subject.client,
                medium=medium,
            )
        )
