"""A FatturaPA file becomes records, whatever prefix, envelope or version it came in."""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.fatturapa import (
    FatturaError,
    LedgerSide,
    NoInvoiceError,
    differences,
    read_fattura,
)
from tests.documents.fatture import (
    CUSTOMER_VAT,
    IBAN,
    PDF,
    SUPPLIER_VAT,
    attachment,
    body,
    fattura,
    in_pieces,
    payment,
    signed,
)


def test_an_invoice_says_who_what_and_how_to_pay() -> None:
    (invoice,) = read_fattura(fattura())
    assert (invoice.supplier.vat, invoice.customer.vat) == (SUPPLIER_VAT, CUSTOMER_VAT)
    assert invoice.customer.name == "Ferramenta Bianchi S.r.l."
    assert invoice.supplier.address == ("Via Roma 1", "10121 Torino (TO)")
    assert (invoice.type, invoice.kind) == ("TD01", DocumentKind.INVOICE)
    assert (invoice.number, invoice.date) == ("123/A", date(2026, 9, 1))
    assert (invoice.currency, invoice.total) == ("EUR", Decimal("1220.00"))
    (paid,) = invoice.payments
    assert (paid.conditions, paid.method) == ("TP02", "MP05")
    assert paid.payment_method is PaymentMethod.TRANSFER
    assert (paid.due_date, paid.amount) == (date(2026, 10, 1), Decimal("1220.00"))
    assert (paid.iban, paid.bank) == (IBAN, "Banca di Torino")
    (line,) = invoice.lines
    assert line.description == "Viti M6 zincate & dadi"


@pytest.mark.parametrize("prefix", ["p", "ns0", "b", "ns2", ""])
@pytest.mark.parametrize("version", ["FPR12", "FPA12"])
def test_prefixes_and_recipients_make_no_difference(prefix: str, version: str) -> None:
    (invoice,) = read_fattura(fattura(prefix=prefix, version=version))
    assert (invoice.number, invoice.format) == ("123/A", version)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
def test_the_stated_encoding_is_believed(encoding: str) -> None:
    (invoice,) = read_fattura(fattura(customer_name="Società Caffè S.r.l.", encoding=encoding))
    assert invoice.customer.name == "Società Caffè S.r.l."


def test_a_file_may_hold_several_invoices() -> None:
    read = read_fattura(fattura(body("1"), body("2"), body("3", type="TD04")))
    assert [(each.place, each.number) for each in read] == [(1, "1"), (2, "2"), (3, "3")]
    assert read[2].kind is DocumentKind.CREDIT_NOTE


