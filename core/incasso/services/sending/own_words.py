"""Whether a person's words for one message can be sent, asked before they are kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from incasso.contract.media import Carries, Medium
from incasso.contract.text import Text, in_a_row, text
from incasso.contract.values import Money
from incasso.domain.money import from_minor
from incasso.domain.sending.rewording import Rewording
from incasso.messages import (
    Template,
    TemplateError,
    asks_for_an_amount,
    builtin_templates,
    check_templates,
    names_amount,
    reworded,
)
from incasso.services.sending.texts import published_text
from incasso.store.sending.outbox_queue import ReadyStep

_GRAVE: Final = frozenset(
    {"syntax", "not_allowed", "unknown_placeholder", "fails", "empty", "forbidden"}
)
"""Faults with which a message could not be written, or may not leave."""


def unfit(
    connection: Connection, step: ReadyStep, language: str, medium: Medium, own: Rewording
) -> Text | None:
    """Why these words cannot be those of the step's message by this medium; None if they can."""
    if medium.carries(Carries.SHORT_TEXT) and (own.opening or own.closing):
        return text("A short text has no opening and no closing: give `--text`.")
    if own.bare and medium.traits.formal and not _names_the_debt(step, language, own.text or ""):
        return text(
            "A formal notice must name what is owed: put {table} or {total} into the text, or "
            "leave `--bare` out.",
            table="{{ table }}",
            total="{{ total }}",
        )
    why = _faults(_template(connection, step.template, language), own)
    return text("The words cannot be used: {why}.", why=why) if why else None


def _names_the_debt(step: ReadyStep, language: str, words: str) -> bool:
    total = Money(amount=from_minor(step.total, step.currency), currency=step.currency)
    return asks_for_an_amount(words) or names_amount(words, total, language)


def _faults(template: Template, own: Rewording) -> str:
    """What the words add to the faults of the template."""
    try:
        changed = reworded(template, own)
    except TemplateError as error:
        return str(error)
    wrong = [one for one in check_templates([changed], []) if one.code in _GRAVE]
    if not wrong:
        return ""
    before = {(one.code, one.message) for one in check_templates([template], [])}
    return in_a_row(
        text("{problem} ({hint})", problem=one.message, hint=one.hint) if one.hint else one.message
        for one in wrong
        if (one.code, one.message) not in before
    )


def _template(connection: Connection, key: str, language: str) -> Template:
    """The text the step is written with; a stand-in where the office has none by now."""
    if found := published_text(connection, key, language):
        return found
    built_in = {(each.key, each.language): each for each in builtin_templates()}
    stand_in = Template(key=key, language=language, subject="-", text="{{ table }}")
    return built_in.get((key, language), stand_in)
