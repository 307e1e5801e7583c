"""A person's words for one message stand around the table, the payment details, the signature."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import Money
from incasso.domain.sending.rewording import Rewording, Unfit, unfit_subject, unfit_words
from incasso.messages import (
    Template,
    TemplateError,
    builtin_templates,
    names_amount,
    render,
    reworded,
)
from incasso.messages.rewording import with_blocks
from tests.messages.samples import built_in, context, template
from tests.profiles import tries

OWN = template(
    "{{ greeting }}\n\nprima\n\n{{ table }}\n\nin mezzo\n\n{{ payment }}\n\ndopo\n\n"
    "{{ signature }}",
    html="<p>{{ table }}</p>",
    short="{{ total }}",
)
BLOCKS = ("{{ greeting }}", "{{ table }}", "{{ payment }}", "{{ signature }}")


def text(made: Template) -> list[str]:
    """The paragraphs of a template's text."""
    return made.text.split("\n\n")


def test_without_own_words_the_template_is_the_same() -> None:
    assert reworded(OWN, Rewording()) == OWN
    assert reworded(OWN, Rewording(subject="Due righe")).html == OWN.html


def test_the_words_before_the_table_are_exchanged() -> None:
    made = reworded(OWN, Rewording(opening="come al telefono"))
    assert text(made) == [
        "{{ greeting }}", "come al telefono", "{{ table }}", "in mezzo", "{{ payment }}", "dopo",
        "{{ signature }}",
    ]  # fmt: skip
    assert made.html == ""  # made anew from the text


def test_the_words_after_the_payment_details_are_exchanged() -> None:
    made = reworded(OWN, Rewording(opening="uno", closing="due"))
    assert text(made) == [
        "{{ greeting }}", "uno", "{{ table }}", "in mezzo", "{{ payment }}", "due",
        "{{ signature }}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("A", ["{{ greeting }}", "A", "{{ table }}", "{{ payment }}", "{{ signature }}"]),
        (
            "A\n\n{{ table }}\n\nB",
            ["{{ greeting }}", "A", "{{ table }}", "{{ payment }}", "B", "{{ signature }}"],
        ),
        (
            "A\n\n{{ signature }}",
            ["{{ greeting }}", "A", "{{ table }}", "{{ payment }}", "{{ signature }}"],
        ),
        (
            "A\n\n{{payment}}\n\nB",
            ["{{ greeting }}", "A", "{{ table }}", "{{payment}}", "B", "{{ signature }}"],
        ),
    ],
)
def test_missing_blocks_are_put_in(words: str, expected: list[str]) -> None:
    assert with_blocks(words).split("\n\n") == expected


@tries(100)
@given(
    st.lists(st.sampled_from(["uno", "due", "- tre", *BLOCKS]), min_size=1, max_size=8),
    st.sampled_from([each for each in builtin_templates() if each.language == "it"]),
)
def test_no_words_lose_table_total_payment_and_signature(pieces: list[str], own: Template) -> None:
    made = render(reworded(own, Rewording(text="\n\n".join(pieces))), context())
    for part in ("Totale da pagare", "1.234,50 €", "IT60 X054", "Chiara Ferri", "Bianchi"):
        assert part in made.text, (part, made.text)


@pytest.mark.parametrize("words", ["Come al telefono.", "Come al telefono.\n\n{{ signature }}"])
def test_other_words_of_a_notice_ask_for_the_same(words: str) -> None:
    notice = built_in("ultimo_avviso")
    before = render(notice, context())
    made = render(reworded(notice, Rewording(text=words)), context())
    # 1.234,50 for 44 days at 10,40%: 1234.50 × 10.40 × 44 / 36500 = 15.48; and 40 for the invoice.
    for asked in ("15,48 €", "40,00 €", "1.289,98 €"):
        assert asked in before.text
        assert asked in made.text
    assert made.text.split("\n\n")[-2:] == before.text.split("\n\n")[-2:]
    assert "Distinti saluti" in made.text.split("\n\n")[-2]


def test_words_cannot_make_a_reminder_ask_for_interest() -> None:
    own = Rewording(text="Versate {{ asked }}.")
    made = render(reworded(built_in("primo_sollecito"), own), context())
    assert "Versate 1.234,50 €." in made.text
    assert "40,00" not in made.text


