"""The printed letter: right words, right place, deterministic, hostile data is only text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PageObject, PdfReader

from incasso.api import Medium
from incasso.messages import Creditor, Debtor, MessageContext, Template, languages, render
from incasso.messages.letter import letter_facts
from incasso.messages.view import view
from tests.messages.samples import COMPANY, built_in, context, euro, line, template
from tests.profiles import tries

MILLIMETRE = 72 / 25.4


def pages(words: Template, message: MessageContext) -> list[PageObject]:
    """The pages of the letter."""
    pdf = render(words, message, want_letter=True).letter_pdf
    assert pdf is not None
    return list(PdfReader(BytesIO(pdf)).pages)


def text_of(found: list[PageObject]) -> str:
    """All words of the letter, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in found).split())


def test_a_formal_notice_is_one_page_with_everything_on_it() -> None:
    found = pages(built_in("ultimo_avviso"), context(*[line(f"{n}/A") for n in range(1, 4)]))
    assert len(found) == 1
    text = text_of(found)
    for words in (
        "Torino, 23 novembre 2026", "1219 del codice civile", "3.703,50", "IT60 X054 2811",
        "Alla c.a. di Mario Bianchi", "Chiara Ferri", "C00123-45",
    ):  # fmt: skip
        assert words in text


def test_200_installments_take_pages_with_numbers_and_repeated_headings() -> None:
    found = pages(built_in("primo_sollecito"), context(*[line(f"{n}/A") for n in range(200)]))
    assert len(found) > 3
    for number, page in enumerate(found, start=1):
        assert f"Pagina {number} di {len(found)}" in page.extract_text()
    assert "Scadenza" in found[1].extract_text()


def test_40_installments_flow_over_pages_with_the_total_and_the_signature_at_the_end() -> None:
    message = context(*[line(f"{n}/A") for n in range(40)], medium=Medium.REGISTERED)
    found = [page.extract_text() for page in pages(built_in("ultimo_avviso"), message)]
    first, *between, last = found
    assert len(found) == 2
    assert not between
    for text in found:
        assert "Interessi" in text
        assert "Da pagare" in text
    assert "Totale dei documenti" not in first
    for words in ("Totale dei documenti", "49.380,00", "Distinti saluti", "Chiara Ferri"):
        assert words in last


def test_a_table_over_pages_carries_its_sum_from_one_to_the_next() -> None:
    found = [
        page.extract_text()
        for page in pages(
            built_in("primo_sollecito"), context(*[line(f"{n}/A") for n in range(120)])
        )
    ]
    rows = 0
    assert len(found) == 3
    for before, after in pairwise(found):
        rows += before.count("1.234,50")
        carried = languages()["it"].money(euro(f"{rows * Decimal('1234.50')}"))
        carried = carried.replace("\xa0", " ")
        assert f"A riportare {carried}" in " ".join(before.split())
        assert f"Riporto {carried}" in " ".join(after.split())
    assert "Riporto" not in found[0]
    assert "A riportare" not in found[-1]


@pytest.mark.parametrize("rows", range(38, 46))
def test_the_total_never_stands_alone_on_a_page(rows: int) -> None:
    found = pages(built_in("primo_sollecito"), context(*[line(f"{n}/A") for n in range(rows)]))
    texts = [page.extract_text() for page in found]
    assert sum(text.count("Fattura") for text in texts) == rows
    (last,) = [text for text in texts if "Totale da pagare" in text]
    assert last.count("Fattura") >= 2


def test_the_payment_code_is_on_paper_too() -> None:
    text = text_of(pages(built_in("primo_sollecito"), context()))
    assert "Paga con l'app della banca" in text
    without = context(company=replace(COMPANY, iban=""))
    assert "Paga con" not in text_of(pages(built_in("primo_sollecito"), without))


@pytest.mark.parametrize(
    ("medium", "words"),
    [
        (Medium.REGISTERED, "Raccomandata A/R"),
        (Medium.PEC, "A mezzo PEC"),
        (Medium.LETTER, ""),
        (Medium.FAX, ""),
    ],
)
def test_a_letter_says_how_it_travels(medium: Medium, words: str) -> None:
    text = text_of(pages(built_in("promemoria"), context(medium=medium)))
    for each in ("Raccomandata A/R", "A mezzo PEC"):
        assert (each in text) == (each == words)


