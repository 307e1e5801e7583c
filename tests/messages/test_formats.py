"""Money, dates and plurals come out as Babel writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import Money
from incasso.domain.money import from_minor
from incasso.domain.sending.language import SPOKEN, WRITTEN, language_of
from incasso.messages.formats import money_text, percent_text, plural_text
from incasso.messages.language import languages, resolve_language


@given(
    minor=st.integers(-(10**13), 10**13),
    currency=st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "TND", "SEK"]),
    locale=st.sampled_from(["it_IT", "en_GB", "de_DE", "fr_FR"]),
)
def test_money_equals_babel(minor: int, currency: str, locale: str) -> None:
    amount = from_minor(minor, currency)
    money = Money(amount=amount, currency=currency)
    assert money_text(money, locale) == format_currency(amount, currency, locale=locale)


def test_dates_of_a_table_and_of_a_sentence() -> None:
    italian, english = languages()["it"], languages()["en"]
    day = date(2026, 2, 1)
    assert (italian.short(day), italian.long(day)) == ("01/02/2026", "1º febbraio 2026")
    assert (english.short(day), english.long(day)) == ("01/02/2026", "1 February 2026")


@pytest.mark.parametrize(("count", "expected"), [(1, "una rata"), (0, "0 rate"), (7, "7 rate")])
def test_plural(count: int, expected: str) -> None:
    assert plural_text(count, ("una rata", "{n} rate"), "it_IT") == expected


def test_plural_with_all_forms_of_a_language() -> None:
    forms = ("{n} plik", "{n} pliki", "{n} plików", "{n} pliku")
    found = [plural_text(count, forms, "pl") for count in (1, 2, 5, Decimal("1.5"))]
    assert found == ["1 plik", "2 pliki", "5 plików", "1.5 pliku"]


@pytest.mark.parametrize(
    ("wanted", "country", "available", "expected"),
    [
        ("", "", {"it", "en"}, "it"),
        ("", "DE", {"it", "en"}, "en"),
        ("it-CH", "CH", {"it", "en"}, "it"),
        ("de", "IT", {"it", "en"}, "it"),
        ("en", "IT", {"it"}, "it"),
        ("EN_us", "IT", {"it", "en"}, "en"),
    ],
)
def test_one_language_per_message(
    wanted: str, country: str, available: set[str], expected: str
) -> None:
    assert resolve_language(wanted, country, available) == expected


def test_every_language_has_every_word() -> None:
    first, *others = languages().values()
    for other in others:
        assert other.labels.keys() == first.labels.keys()
        assert other.document_kinds.keys() == first.document_kinds.keys()
        assert other.payment_methods.keys() == first.payment_methods.keys()


def test_a_country_is_written_to_in_its_language_by_planning_and_by_the_texts() -> None:
    spoken = {country: each.code for each in languages().values() for country in each.countries}
    english = [country for country, code in spoken.items() if code == "en"]
    assert all(language_of("", country) == "en" for country in english)
    assert {country: code for country, code in spoken.items() if code != "en"} == SPOKEN
    assert set(languages()) == set(WRITTEN)


@pytest.mark.parametrize(
    ("language", "country", "expected"),
    [
        ("", "", "it"), ("", "DE", "de"), ("", "at", "de"), ("", "FR", "fr"), ("", "CH", "en"),
        ("fr-CH", "CH", "fr"), ("de", "IT", "de"), ("it", "CH", "it"), ("pl", "PL", "en"),
    ],
)  # fmt: skip
def test_the_language_of_a_client(language: str, country: str, expected: str) -> None:
    assert language_of(language, country) == expected


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("it", "1º maggio 2026|01/05/2026|10,40%|1.234,50\xa0€"),
        ("en", "1 May 2026|01/05/2026|10.40%|€1,234.50"),
        ("de", "1. Mai 2026|01.05.2026|10,40\xa0%|1.234,50\xa0€"),
        ("fr", "1er mai 2026|01/05/2026|10,40\xa0%|1\u202f234,50\xa0€"),
    ],
)
def test_what_every_language_prints(language: str, written: str) -> None:
    spoken, day = languages()[language], date(2026, 5, 1)
    rate = percent_text(Decimal("10.40"), spoken.locale)
    money = spoken.money(Money(amount=Decimal("1234.50")))
    assert "|".join([spoken.long(day), spoken.short(day), rate, money]) == written