ENVELOPES: dict[str, Callable[[bytes], bytes]] = {
    "der": lambda xml: signed(xml),
    "pem": lambda xml: signed(xml, Encoding.PEM),
    "base64": lambda xml: b64encode(signed(xml)),
    "base64 in lines": lambda xml: encodebytes(signed(xml)).replace(b"\n", b"\r\n"),
    "signed twice": lambda xml: signed(signed(xml)),
    "in pieces": in_pieces,
    "byte order mark": lambda xml: b"\xef\xbb\xbf" + xml,
    "line breaks before": lambda xml: b"\r\n  " + xml,
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_every_envelope_is_opened(name: str) -> None:
    (invoice,) = read_fattura(ENVELOPES[name](fattura()))
    assert invoice.number == "123/A"


def test_what_is_due_may_differ_from_the_total() -> None:
    general = (
        "<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>200.00"
        "</ImportoRitenuta><AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>"
        "<DatiBollo><BolloVirtuale>SI</BolloVirtuale></DatiBollo>"
    )
    one = body(general=general, collectability="S", payments=[payment(amount="800.00")])
    (invoice,) = read_fattura(fattura(one))
    assert invoice.withheld == Decimal("200.00")
    assert invoice.stamp == Decimal("2.00")
    assert invoice.split_payment
    assert invoice.payments[0].amount == Decimal("800.00")


def test_without_a_total_the_summaries_are_added_up() -> None:
    (invoice,) = read_fattura(fattura(body(total=None)))
    assert invoice.total is None
    assert invoice.summed == Decimal("1220.00")


def test_tender_codes_are_found_in_any_block() -> None:
    orders = (
        "<DatiContratto><IdDocumento>7</IdDocumento><CodiceCUP>B11J22000010001</CodiceCUP>"
        "<CodiceCIG>9876543210</CodiceCIG></DatiContratto><DatiOrdineAcquisto><IdDocumento>8"
        "</IdDocumento><CodiceCIG>9876543210</CodiceCIG></DatiOrdineAcquisto>"
    )
    (invoice,) = read_fattura(fattura(body(orders=orders), version="FPA12"))
    assert (invoice.cig, invoice.cup) == (("9876543210",), ("B11J22000010001",))


def test_terms_in_days_give_the_due_date() -> None:
    terms = (
        "<DettaglioPagamento><ModalitaPagamento>MP12</ModalitaPagamento>"
        "<DataRiferimentoTerminiPagamento>2026-09-01</DataRiferimentoTerminiPagamento>"
        "<GiorniTerminiPagamento>30</GiorniTerminiPagamento>"
        "<ImportoPagamento>1220.00</ImportoPagamento></DettaglioPagamento>"
    )
    (invoice,) = read_fattura(fattura(body(payments=[terms])))
    assert invoice.payments[0].due_date == date(2026, 10, 1)
    assert invoice.payments[0].payment_method is PaymentMethod.RIBA


def test_the_only_pdf_inside_is_the_suppliers_own() -> None:
    (one,) = read_fattura(fattura(body(files=attachment())))
    assert one.pdf is not None
    assert one.pdf.content == PDF
    (two,) = read_fattura(fattura(body(files=attachment() + attachment(name="ddt.pdf"))))
    assert (two.pdf, len(two.files)) == (None, 2)
    packed = attachment(extra="<AlgoritmoCompressione>ZIP</AlgoritmoCompressione>")
    assert read_fattura(fattura(body(files=packed)))[0].pdf is None


def test_a_date_with_a_time_zone_is_that_day() -> None:
    (invoice,) = read_fattura(fattura(body(day="2026-09-01+02:00")))
    assert invoice.date == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (fattura().replace(b"<Numero>123/A</Numero>", b""), "Numero or Data is missing"),
        (fattura(body(day="2026-13-45")), "'2026-13-45' is no date"),
        (fattura(body(total="1.220,00")), "'1.220,00' is no amount"),
        (fattura(body(total="NaN")), "'NaN' is no amount"),
        (fattura(body(total="1e9999999")), "is no amount"),
        (fattura(body(), body(day="")), "invoice 2 of the file: Numero or Data"),
        (fattura(version="FPR11"), "the format is FPR11"),
        (fattura(version="FPR1" + "A" * 2500), f"the format is FPR1{'A' * 36};"),
        (fattura(version="SDI10"), "the format is SDI10; FPR12, FPA12, FSM10 and 1.1"),
        (fattura(customer=""), "neither IdFiscaleIVA nor CodiceFiscale"),
        (signed(fattura(), detached=True), "holds only a signature"),
        (b"%PDF-1.4", "neither XML nor a signed envelope"),
        (b"", "the file is empty"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(content: bytes, told: str) -> None:
    with pytest.raises(FatturaError, match=re.escape(told)):
        read_fattura(content)


@pytest.mark.parametrize("name", ["RicevutaConsegna", "FileMetadati", "NotificaScarto"])
def test_a_receipt_of_the_exchange_system_is_no_invoice(name: str) -> None:
    receipt = f'<ns:{name} xmlns:ns="x" versione="1.0"><IdSdI>1</IdSdI></ns:{name}>'
    with pytest.raises(NoInvoiceError, match=name):
        read_fattura(receipt.encode())


LEDGER = LedgerSide(
    due_date=date(2026, 10, 1),
    amount=Decimal("1220.00"),
    currency="EUR",
    document_date=date(2026, 9, 1),
    total=Decimal("1220.00"),
    client_vat=f"IT{CUSTOMER_VAT}",
    company_vat=SUPPLIER_VAT,
    company_iban="IT60 X054 2811 1010 0000 0123 456",
)


def told(one: str = "", **changed: Any) -> list[str]:
    (invoice,) = read_fattura(fattura(one or body()))
    return [each.name for each in differences(replace(LEDGER, **changed), invoice)]


def test_what_agrees_is_no_difference() -> None:
    assert told() == []
    assert told(total=None, company_iban="", client_vat="", document_date=None) == []
    assert told(body(payments=[])) == []
    assert told(body(payments=[payment(due=None, iban="")])) == []
    assert told(body(type="TD04"), amount=Decimal("-1220.00"), total=Decimal("-1220.00")) == []


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"due_date": date(2026, 10, 31)}, ["due_date"]),
        ({"amount": Decimal("610.00")}, ["amount"]),
        ({"total": Decimal("1000.00")}, ["total"]),
        ({"currency": "USD"}, ["currency"]),
        ({"client_vat": "99999990017"}, ["customer"]),
        ({"company_vat": "IT99999990017"}, ["supplier"]),
        ({"company_iban": "IT24X0542811101000000123499"}, ["iban"]),
        ({"document_date": date(2026, 9, 2)}, ["date"]),
    ],
)
def test_every_difference_is_told_by_name(changed: dict[str, Any], names: list[str]) -> None:
    assert told(**changed) == names


def test_an_installment_is_held_to_the_line_of_its_day() -> None:
    two = body(payments=[payment("2026-10-01", "600.00"), payment("2026-11-01", "620.00")])
    assert told(two, amount=Decimal("600.00")) == []
    assert told(two, amount=Decimal("600.00"), due_date=date(2026, 11, 1)) == ["amount"]
    assert told(two, amount=Decimal("600.00"), due_date=date(2026, 12, 1)) == ["due_date"]
