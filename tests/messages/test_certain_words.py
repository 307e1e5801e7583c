"""The texts that ship say only what is certain: dates, sums, who answers, what came back."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from incasso.contract.ledger import PaymentMethod
from incasso.messages import Creditor, OfficeContact, check_templates, render
from tests.messages.samples import COMPANY, built_in, context, line, template

FIFTH, SEVENTH = date(2026, 12, 5), date(2026, 12, 7)
OFFICE = OfficeContact(phone="011 5550101")


def plain(words: str) -> str:
    """In one line, with ordinary spaces."""
    return " ".join(words.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("it", "pagamenti in scadenza il 05/12/2026", "in scadenza dal 05/12/2026 al 07/12/2026"),
        ("en", "payments due on 05/12/2026", "payments due from 05/12/2026 to 07/12/2026"),
        ("de", "Zahlungen fällig am 05.12.2026", "fällig vom 05.12.2026 bis zum 07.12.2026"),
        ("fr", "paiements à échéance du 05/12/2026", "à échéance du 05/12/2026 au 07/12/2026"),
    ],
)
def test_one_due_date_only_where_all_rows_have_it(language: str, one: str, several: str) -> None:
    for second, expected in ((FIFTH, one), (SEVENTH, several)):
        rows = (line("1/A", due_date=FIFTH), line("2/A", due_date=second))
        made = render(built_in("promemoria", language), context(*rows, language=language))
        assert made.subject.endswith(expected)


def test_the_short_text_of_a_first_reminder_names_the_oldest_due_date() -> None:
    rows = (line(due_date=date(2026, 8, 2)), line("2/A", due_date=date(2026, 10, 10)))
    made = render(built_in("primo_sollecito"), context(*rows))
    assert "2.469,00 €, scaduti dal 02/08/2026. Rif." in made.short
    alone = render(built_in("primo_sollecito"), context(line(due_date=date(2026, 8, 2))))
    assert "1.234,50 €, scaduti il 02/08/2026. Rif." in alone.short


@pytest.mark.parametrize(
    ("language", "asked"),
    [("it", "1.289,98 €"), ("en", "€1,289.98"), ("de", "1.289,98 €"), ("fr", "1 289,98 €")],
)
def test_the_short_text_of_a_last_notice_asks_for_what_its_letter_asks(
    language: str, asked: str
) -> None:
    # 1.234,50 x 10,40% x 44 days / 365 = 15,48 of interest, and 40 euro of costs.
    made = render(built_in("ultimo_avviso", language), context(language=language))
    assert f" {asked}" in plain(made.short)
    assert asked in plain(made.text)


def test_the_office_has_its_article_and_a_person_none() -> None:
    office = render(built_in("secondo_sollecito"), context(operator=OFFICE))
    assert "riferimento è l'Ufficio crediti, tel. 011 5550101" in plain(office.text)
    person = render(built_in("secondo_sollecito"), context())
    assert "riferimento è Chiara Ferri, tel. 011 5550101" in plain(person.text)
    returned = render(built_in("insoluto_riba"), context(operator=OFFICE))
    assert "Potete rivolgerVi all'Ufficio crediti, tel." in plain(returned.text)
    returned = render(built_in("insoluto_riba"), context())
    assert "Potete rivolgerVi a Chiara Ferri, tel." in plain(returned.text)


def test_an_internal_notice_names_the_office_once_and_speaks_of_a_due_date() -> None:
    made = plain(render(built_in("comunicazione_interna"), context(operator=OFFICE)).text)
    assert "Vi preghiamo di sentire l'Ufficio crediti, tel. 011 5550101" in made
    assert "La scadenza non pagata più vecchia è del 10 ottobre 2026 (44 giorni)" in made
    person = plain(render(built_in("comunicazione_interna"), context()).text)
    assert "sentire l'ufficio crediti: Chiara Ferri, tel." in person


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("it", "per il documento sopra indicato", "per i documenti sopra indicati"),
        ("en", "for the document above", "for the documents above"),
        ("de", "für die oben genannte Rechnung", "für die oben genannten Rechnungen"),
        ("fr", "pour le document ci-dessus", "pour les documents ci-dessus"),
    ],
)
def test_one_document_is_not_several(language: str, one: str, several: str) -> None:
    notice = built_in("ultimo_avviso", language)
    assert f"{one}," in plain(render(notice, context(language=language)).text)
    two = context(line("1/A"), line("2/A"), language=language)
    assert f"{several}," in plain(render(notice, two).text)


def test_both_installments_of_an_invoice_are_numbered() -> None:
    rows = (
        line("7/A", due_date=FIFTH),
        line("7/A", due_date=SEVENTH, installment_number=2),
        line("8/A", due_date=FIFTH),
    )
    made = render(built_in("promemoria"), context(*rows)).text
    assert made.count("rata 1") == 1
    assert made.count("rata 2") == 1


@pytest.mark.parametrize(
    ("language", "debit", "bill"),
    [
        ("it", "Addebito restituito dalla banca", "Effetto restituito dalla banca"),
        ("en", "Direct debit returned by the bank", "Item returned by the bank"),
        ("de", "Rückgabe der Lastschrift durch die Bank", "Rückgabe durch die Bank"),
        ("fr", "Prélèvement retourné par la banque", "Effet retourné par la banque"),
    ],
)
def test_a_direct_debit_is_no_bill(language: str, debit: str, bill: str) -> None:
    for method, expected in ((PaymentMethod.SDD, debit), (PaymentMethod.RIBA, bill)):
        row = line(payment_method=method, unpaid_on=date(2026, 10, 12), bill_number="B7")
        made = render(built_in("insoluto_riba", language), context(row, language=language))
        assert made.subject.startswith(expected)
        assert "effetto" not in made.text.lower() or method is PaymentMethod.RIBA


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("it", "Il sollecito è rimasto senza riscontro."),
        ("en", "We have had no reply."),
        ("de", "Die Mahnung ist ohne Antwort geblieben."),
        ("fr", "Notre message est resté sans réponse."),
    ],
)
def test_a_text_that_speaks_of_the_clients_silence_is_refused(language: str, words: str) -> None:
    own = template("{% if previous %}" + words + "{% endif %} …", language=language)
    [problem] = check_templates([own], [language])
    assert (problem.code, problem.field) == ("claims_silence", "text")


def test_without_a_company_a_short_text_does_not_begin_with_a_colon() -> None:
    nobody = context(line(due_date=FIFTH), company=Creditor(name=""))
    assert render(built_in("promemoria"), nobody).short.startswith("Vi ricordiamo la scadenza del")


def test_under_a_signatory_stands_the_company_and_the_operator_is_the_contact() -> None:
    signed = replace(COMPANY, signature="Ada Neri", signature_role="Responsabile crediti")
    operator = OfficeContact(name="Chiara Ferri", phone="011 999", email="ferri@subalpina.example")
    made = render(built_in("secondo_sollecito"), context(company=signed, operator=operator)).text
    body, _, signature = made.partition("Ada Neri")
    assert "Chiara Ferri, tel. 011 999, ferri@subalpina.example" in plain(body)
    assert plain(signature).endswith("tel. 011 5550101 · crediti@subalpina.example")
    own = render(built_in("secondo_sollecito"), context(operator=operator)).text
    assert plain(own).endswith("tel. 011 999 · ferri@subalpina.example")
