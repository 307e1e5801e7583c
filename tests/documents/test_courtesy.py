"""The courtesy copy: legible, marked, the same bytes every time, and only text is printed."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from incasso.fatturapa import Invoice, read_fattura
from incasso.messages.invoice_copy import invoice_copy_pdf
from incasso.messages.pages import UnfitPagesError, merged_pdf, page_count, text_of
from tests.documents.fatture import body, fattura, payment


def invoice(*given: str, **options: str) -> Invoice:
    return read_fattura(fattura(*given, **options))[0]


def test_it_says_everything_and_that_it_is_a_copy() -> None:
    general = "<DatiBollo><BolloVirtuale>SI</BolloVirtuale></DatiBollo>"
    orders = "<DatiContratto><CodiceCIG>9876543210</CodiceCIG></DatiContratto>"
    made = invoice_copy_pdf(
        invoice(body(general=general, orders=orders, payments=[payment(method="MP12")]))
    )
    told = text_of(made)
    for words in (
        "Copia di cortesia, priva di valore fiscale",
        "Fattura 123/A del 01/09/2026",
        "ACME Forniture S.r.l.",
        "P. IVA IT07643520567",
        "Viti M6 zincate & dadi",
        "1.000 PZ",
        "IVA 22%",
        "Bollo virtuale",
        "1.220,00",
        "RiBa",
        "01/10/2026",
        "9876543210",
    ):
        assert words in told, words


def test_equal_invoices_give_equal_bytes() -> None:
    assert invoice_copy_pdf(invoice()) == invoice_copy_pdf(invoice())


@pytest.mark.parametrize(
    "name",
    ['#read("/etc/passwd")', "$x^2$ *bold* _x_ = title", "\u202egpj.exe", "a" * 3000, "\\ ` @ <b>"],
)
def test_what_a_supplier_writes_is_only_text(name: str) -> None:
    from xml.sax.saxutils import escape

    made = invoice_copy_pdf(invoice(customer_name=escape(name)))
    assert page_count(made) == 1
    if name.startswith("#"):
        assert '#read("/etc/passwd")' in text_of(made)


def test_a_very_long_invoice_says_what_it_leaves_out() -> None:
    one = body()
    start, end = one.index("<DettaglioLinee>"), one.index("<DatiRiepilogo>")
    many = one[:start] + one[start:end] * 1200 + one[end:]
    made = invoice_copy_pdf(invoice(many))
    assert "e altre 200 righe" in "".join(
        page.extract_text() for page in PdfReader(BytesIO(made)).pages[-2:]
    )


def test_a_locked_or_damaged_page_is_told() -> None:
    writer, written = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    letter = invoice_copy_pdf(invoice())
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(written)
    with pytest.raises(UnfitPagesError, match="locked"):
        merged_pdf(letter, [written.getvalue()])
    for damaged in (letter[:200], b"%PDF-1.7", b""):
        with pytest.raises(UnfitPagesError, match="damaged"):
            merged_pdf(letter, [damaged])
        assert text_of(damaged) == ""


def test_pages_are_bound_in_order() -> None:
    letter, other = invoice_copy_pdf(invoice()), invoice_copy_pdf(invoice(body("777/B")))
    whole = PdfReader(BytesIO(merged_pdf(letter, [other])))
    assert ["777/B" in page.extract_text() for page in whole.pages] == [False, True]
