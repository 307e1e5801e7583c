"""Firms with Spett.le and Voi, persons by first name and surname with Lei, in every text."""

from __future__ import annotations

import re

import pytest

from incasso.messages import Debtor, builtin_templates, render
from incasso.messages.render import Template
from incasso.messages.variants import first_contact
from tests.messages.samples import built_in, context, line

ANNA = Debtor(name="Anna Conti", is_person=True)
TO_CLIENTS = sorted(
    {each.key for each in builtin_templates()} - {"comunicazione_interna", "riepilogo"}
)

_VOI = re.compile(r"\b(?:Vi|Vostr[oaie]|[a-z]+Vi|avete|potete|trovate|consegnato da voi|tenete)\b")
_LEI = re.compile(r"\b(?:La|Le|Su[oaei]|Lei|[a-z]+La|ha già|può|trova|tenga)\b")


def wordings(key: str, language: str) -> list[Template]:
    """The text, and its words for a first contact."""
    words = built_in(key, language)
    first = first_contact(words)
    return [words] if first is None else [words, first]


@pytest.mark.parametrize("key", TO_CLIENTS)
def test_a_person_is_never_addressed_as_a_firm(key: str) -> None:
    for words in wordings(key, "it"):
        made = render(words, context(line("1/A"), client=ANNA, enclosed=2))
        for part in (made.text, made.short):
            assert not _VOI.search(part), _VOI.search(part)
        assert made.text.startswith("Gentile Anna Conti,")
        assert _LEI.search(made.text)
        assert "Spett" not in made.html


@pytest.mark.parametrize("key", TO_CLIENTS)
def test_a_firm_is_never_addressed_as_a_person(key: str) -> None:
    for words in wordings(key, "it"):
        made = render(words, context(line("1/A"), enclosed=2))
        for part in (made.text, made.short):
            assert not _LEI.search(part.replace("La banca", "")), _LEI.search(part)
        assert made.text.startswith("Spett.le Officine Bianchi S.n.c.,")
        assert _VOI.search(made.text)


@pytest.mark.parametrize(
    ("language", "firm", "person"),
    [
        ("en", "Dear Sir or Madam,", "Dear Anna Conti,"),
        ("de", "Sehr geehrte Damen und Herren,", "Guten Tag Anna Conti,"),
        ("fr", "Madame, Monsieur,", "Madame, Monsieur,"),
    ],
)
def test_greetings_abroad(language: str, firm: str, person: str) -> None:
    words = built_in("primo_sollecito", language)
    assert render(words, context(language=language)).text.startswith(firm)
    assert render(words, context(language=language, client=ANNA)).text.startswith(person)


@pytest.mark.parametrize(
    ("client", "greeting"),
    [
        (Debtor(name="Mario Rossi", is_person=True, vat="IT01234567890"), "Gentile Mario Rossi,"),
        (
            Debtor(
                name="Bar Sport di Rossi Mario",
                is_person=True,
                vat="IT01234567890",
                tax_code="RSSMRA80A01F205X",
            ),
            "Spett.le Bar Sport di Rossi Mario,",
        ),
    ],
)
def test_a_person_who_trades(client: Debtor, greeting: str) -> None:
    """Both are businesses for the law on late payment."""
    assert render(built_in("promemoria"), context(client=client)).text.startswith(greeting)
    assert "231" in render(built_in("ultimo_avviso"), context(client=client)).text


@pytest.mark.parametrize("language", ["it", "en", "de", "fr"])
def test_insoluto_is_said_of_returned_bills_only(language: str) -> None:
    """The Italian word is a bill that came back from the bank, not a late payment."""
    for key in TO_CLIENTS:
        for words in wordings(key, language):
            made = render(words, context(line("1/A"), language=language))
            assert ("insolut" in made.text.lower()) == (language == "it" and "riba" in key)
