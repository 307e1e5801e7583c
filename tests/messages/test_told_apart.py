"""Where no earlier message was about everything that is asked for, a text names them together."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.messages import EarlierMessage, MessageContext, render
from incasso.messages.render import Assumption
from incasso.messages.variants import fitting_text
from tests.messages.samples import built_in, context, template

OCTOBER = tuple(date(2026, 10, day) for day in (1, 1, 2, 8))


def told(*days: date, apart: bool = True, language: str = "it") -> MessageContext:
    """A message that others came before."""
    earlier = tuple(EarlierMessage(on=day, about_all=not apart) for day in days)
    return context(language=language, previous=earlier)


def said(made_of: MessageContext, key: str) -> str:
    return " ".join(render(built_in(key, made_of.language), made_of).text.split())


@pytest.mark.parametrize(
    ("language", "second", "last"),
    [
        (
            "it",
            "alle nostre comunicazioni del 1º ottobre 2026, del 2 ottobre 2026 e dell'8 ottobre"
            " 2026.",
            "nonostante le nostre comunicazioni del 1º ottobre 2026, del 2 ottobre 2026 e dell'8"
            " ottobre 2026, ad oggi",
        ),
        (
            "en",
            "our messages of 1 October 2026, 2 October 2026 and 8 October 2026.",
            "In spite of our messages of 1 October 2026, 2 October 2026 and 8 October 2026, we",
        ),
        (
            "de",
            "unsere Mitteilungen vom 1. Oktober 2026, vom 2. Oktober 2026 und vom 8. Oktober 2026"
            " zurück.",
            "trotz unserer Mitteilungen vom 1. Oktober 2026, vom 2. Oktober 2026 und vom 8."
            " Oktober 2026 ist",
        ),
        (
            "fr",
            "nos messages du 1er octobre 2026, du 2 octobre 2026 et du 8 octobre 2026.",
            "Malgré nos messages du 1er octobre 2026, du 2 octobre 2026 et du 8 octobre 2026, nous",
        ),
    ],
)
def test_all_are_named_with_their_days(language: str, second: str, last: str) -> None:
    apart = told(*OCTOBER, language=language)
    assert second in said(apart, "secondo_sollecito")
    assert last in said(apart, "ultimo_avviso")


def test_where_each_was_about_everything_the_last_is_named() -> None:
    whole = told(*OCTOBER, apart=False)
    assert "alla nostra comunicazione dell'8 ottobre 2026." in said(whole, "secondo_sollecito")
    assert "le nostre 4 comunicazioni, l'ultima dell'8" in said(whole, "ultimo_avviso")


@pytest.mark.parametrize("one", ["previous[-1]", "(previous | last)", "(previous|first)"])
def test_an_offices_text_does_not_name_one_as_if_it_was_about_everything(one: str) -> None:
    header = template(
        f"Seguito del {{{{ {one}.date }}}}",
        assumes=(Assumption.PREVIOUS,),
        first={"text": "Da pagare"},
    )
    asking = template(f"{{% if previous %}}Seguito del {{{{ {one}.date }}}}{{% endif %}} ecco")
    for earlier, expected in ((told(*OCTOBER), False), (told(*OCTOBER, apart=False), True)):
        fit = fitting_text(header, earlier)
        assert fit is not None
        assert ("Seguito" in render(fit, earlier).text) is expected
        assert ("Seguito" in render(asking, earlier).text) is expected


def test_a_text_that_names_them_all_is_used() -> None:
    naming = template(
        "{% for each in previous %}{{ each.date }} {% endfor %}", assumes=("previous",)
    )
    assert fitting_text(naming, told(*OCTOBER)) is naming
