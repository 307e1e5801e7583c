"""Every shipped text has a short form for a telephone: who writes, how much, and one message to be
paid with names, amounts and references of ordinary length; two with the longest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from msgspec import structs

from incasso.messages import Template, builtin_templates
from incasso.messages.context import MessageContext
from incasso.messages.render import render
from incasso.messages.sample_messages import earlier_contexts
from incasso.messages.variants import first_contact
from incasso_sms import gsm
from tests.messages.samples import COMPANY, line

TEXTS = builtin_templates()
INTERNAL = ("comunicazione_interna", "riepilogo")


def cases(template: Template) -> Iterator[tuple[Template, MessageContext]]:
    """An ordinary message after others, to a firm and to a person, and a first one in the words
    that the text has for it."""
    later = next(earlier_contexts(template.language, {}))[1]
    person = structs.replace(later.client, name="Anna Bianchi", is_person=True)
    yield template, later
    yield template, structs.replace(later, client=person)
    if (first := first_contact(template)) is not None:
        yield first, structs.replace(later, previous=())


ORDINARY = structs.replace(COMPANY, name="Ferramenta Subalpina S.r.l.", phone="011 5550101")
LONG = structs.replace(
    COMPANY, name="Consorzio Agrario delle Province del Nord-Ovest Società Cooperativa"
)
DUE = date(2026, 9, 30), date(2026, 10, 10)


@pytest.mark.parametrize("template", TEXTS, ids=lambda each: f"{each.key}-{each.language}")
def test_it_is_paid_as_one_message(template: Template) -> None:
    """Eleven digits of telephone, five of an amount, a reference like C00123/4711; two dates."""
    lines = tuple(line(f"{n}/A", "6172.83", due_date=due) for n, due in enumerate(DUE))
    for words, context in cases(template):
        for some in (lines[:1], lines):
            plain = structs.replace(context, company=ORDINARY, lines=some, credits=(), coming=())
            short = gsm.folded(render(words, structs.replace(plain, reference="C00123/4711")).short)
            assert gsm.segments(short) == 1, (len(short), short)


@pytest.mark.parametrize("template", TEXTS, ids=lambda each: f"{each.key}-{each.language}")
def test_a_long_name_makes_two_of_it_and_never_three(template: Template) -> None:
    for words, context in cases(template):
        short = gsm.folded(render(words, structs.replace(context, company=LONG)).short)
        assert gsm.unknown(short) == "", short
        assert gsm.segments(short) <= 2, (len(short), short)


@pytest.mark.parametrize("template", TEXTS, ids=lambda each: f"{each.key}-{each.language}")
def test_it_says_who_writes_and_how_much(template: Template) -> None:
    for words, context in cases(template):
        short = gsm.folded(render(words, context).short)
        if template.key not in INTERNAL:
            assert short.startswith(context.company.name), "who writes"
            assert context.company.phone in short, "nobody can answer the alias of a company"
        assert any(sign in short for sign in ("€", "EUR")), "how much"