@pytest.mark.parametrize(
    ("language", "words", "salutation"),
    [
        ("it", "Ci sentiamo.", "Distinti saluti"),
        ("it", "Ci sentiamo.\n\nUn saluto", ""),
        ("de", "Wir melden uns.", "Mit freundlichen Grüßen"),
        ("de", "Wir melden uns.\n\nViele Grüße", ""),
        ("en", "We shall call you.\n\nBest wishes", ""),
        ("fr", "Nous vous appellerons.", "salutations distinguées."),
        ("fr", "Nous vous appellerons.\n\nCordialement,", ""),
    ],
)
def test_the_salutation_stays(language: str, words: str, salutation: str) -> None:
    made = reworded(built_in("ultimo_avviso", language), Rewording(text=words))
    *_, last, signature = text(made)
    assert signature == "{{ signature }}"
    assert made.text.count(last) == 1
    assert last.endswith(salutation or words.split("\n\n")[-1])


def test_bare_words_stand_alone() -> None:
    own = Rewording(subject="Due righe", text="Ci sentiamo domani.\n\n{{ total }}", bare=True)
    made = render(reworded(built_in("primo_sollecito"), own), context())
    assert made.subject == "Due righe"
    assert made.text == "Ci sentiamo domani.\n\n1.234,50 €\n"
    assert "Ci sentiamo domani." in made.html


def test_a_short_text_keeps_its_total() -> None:
    def short(own: Rewording) -> str:
        return render(reworded(OWN, own), context()).short

    assert short(Rewording(text="Ci chiami.")) == (
        "Ci chiami. Totale da pagare: 1.234,50 €. Rif. C00123-45"
    )
    assert short(Rewording(text="Versi {{ total }}.")) == "Versi 1.234,50 €."
    assert short(Rewording(text="Ci chiami.", bare=True)) == "Ci chiami."
    assert short(Rewording(subject="Altro")) == "1.234,50 €"


def test_a_text_without_a_table_has_no_opening() -> None:
    with pytest.raises(TemplateError, match="no table"):
        reworded(template("Solo parole"), Rewording(opening="x"))


@pytest.mark.parametrize(
    ("words", "amount", "language", "said"),
    [
        ("Paghi 1.220,00 EUR", "1220.00", "it", True),
        ("Paghi 1220 euro", "1220.00", "it", True),
        ("Paghi 1220,5", "1220.50", "it", False),  # not an amount as anybody writes it
        ("Paghi 1.220,50.", "1220.00", "it", False),
        ("Il 1/12/2026 per 220,00", "1220.00", "it", False),
        ("Pay ¥1,220", "1220", "en", True),
        ("Veuillez payer 1 220,00 €", "1220.00", "fr", True),
        ("Zahlen Sie 1.220,00 €", "1220.00", "de", True),
        ("", "1220.00", "it", False),
    ],
)
def test_whether_a_text_names_the_amount(
    words: str, amount: str, language: str, said: bool
) -> None:
    currency = "JPY" if "." not in amount else "EUR"
    assert names_amount(words, Money(amount=Decimal(amount), currency=currency), language) is said


@pytest.mark.parametrize(
    ("words", "unfit"),
    [
        ("Ultimo avviso", None),
        ("", Unfit.EMPTY),
        (" \t", Unfit.EMPTY),
        ("x" * 200, None),
        ("x" * 201, Unfit.TOO_LONG),
        ("Avviso\r\nBcc: altri@example.it", Unfit.CONTROL),
        ("Avviso\x00", Unfit.CONTROL),
        ("Avviso\u2028due", Unfit.CONTROL),
        ("Avviso \ue010", Unfit.CONTROL),  # the mark of a table
        ("Avviso \u202eossecca", Unfit.CONTROL),  # turns the reading direction
    ],
)
def test_what_a_subject_may_not_hold(words: str, unfit: Unfit | None) -> None:
    assert unfit_subject(words) is unfit


def test_a_text_may_have_lines_but_nothing_unseen() -> None:
    assert unfit_words("uno\n\ndue\tre") is None
    assert unfit_words("\n") is Unfit.EMPTY
    assert unfit_words("uno\x1b[2Jdue") is Unfit.CONTROL
    assert unfit_words("x" * 20_001) is Unfit.TOO_LONG