def test_who_signs_stands_with_role_above_the_signature() -> None:
    company = replace(COMPANY, signature="Ada Neri", signature_role="Il responsabile crediti")
    found = pages(built_in("promemoria"), context(company=company))[-1].extract_text()
    assert found.index("Cordiali saluti") < found.index("Ada Neri")
    assert found.index("Ada Neri") < found.index("Il responsabile crediti")


@pytest.mark.parametrize(
    ("language", "dated"),
    [
        ("it", "Torino, 8 dicembre 2026"),
        ("en", "Torino, 8 December 2026"),
        ("de", "Torino, den 8. Dezember 2026"),
        ("fr", "Torino, le 8 décembre 2026"),
    ],
)
def test_place_and_date_by_language(language: str, dated: str) -> None:
    message = replace(context(language=language), on=date(2026, 12, 8))
    text = text_of(pages(built_in("primo_sollecito", language), message))
    assert dated in text
    assert "dell'8 dicembre" not in text


def test_the_address_lies_in_the_window_and_nothing_else_does() -> None:
    seen: list[tuple[float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        # Typst turns the page upside down: the matrices give the place from the top.
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            seen.append((x / MILLIMETRE, 297 - y / MILLIMETRE, text.strip()))

    page = pages(built_in("ultimo_avviso"), context())[0]
    page.extract_text(visitor_text=note)
    right = [(y, text) for x, y, text in seen if x > 110 and y < 86]
    assert right
    assert all(55 <= y <= 80 for y, _ in right), right
    words = " ".join(text for _, text in right).lower()
    assert "sollecito" not in words
    assert "mora" not in words


def test_a_letter_may_have_words_of_its_own() -> None:
    own = template("per mail", letter="per lettera\n\n{{ signature }}")
    text = text_of(pages(own, context()))
    assert "per lettera" in text
    assert "per mail" not in text


def test_equal_input_gives_equal_bytes() -> None:
    first = render(built_in("ultimo_avviso"), context(), want_letter=True)
    render(built_in("promemoria", "en"), context(language="en"), want_letter=True)
    again = render(built_in("ultimo_avviso"), context(), want_letter=True)
    assert first.letter_pdf == again.letter_pdf


def test_english_letters_are_english() -> None:
    text = text_of(pages(built_in("secondo_sollecito", "en"), context(language="en")))
    assert "Subject:" in text
    assert "€1,234.50" in text
    assert "Oggetto" not in text


@pytest.mark.parametrize(
    "name",
    [
        '#read("/etc/passwd") #eval("1+1") $x^2$ <label> *bold* _it_ `raw` \\ @ref = - + //',
        "Società " * 500,
        "شركة الأمل ש.ל. 株式会社 🧾🔥",
        '#image("x.png")]]))}}"',
    ],
)
def test_hostile_names_are_only_names(name: str) -> None:
    client = Debtor(name=name, code=name, address=(name,) * 8, contact_person=name)
    found = pages(built_in("ultimo_avviso"), context(line(name), client=client))
    assert len(found) <= 2
    assert "1.234,50" in text_of(found)
    if name.startswith("#"):
        assert name[:12] in text_of(found)


@tries(40)
@given(text=st.text(max_size=200))
def test_no_text_breaks_the_page(text: str) -> None:
    client = Debtor(name=text, address=(text, text, text))
    assert pages(built_in("promemoria"), context(line(text), client=client))


def test_a_long_name_does_not_push_the_street_out_of_the_window() -> None:
    address = ("Cooperativa " * 12, "Via Roma 1", "10100 Torino TO")
    client = Debtor(name="x", address=address, contact_person="Mario Bianchi")
    seen = view(context(line(), client=client, charges=euro("1")), languages()["it"])
    lines = letter_facts("x", [], seen)["address"]
    assert lines[-2:] == ["Via Roma 1", "10100 Torino TO"]
    assert sum(1 + (len(each) > 40) for each in lines) <= 5


def test_a_letter_is_dated_from_the_town_of_the_letterhead() -> None:
    company = Creditor(name="x", address=("Via Roma 1", "25030 Castel Mella BS"))
    assert "Castel Mella, 23 novembre 2026" in text_of(
        pages(built_in("promemoria"), context(company=company))
    )
