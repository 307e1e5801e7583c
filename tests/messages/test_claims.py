"""A text speaks of earlier messages only where they left, or says on top that it does."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.contract.media import Medium
from incasso.messages import (
    NEUTRAL,
    Assumption,
    EarlierMessage,
    Template,
    builtin_templates,
    check_templates,
    fitting_text,
    languages,
    render,
)
from incasso.messages.render import words_of
from tests.messages.samples import built_in, context, template

ASKS = "{% if previous %}dopo il messaggio del {{ previous[-1].date }}{% endif %} attendiamo"
TOLD = (
    EarlierMessage(on=date(2026, 10, 15)),
    EarlierMessage(on=date(2026, 11, 3), medium=Medium.EMAIL, stage="Primo sollecito"),
)


def assuming(words: str, **first: str) -> Template:
    """A text whose header says that it speaks of earlier messages."""
    return Template(
        key="prova",
        language="it",
        subject="Prova",
        text=words,
        assumes=(Assumption.PREVIOUS,),
        first=first,
    )


def faults(one: Template) -> list[tuple[str, str, int | None]]:
    """Code, part and line of each problem."""
    return [(each.code, each.field, each.line) for each in check_templates([one], [one.language])]


def test_a_text_that_asks_first_is_good() -> None:
    assert faults(template(ASKS)) == []


def test_one_that_does_not_ask_is_named_with_its_line() -> None:
    assert faults(template("Salve\n\ndal {{ previous[-1].date }}")) == [("unguarded", "text", 3)]
    loop = "{% for each in previous %}{{ each.date }}{% endfor %}"
    assert faults(template("Salve", short=loop)) == [("unguarded", "short", 1)]


@pytest.mark.parametrize(
    "words",
    [
        "facciamo seguito alla lettera",
        "come già sollecitato",
        "la nostra\nprecedente comunicazione",
        "{% if charges %}x{% else %}Nonostante i solleciti{% endif %}",
    ],
)
def test_a_phrase_that_claims_an_earlier_message_is_refused(words: str) -> None:
    assert ("claims_earlier", "text", None) in faults(template(words))
    assert faults(assuming(words, text="attendiamo")) == []


def test_it_may_stand_in_the_branch_of_those_who_were_told() -> None:
    assert faults(template("{% if previous %}Facciamo seguito.{% endif %} Attendiamo.")) == []


def test_english_phrases_too() -> None:
    words = template("Further to our letter", language="en")
    assert faults(words) == [("claims_earlier", "text", None)]


def test_the_words_for_a_first_contact_are_checked_as_such() -> None:
    main = "facciamo seguito al messaggio del {{ previous[0].date }}"
    assert faults(assuming(main)) == []
    assert faults(assuming(main, text="come già sollecitato")) == [
        ("claims_earlier", "first.text", None)
    ]
    assert faults(assuming(main, text="\n{{ clent.name }}")) == [
        ("unknown_placeholder", "first.text", 2)
    ]
    # Its subject is taken over where [first] has none, so it may claim nothing either.
    claiming = Template(
        key="prova", language="it", subject="Secondo sollecito", text=main,
        assumes=(Assumption.PREVIOUS,), first={"text": "attendiamo"},
    )  # fmt: skip
    assert faults(claiming) == [("claims_earlier", "first.subject", None)]


def test_words_that_nothing_would_use_and_a_neutral_text_that_assumes() -> None:
    idle = Template(key="prova", language="it", subject="P", text="t", first={"text": "u"})
    assert faults(idle) == [("first_unused", "first", None)]
    proud = Template(
        key=NEUTRAL, language="it", subject="P", text="t", assumes=(Assumption.PREVIOUS,)
    )
    assert faults(proud) == [("assumes", "assumes", None)]


def test_the_stages_text_comes_before_the_texts_own_and_the_neutral_one_last() -> None:
    wanted = assuming("facciamo seguito", text="attendiamo")
    bare = assuming("facciamo seguito")
    stages, neutral = template("buongiorno"), template("neutro")
    told, untold = context(previous=TOLD), context(previous=())
    assert fitting_text(wanted, told, stages_own=stages, neutral=neutral) == wanted

    def words(one: Template | None) -> str:
        assert one is not None
        return one.text

    assert words(fitting_text(wanted, untold, stages_own=stages, neutral=neutral)) == "buongiorno"
    assert words(fitting_text(wanted, untold, neutral=neutral)) == "attendiamo"
    assert words(fitting_text(bare, untold, neutral=neutral)) == "neutro"
    assert words(fitting_text(bare, untold, stages_own=wanted, neutral=neutral)) == "attendiamo"
    assert fitting_text(bare, untold) is None


def test_a_first_text_leaves_no_form_in_the_other_words() -> None:
    wanted = Template(
        key="prova", language="it", subject="Secondo", text="facciamo seguito",
        html="<p>facciamo seguito</p>", letter="facciamo seguito", short="breve",
        assumes=(Assumption.PREVIOUS,), first={"text": "attendiamo"},
    )  # fmt: skip
    found = fitting_text(wanted, context(previous=()))
    assert found is not None
    assert (found.subject, found.text, found.short) == ("Secondo", "attendiamo", "breve")
    assert (found.html, found.letter) == ("", "")
    assert "attendiamo" in render(found, context()).html


def test_what_a_text_reads_of_an_earlier_message() -> None:
    source = (
        "{% for each in previous %}"
        "{{ each.date | date('short') }}/{{ each.medium }}/{{ each.stage }};"
        "{% endfor %}"
    )
    words = words_of(template(source), context(previous=TOLD))
    assert words["text"] == "15/10/2026//;03/11/2026/e-mail/Primo sollecito;"


@pytest.mark.parametrize("language", sorted({each.language for each in builtin_templates()}))
def test_every_text_that_ships_has_words_for_those_who_heard_nothing(language: str) -> None:
    assert languages()[language].claims_earlier
    assert set(languages()[language].media) == set(Medium)
    assuming_ones = [each for each in builtin_templates() if each.assumes]
    assert {"secondo_sollecito", "ultimo_avviso"} <= {each.key for each in assuming_ones}
    assert all("text" in each.first for each in assuming_ones)
    assert built_in(NEUTRAL, language).assumes == ()
