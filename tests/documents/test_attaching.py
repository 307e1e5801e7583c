"""From a CSV ledger and a folder of invoices to the mail that carries them."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from incasso.domain.office.actor import Scope
from incasso.fatturapa import read_fattura
from incasso.messages.invoice_copy import invoice_copy_pdf
from incasso.services.documents.view import view
from incasso.services.proof.verify import verify
from incasso.store.proof import archive
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import PDF, attachment, blank, body, fattura, payment, signed
from tests.documents.office import ON, attached, client, installment, stage

NO_FILE = "no file of the folder of documents has its number"


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_an_electronic_invoice_goes_as_a_courtesy_copy(make_office: MakeOffice) -> None:
    office = make_office()
    office.put({"IT01234560017_00001.xml": fattura()})
    office.prepare()
    assert office.send().accepted == {"email": 1}
    (mail,) = office.mails()
    ((name, content),) = attached(mail).items()
    assert name == "Fattura_123-A_2026-09-01.pdf"
    assert "Copia di cortesia, priva di valore fiscale" in words(content)
    assert "1.220,00" in words(content)


def test_the_suppliers_own_page_goes_before_the_hubs(make_office: MakeOffice) -> None:
    office = make_office(documents='documents = "fatture"\ndocument_names = ["{year}/{number}"]\n')
    office.put({"a.xml": fattura(), "2026/123-A.pdf": PDF})
    office.prepare()
    office.send()
    assert attached(office.mails()[0]) == {"Fattura_123-A_2026-09-01.pdf": PDF}


def test_the_page_inside_the_invoice_is_taken_out(make_office: MakeOffice) -> None:
    office = make_office()
    office.put({"a.xml.p7m": signed(fattura(body(files=attachment())))})
    office.prepare()
    office.send()
    assert attached(office.mails()[0]) == {"Fattura_123-A_2026-09-01.pdf": PDF}


def test_the_invoice_itself_goes_where_the_stage_asks_for_it(make_office: MakeOffice) -> None:
    office = make_office(iter=stage('["invoice", "invoice_xml"]'))
    sealed = signed(fattura())
    office.put({"IT01234560017_00001.xml.p7m": sealed})
    office.prepare()
    office.send()
    files = attached(office.mails()[0])
    assert list(files) == ["Fattura_123-A_2026-09-01.pdf", "IT01234560017_00001.xml.p7m"]
    assert files["IT01234560017_00001.xml.p7m"] == sealed


def test_two_installments_of_one_invoice_carry_it_once(make_office: MakeOffice) -> None:
    rows = [installment(due="2026-10-01"), installment(due="2026-11-01"), installment("124/A")]
    office = make_office(rows=rows)
    office.put({"lotto.xml": fattura(body(), body("124/A"))})
    office.prepare()
    office.send()
    names = [name for mail in office.mails() for name in attached(mail)]
    assert sorted(names) == ["Fattura_123-A_2026-09-01.pdf", "Fattura_124-A_2026-09-01.pdf"]


def test_what_is_missing_stops_nothing_and_is_remembered(make_office: MakeOffice) -> None:
    office = make_office(rows=[installment(), installment("999/A")])
    office.put({"a.xml": fattura()})
    office.prepare()
    report = office.send()
    assert report.accepted == {"email": 1}
    assert list(report.without_documents) == [NO_FILE]
    assert list(attached(office.mails()[0])) == ["Fattura_123-A_2026-09-01.pdf"]
    (delivery,) = office.deliveries()
    assert delivery.enclosed["missing"] == [{"document": "999/A (2026-09-01)", "reason": NO_FILE}]
    (file,) = delivery.enclosed["files"]
    assert archive.get(office.hub.store, file["sha256"]).startswith(b"%PDF")
    assert verify(office.hub).problems == ()


def test_a_required_document_is_waited_for(make_office: MakeOffice) -> None:
    office = make_office(iter=stage(required=True))
    office.prepare()
    assert office.send().accepted == {}
    assert office.reasons() == [f"document 123/A (2026-09-01) is missing: {NO_FILE}"]
    office.put({"a.xml": fattura()})
    assert office.send().accepted == {"email": 1}
    assert attached(office.mails()[0])


def test_a_letter_carries_the_pages_behind_it(make_office: MakeOffice) -> None:
    office = make_office(iter=stage(channel="letter"))
    office.put({"a.xml": fattura()})
    office.prepare()
    assert office.send().accepted == {"letter": 1}
    (letter,) = office.letters()
    assert len(PdfReader(BytesIO(letter)).pages) == 2
    assert words(letter).index("Totale da pagare") < words(letter).index("Copia di cortesia")


def test_too_many_pages_stay_out_of_a_letter(make_office: MakeOffice) -> None:
    office = make_office(
        iter=stage(channel="letter"),
        documents='documents = "fatture"\ndocument_names = ["{year}/{number}"]\n',
    )
    office.put({"2026/123-A.pdf": blank(31)})
    office.prepare()
    report = office.send()
    assert report.accepted == {"letter": 1}
    assert "too many behind a letter" in str(report.without_documents)
    assert len(PdfReader(BytesIO(office.letters()[0])).pages) == 1


@pytest.mark.parametrize("content", [b"%PDF-1.4 cut", b"<html>login</html>"])
def test_a_broken_page_never_stops_a_letter(make_office: MakeOffice, content: bytes) -> None:
    office = make_office(
        iter=stage(channel="letter"),
        documents='documents = "fatture"\ndocument_names = ["{year}/{number}"]\n',
    )
    office.put({"2026/123-A.pdf": content})
    office.prepare()
    report = office.send()
    assert report.accepted == {"letter": 1}
    assert report.without_documents


def test_a_file_too_large_for_a_mail_stays_behind(make_office: MakeOffice) -> None:
    office = make_office(documents='documents = "fatture"\ndocument_names = ["{year}/{number}"]\n')
    office.put({"2026/123-A.pdf": PDF + b"\0" * 7_500_000})
    office.prepare()
    report = office.send()
    assert report.accepted == {"email": 1}
    assert "too large for this message" in str(report.without_documents)
    assert attached(office.mails()[0]) == {}


def test_the_trial_says_what_would_be_missing_and_writes_nothing(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    report = office.send(really=False)
    assert (report.accepted, list(report.without_documents)) == (
        {"email": 1},
        [NO_FILE],
    )
    assert not (office.folder / "outbox").exists()


def test_two_companies_with_one_folder_stay_apart(make_office: MakeOffice) -> None:
    """The same client, number and day; only the supplier differs."""
    office = make_office(documents='documents = "../shared"\n')
    shared = office.folder.parent / "shared"
    shared.mkdir()
    (shared / "theirs.xml").write_bytes(fattura(supplier="07643520567"))
    office.prepare()
    report = office.send()
    assert "its supplier is 07643520567" in str(report.without_documents)
    (shared / "ours.xml").write_bytes(fattura(body(payments=[payment(amount="1220.00")])))
    other = make_office(documents='documents = "../shared"\n')
    other.prepare()
    assert other.send().without_documents == {}


def test_a_client_never_gets_the_invoice_of_another(make_office: MakeOffice) -> None:
    office = make_office(clients=[client(vat="IT01234560017")])
    office.put({"a.xml": fattura(), "123-A.pdf": PDF})
    office.prepare()
    report = office.send()
    assert report.accepted == {"email": 1}
    assert attached(office.mails()[0]) == {}
    (why,) = report.without_documents
    assert "a.xml: it is of another client" in why or "123-A.pdf is named" in why


def test_a_corrected_invoice_takes_the_place_of_the_old_one(make_office: MakeOffice) -> None:
    """Also of the page that was inside, and of the copy that was printed from it."""
    office = make_office(iter=stage(required=True))
    office.put({"a.xml": fattura(body(files=attachment(blank(2))))})
    office.prepare()
    (before,) = view(office.hub, Scope.everything(), "C1", ON)
    office.put({"a.xml": fattura(body(total="1220.05"))})
    (after,) = view(office.hub, Scope.everything(), "C1", ON)
    assert before.file(".pdf") != after.file(".pdf")
    office.send()
    (content,) = attached(office.mails()[0]).values()
    assert "1.220,05" in words(content)


def test_two_files_that_differ_are_not_chosen_between(make_office: MakeOffice) -> None:
    office = make_office()
    office.put({"a.xml": fattura(), "copy/a.xml.p7m": signed(fattura())})
    office.prepare()
    assert view(office.hub, Scope.everything(), "C1", ON)[0].invoice is not None
    office.put({"b.xml": fattura(body(total="1220.05"))})
    (shown,) = view(office.hub, Scope.everything(), "C1", ON)
    assert (shown.invoice, "several files fit and differ" in shown.why) == (None, True)


def test_a_page_by_number_only_must_name_client_and_day(make_office: MakeOffice) -> None:
    office = make_office()
    office.put({"123-A.pdf": invoice_copy_pdf(read_fattura(fattura())[0])})
    office.prepare()
    assert office.send().without_documents == {}
    other = make_office()
    other.put({"123-A.pdf": invoice_copy_pdf(read_fattura(fattura(body(day="2025-09-01")))[0])})
    other.prepare()
    assert "put {year}" in str(other.send().without_documents)


@pytest.mark.parametrize("inside", [True, False])
def test_a_damaged_page_gives_way_to_the_courtesy_copy(
    make_office: MakeOffice, inside: bool
) -> None:
    office = make_office(documents='documents = "fatture"\ndocument_names = ["{year}/{number}"]\n')
    broken = PDF[: len(PDF) // 3]
    office.put({"a.xml": fattura(body(files=attachment(broken) if inside else ""))})
    office.put({} if inside else {"2026/123-A.pdf": broken})
    office.prepare()
    assert office.send().without_documents == {}
    (content,) = attached(office.mails()[0]).values()
    assert "Copia di cortesia" in words(content)


def test_a_file_that_is_no_document_is_not_taken_for_one_without_figures(
    make_office: MakeOffice,
) -> None:
    office = make_office(rows=[installment("SALDO")])
    office.put({"appunti.pdf": PDF, "ricevuta.xml": b"<ricevuta/>"})
    office.prepare()
    report = office.send()
    assert report.accepted == {"email": 1}
    assert [*report.without_documents.values()] == [1]
