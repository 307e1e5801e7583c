"""Which file is the document of a credit: certain, or none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from incasso.contract.ledger import DocumentKind
from incasso.contract.text import in_a_row
from incasso.domain.documents.file_names import NamedFile, pattern_problem, read_name
from incasso.domain.documents.matching import (
    Candidate,
    Choice,
    Form,
    Wanted,
    choose,
    is_proven,
    text_proves,
)
from incasso.domain.documents.numbers import normalised, without_kind
from incasso.domain.ledger.tax_numbers import same_party, tax_number
from incasso.locale.problems import sentence

DAY = date(2026, 9, 1)
VAT = "07643520567"


def wanted(number: str = "123/A", **facts: Any) -> Wanted:
    given = {"source": "acme", "client": "C1", "day": DAY, "vat": f"IT{VAT}", **facts}
    return Wanted(number=number, **given)


def xml(number: str = "123/A", **facts: Any) -> Candidate:
    given = {"path": "a.xml", "day": DAY, "kind": "invoice", "customer_vat": VAT, **facts}
    return Candidate(form=Form.FATTURAPA, number=number, **given)


def pdf(number: str = "123-A", **facts: Any) -> Candidate:
    return Candidate(form=Form.PDF, number=number, **{"path": f"{number}.pdf", **facts})


@pytest.mark.parametrize("other", ["123/A", "123-A", "000123/A", "123 a", "FT 123/A", "Fatt.123/A"])
def test_one_number_is_written_in_many_ways(other: str) -> None:
    assert choose(wanted(), [xml(other)]).fatture
    assert choose(wanted(other), [xml()]).fatture


def why(choice: Choice) -> str:
    return in_a_row(map(sentence, choice.why))


@pytest.mark.parametrize("other", ["123/FE", "FE/123", "123"])
def test_a_ledger_without_series_is_helped_by_client_and_day(other: str) -> None:
    """Ledgers often say 123 where the invoice says 123/FE."""
    assert choose(wanted("123"), [xml(other)]).fatture
    assert choose(wanted(other), [xml("123")]).fatture
    assert not choose(wanted("123"), [xml(other, day=date(2026, 9, 2))]).fatture
    assert not choose(wanted("123"), [xml(other, customer_vat="01234560017")]).fatture


def test_two_series_that_may_be_meant_are_not_chosen_between() -> None:
    choice = choose(wanted("123"), [xml("123/A"), xml("123/B", path="b.xml")])
    assert (choice.fatture, why(choice)) == ((), "it may be one of 123/A, 123/B")
    exact_one = choose(wanted("123"), [xml("123/A"), xml("123", path="b.xml")])
    assert [each.number for each in exact_one.fatture] == ["123"]


@pytest.mark.parametrize("other", ["123/B", "1234/A", "12/3A", "123/1/A", "", "---"])
def test_another_number_is_another_document(other: str) -> None:
    assert choose(wanted(), [xml(other)]).fatture == ()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"day": date(2025, 9, 1)}, "it is of 2025-09-01, not of 2026-09-01"),
        ({"customer_vat": "01234560017"}, "another client"),
        ({"kind": "credit_note"}, "it is a credit note"),
    ],
)
def test_an_objection_is_told(facts: dict[str, Any], told: str) -> None:
    choice = choose(wanted(), [xml(**facts)])
    assert (choice.fatture, told in why(choice)) == ((), True)


def test_a_credit_note_is_not_the_invoice_of_its_number() -> None:
    note = wanted(kind=DocumentKind.CREDIT_NOTE)
    assert choose(note, [xml(kind="credit_note")]).fatture
    assert not choose(note, [xml()]).fatture
    assert not choose(wanted("12"), [pdf("NC 12")]).pdfs
    assert not choose(wanted("12", kind=DocumentKind.CREDIT_NOTE), [pdf("12")]).pdfs


def test_series_that_look_like_words_stay_apart() -> None:
    assert not choose(wanted("FA 12"), [pdf("FV 12")]).pdfs
    assert choose(wanted("FA 12"), [pdf("12")]).pdfs


def test_a_supplier_of_the_same_group_is_another() -> None:
    choice = choose(wanted(company_vat="IT01234560017"), [xml(supplier_vat="99999990017")])
    assert "its supplier is 99999990017" in why(choice)


def test_without_identity_or_date_nothing_is_proven() -> None:
    assert "neither VAT number nor tax code" in why(choose(wanted(vat=""), [xml()]))
    assert "gives no date" in why(choose(wanted(day=None), [xml()]))


def test_a_tax_code_alone_proves_the_client() -> None:
    person = wanted(vat="", tax_code="RSSMRA80A01L219M")
    assert choose(person, [xml(customer_vat="", customer_tax_code="rssmra80a01l219m")]).fatture


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("IT07643520567", "07643520567", True),
        ("it 076 435 205 67", "07643520567", True),
        ("7643520567", "07643520567", True),
        ("FRAB123456789", "AB123456789", True),
        ("00000000000", "00000000000", None),
        ("", "07643520567", None),
        ("RSSMRA80A01L219M", "RSSMRA80A01L219M", True),
        ("ITALIA80A01L219M", "80A01L219M", False),
    ],
)
def test_tax_numbers_are_compared_as_the_office_means_them(
    one: str, other: str, same: bool | None
) -> None:
    assert same_party([one], [other]) is same
    assert tax_number("00000000000") == ""


@pytest.mark.parametrize(
    ("path", "pattern", "read"),
    [
        ("123-A.pdf", "{number}", NamedFile(number="123-A")),
        ("x/2026/123.PDF", "{year}/{number}", NamedFile(number="123", year=2026)),
        ("FT_123_20260901.pdf", "FT_{number}_{date}", NamedFile(number="123", day=DAY)),
        ("FT_123_01-09-2026.pdf", "FT_{number}_{date}", NamedFile(number="123", day=DAY)),
        ("C1 12.pdf", "{client} {number}", NamedFile(number="12", client="C1")),
        ("ft 12 (copia).pdf", "FT {number} {any}", NamedFile(number="12")),
        ("IT07643520567-12.pdf", "{vat}-{number}", NamedFile(number="12", vat="IT07643520567")),
        ("123.pdf", "FT{number}", None),
        ("FT_123_20261345.pdf", "FT_{number}_{date}", None),
    ],
)
def test_a_file_name_tells_what_its_pattern_asks(
    path: str, pattern: str, read: NamedFile | None
) -> None:
    assert read_name(path, [pattern]) == read


def test_the_first_pattern_that_fits_is_believed() -> None:
    patterns = ["{year}/{number}", "{number}"]
    assert read_name("2026/12.pdf", patterns) == NamedFile(number="12", year=2026)
    assert read_name("altro/12.pdf", patterns) == NamedFile(number="12")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{numero}", "{numero} is not known"),
        ("fattura", "it needs {number} once"),
        ("{number}_{number}", "it needs {number} once"),
        ("{year}/{year}/{number}", "each word may stand in it once"),
        ("{year}/{number}", ""),
    ],
)
def test_a_wrong_pattern_is_told(pattern: str, told: str) -> None:
    problem = pattern_problem(pattern)
    assert (sentence(problem) if problem else "").startswith(told)
    assert bool(problem) == bool(told)


def test_a_bare_number_proves_nothing_about_the_year() -> None:
    assert not is_proven(wanted("12"), pdf("12"))
    assert is_proven(wanted("12/2026"), pdf("12-2026"))
    assert is_proven(wanted("12"), pdf("12", year=2026))


@pytest.mark.parametrize(
    "words",
    [
        "Fattura 12 del 01/09/2026 P.IVA 07643520567",
        "P. IVA IT 07643520567 Data 1.9.26",
        "07643520567 1 settembre 2026",
        "2026-09-01 cliente 0764 3520 567",
    ],
)
def test_the_words_of_a_page_may_prove_it(words: str) -> None:
    assert text_proves(wanted("12"), words)


@pytest.mark.parametrize(
    "words",
    ["07643520567 del 01/09/2025", "01234560017 del 01/09/2026", "07643520567 11/09/2026", ""],
)
def test_other_words_do_not(words: str) -> None:
    assert not text_proves(wanted("12"), words)


def test_numbers_without_letters_or_figures_are_empty() -> None:
    assert (normalised("///"), without_kind("")) == ("", "")
