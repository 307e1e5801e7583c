"""Every shipped text has a short form for a telephone: who writes, how much, and at most two
messages to be paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import structs

from incasso.messages import Template, builtin_templates
from incasso.messages.context import MessageContext
from incasso.messages.render import render
from incasso.messages.sample_messages import earlier_contexts
from incasso.messages.variants import first_contact
from incasso_sms import gsm

TEXTS = builtin_templates()
INTERNAL = "comunicazione_interna"


def cases(template: Template) -> Iterator[tuple[Template, MessageContext]]:
    """An ordinary message after others, to a firm and to a person, and a first one in the words
    that the text has for it."""
    later = next(earlier_contexts(template.language, {}))[1]
    person = structs.replace(later.client, name="Anna Bianchi", is_person=True)
    yield template, later
    yield template, structs.replace(later, client=person)
    if (first := first_contact(template)) is not None:
        yield first, structs.replace(later, previous=())


@pytest.mark.parametrize("template", TEXTS, ids=lambda each: f"{each.key}-{each.language}")
def test_it_is_paid_as_two_messages_at_most(template: Template) -> None:
    for words, context in cases(template):
        short = gsm.folded(render(words, context).short)
        assert gsm.unknown(short) == "", short
        assert gsm.segments(short) <= 2, (len(short), short)
        if template.key != INTERNAL:
            assert short.startswith(context.company.name), "who writes"
            assert context.company.phone in short, "nobody can answer the alias of a company"
        assert any(sign in short for sign in ("€", "EUR")), "how much"
