"""Spoiled invoices, envelopes and PDFs: read, or refused in one sentence, as the hub reads them."""

from __future__ import annotations

from base64 import b64encode

from incasso.fatturapa import FatturaError
from incasso.messages.foreign_pages import UnfitPagesError
from incasso.messages.pages import merged_pdf, page_count, pdf_damage, text_of
from incasso.services.documents.electronic import read_fattura, xml_of
from tests.documents.fatture import PDF, attachment, blank, body, fattura, in_pieces, signed
from tests.documents.test_as_the_exchange_takes_them import simplified
from tests.fuzzing import each_spoiled

XML = [
    fattura(),
    fattura(body("1"), body("2", type="TD04"), prefix="ns0"),
    fattura(body(files=attachment()), encoding="windows-1252"),
    fattura(encoding="UTF-16"),
    simplified(),
]
ENVELOPES = [signed(XML[0]), signed(signed(XML[0])), in_pieces(XML[1]), b64encode(signed(XML[4]))]
PDFS = [PDF, blank(3), merged_pdf(PDF, [blank(2)])]
TAGS = (b"<DatiRitenuta>", b"</FatturaElettronicaBody>", b"&#x0;", b"]]>", b'xmlns:a="b c"', b"<?x")
LENGTHS = (b"\x30\x80", b"\x84\xff\xff\xff\xff", b"\x00\x00", b"\x24\x80", b"\xa0\x82\xff\xff")
OBJECTS = (b"/Kids[2 0 R]", b"/Prev 9", b"<<", b"stream\r\n", b"/Length 999999999", b"0 0 R")


def _invoice(content: bytes) -> None:
    for read in (read_fattura, xml_of):
        try:
            assert read(content)
        except FatturaError as error:
            assert 0 < len(str(error)) < 500


def _pages(content: bytes) -> None:
    assert len(pdf_damage(content)) < 300
    assert isinstance(text_of(content), str)
    try:
        assert page_count(content) >= 0
        assert merged_pdf(PDF, [content]).startswith(b"%PDF-")
    except UnfitPagesError as error:
        assert 0 < len(str(error)) < 300


def test_spoiled_invoices() -> None:
    each_spoiled("invoices", XML, _invoice, words=TAGS, times=4)


def test_spoiled_envelopes() -> None:
    each_spoiled("envelopes", ENVELOPES, _invoice, words=LENGTHS, times=4)


def test_spoiled_pdfs() -> None:
    each_spoiled("PDFs", PDFS, _pages, words=OBJECTS)
