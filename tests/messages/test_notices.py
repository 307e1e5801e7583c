"""What a notice of default must say to be one: who, what for, how much, a term, and the law."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from incasso.messages import render
from tests.messages.samples import CLIENT, built_in, context, line

TERMS = {
    "it": "quindici giorni dal ricevimento",
    "en": "within fifteen days of receipt",
    "de": "innerhalb von fünfzehn Tagen nach Zugang",
    "fr": "dans les quinze jours suivant la réception",
}
RESERVED = {"it": "riservati", "en": "We reserve", "de": "Vorbehalten", "fr": "Nous réservons"}


@pytest.mark.parametrize("language", TERMS)
@pytest.mark.parametrize("key", ["messa_in_mora", "diffida"])
def test_a_notice_of_default_says_all_that_the_law_needs(key: str, language: str) -> None:
    lines = (line("1200/A"), line("5/B", "200.00"))
    made = render(built_in(key, language), context(*lines, language=language))
    words = " ".join(made.text.split())
    for each in ("1200/A", "5/B", "1219", "2943", TERMS[language], RESERVED[language], "IT60 X054"):
        assert each in words, each
    # 1,434.50 with interest of 15.48 and 2.51 and twice 40 euro, by hand
    assert any(amount in words for amount in ("1.532,49", "1,532.49", "1 532,49"))
    assert "1219" not in made.short


@pytest.mark.parametrize("key", ["messa_in_mora", "diffida"])
def test_a_consumer_owes_the_legal_rate_and_no_fixed_sum(key: str) -> None:
    consumer = replace(CLIENT, name="Anna Conti", is_person=True, vat="", contact_person="")
    words = " ".join(render(built_in(key), context(client=consumer)).text.split())
    assert "art. 1284 del codice civile" in words
    assert "231" not in words.replace("1.234", "")
    assert "Le intimiamo" in words or "La diffidiamo" in words


def test_the_short_text_of_a_notice_does_not_say_that_one_was_sent() -> None:
    """It goes to those whose stage knows no other medium."""
    for key in ("ultimo_avviso", "messa_in_mora", "diffida"):
        short = render(built_in(key), context()).short
        assert "inviato" not in short
        assert "13/12/2026" in short
