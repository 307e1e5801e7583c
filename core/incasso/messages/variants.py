"""Which words fit what happened: a text that speaks of earlier messages needs some that left."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from incasso.messages.context import MessageContext
from incasso.messages.render import PARTS, Assumption, Template, names_one

NEUTRAL = "primo_contatto"
"""The key of the text that claims nothing: used where nothing else fits what happened."""


def holds(template: Template, context: MessageContext) -> bool:
    """Whether everything that its header assumes happened, as its words speak of it."""
    if Assumption.PREVIOUS not in template.assumes:
        return True
    return bool(context.previous) and not (context.told_apart and names_one(template))


def first_contact(template: Template) -> Template | None:
    """The text in its own words for a first contact; None if it has none.

    With a `text` of its own nothing but the subject and the short text is taken over: an HTML
    page or a letter in the other words would claim what the text no longer does.
    """
    own = template.first
    if not own:
        return None
    kept = ("subject", "short") if "text" in own else PARTS
    words = {part: own.get(part, getattr(template, part) if part in kept else "") for part in PARTS}
    return structs.replace(template, assumes=(), first={}, **words)


def fitting_text(
    wanted: Template,
    context: MessageContext,
    *,
    stages_own: Template | None = None,
    neutral: Template | None = None,
) -> Template | None:
    """The text to use: the one wanted if what it assumes happened, else one for a first contact.

    That is the stage's `first_contact`, else the wanted text's own variant, else the neutral one.
    None if there is none of them.
    """
    candidates = _candidates(wanted, stages_own, neutral)
    return next((each for each in candidates if holds(each, context)), None)


def _candidates(
    wanted: Template, stages_own: Template | None, neutral: Template | None
) -> Iterator[Template]:
    yield wanted
    for each in (stages_own, stages_own and first_contact(stages_own), first_contact(wanted)):
        if each is not None:
            yield each
    if neutral is not None:
        yield neutral
