"""Invoices that the exchange system accepts are read, odd as they are, or refused by name."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from decimal import Decimal

import pytest

from incasso.contract.ledger import DocumentKind
from incasso.fatturapa import FatturaError, read_fattura
from tests.documents.fatture import CUSTOMER_VAT, NAMESPACE, SUPPLIER_VAT, body, fattura, signed

SPACE = f'xmlns:p="{NAMESPACE}"'


@pytest.mark.parametrize(
    "odd",
    [
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#&quot;"',
        'xmlns:pfx6="http://schemas.example.it/XSD riepilogo.xsd"',
        'xmlns:b="not a URI at all %%"',
        'xmlns:e=""',
    ],
)
def test_an_odd_name_of_a_namespace_says_nothing_about_the_invoice(odd: str) -> None:
    content = fattura().replace(SPACE.encode(), f"{SPACE} {odd}".encode())
    assert content != fattura()
    (invoice,) = read_fattura(content)
    assert (invoice.number, invoice.total) == ("123/A", Decimal("1220.00"))


def test_a_prefix_that_nobody_explains_is_read_past() -> None:
    (invoice,) = read_fattura(fattura().replace(SPACE.encode(), b""))
    assert invoice.number == "123/A"


@pytest.mark.parametrize("fault", [b"</DatiGenerali>", b"&x;", b"<a b='1' b='2'/>", b"<"])
def test_an_odd_namespace_hides_no_other_fault(fault: bytes) -> None:
    odd = SPACE.encode() + b' xmlns:q="a b"'
    content = fattura().replace(SPACE.encode(), odd).replace(b"<Divisa>", fault + b"<Divisa>")
    with pytest.raises(FatturaError, match="cannot be read"):
        read_fattura(content)


def test_many_odd_namespaces_cannot_push_a_fault_out_of_sight() -> None:
    odd = b"".join(b'<a xmlns:q%d="a b"/>' % n for n in range(500))
    with pytest.raises(FatturaError, match="cannot be read"):
        read_fattura(fattura().replace(b"<Divisa>", odd + b"</Data><Divisa>"))


@pytest.mark.parametrize("content", [fattura(), signed(fattura())])
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("padded", [True, False])
def test_base_64_may_be_doubled_and_unfilled(content: bytes, times: int, padded: bool) -> None:
    for _ in range(times):
        content = b64encode(content)
        if not padded:
            content = content.rstrip(b"=")
    assert read_fattura(content)[0].number == "123/A"


def test_base_64_that_ends_in_half_a_letter_was_cut_off() -> None:
    whole = b64encode(signed(fattura())).rstrip(b"=")
    cut = whole[: len(whole) // 4 * 4 - 3]
    with pytest.raises(FatturaError, match="damaged or cut off"):
        read_fattura(cut)


def test_base_64_without_end_is_refused() -> None:
    content = fattura()
    for _ in range(6):
        content = b64encode(content)
    with pytest.raises(FatturaError, match="signed more than 3 times"):
        read_fattura(content)


NAMES = ["Società Caffè Perù S.r.l.", "PERCHÉ È COSÌ", "Bäckerei Müller & Söhne", "5° piano"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("declared", [b' encoding="UTF-8"', b""])
def test_latin_that_says_utf_8_is_read_and_noted(name: str, declared: bytes) -> None:
    name = name.replace("&", "&amp;")
    right = fattura(customer_name=name)
    (sound,) = read_fattura(right)
    wrong = right.decode().encode("latin-1").replace(b' encoding="UTF-8"', declared)
    (read,) = read_fattura(wrong)
    assert read.customer == sound.customer
    assert (sound.reencoded, read.reencoded) == (False, True)
    assert read_fattura(signed(wrong)) == (read,)


@pytest.mark.parametrize(
    "name",
    [
        "5\u00b0 ".encode() + b"Societ\xc3",  # cut in the middle of a letter
        "Caff\u00e8 \u20ac ".encode() + b"Societ\xe0",
        b"Societ\x85",  # as MS-DOS writes it
        b"Caff\x8f",  # as a Macintosh did
        b"QUALIT\xe9",  # \xc9 is a capital; on a Macintosh \xe9 is
        b"citt\xc0",
        b"10 \x80",
    ],
)
def test_letters_that_could_be_others_are_not_guessed(name: bytes) -> None:
    with pytest.raises(FatturaError, match=r"letters in another encoding, the first in line \d"):
        read_fattura(fattura().replace(b"Ferramenta", name))


@pytest.mark.parametrize("space", ["urn:x", "http://x y/z"])
def test_latin_beside_letters_in_utf_8_is_read_and_noted(space: str) -> None:
    """The program wrote its own texts right and took the client's name as it was."""
    known = b"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
    mixed = fattura(customer_name="5\u00b0 Ferramenta").replace(
        b"Ferramenta", b"Caff\xe8 LIBERT\xc0 S.p.A."
    )
    assert known in mixed
    (read,) = read_fattura(mixed.replace(known, space.encode()))
    assert read.customer.name == "5\u00b0 Caff\u00e8 LIBERT\u00c0 S.p.A."
    assert read.reencoded


def test_an_invoice_of_the_format_1_1() -> None:
    old = fattura(body(day="2016-03-01")).replace(b'"FPR12"', b'"1.1"').replace(b"FPR12", b"SDI11")
    (invoice,) = read_fattura(old)
    assert (invoice.format, invoice.number, invoice.date) == ("SDI11", "123/A", date(2016, 3, 1))
    assert invoice.customer.vat == CUSTOMER_VAT


def simplified(kind: str = "TD07", lines: int = 2, root: str = "Semplificata") -> bytes:
    """A simplified invoice, as shops write them."""
    line = (
        "<DatiBeniServizi><Descrizione>Riparazione</Descrizione><Importo>61.00</Importo><DatiIVA>"
        "<Imposta>11.00</Imposta><Aliquota>22.00</Aliquota></DatiIVA></DatiBeniServizi>"
    )
    seat = (
        "<Sede><Indirizzo>Via Roma</Indirizzo><CAP>10121</CAP><Comune>Torino</Comune>"
        "<Nazione>IT</Nazione></Sede>"
    )
    return (
        f'<?xml version="1.0"?><p:FatturaElettronica{root} versione="FSM10" xmlns:p="urn:x">'
        "<FatturaElettronicaHeader><DatiTrasmissione>"
        "<FormatoTrasmissione>FSM10</FormatoTrasmissione></DatiTrasmissione><CedentePrestatore>"
        f"<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{SUPPLIER_VAT}</IdCodice></IdFiscaleIVA>"
        f"<Denominazione>Officina Rossi</Denominazione>{seat}"
        "<RegimeFiscale>RF01</RegimeFiscale></CedentePrestatore><CessionarioCommittente>"
        "<IdentificativiFiscali><IdFiscaleIVA><IdPaese>IT</IdPaese>"
        f"<IdCodice>{CUSTOMER_VAT}</IdCodice></IdFiscaleIVA></IdentificativiFiscali>"
        f"<AltriDatiIdentificativi><Nome>Anna</Nome><Cognome>Verdi</Cognome>{seat}"
        "</AltriDatiIdentificativi></CessionarioCommittente></FatturaElettronicaHeader>"
        "<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        f"<TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa><Data>2026-09-01</Data>"
        f"<Numero>77</Numero><BolloVirtuale>SI</BolloVirtuale></DatiGeneraliDocumento>"
        f"</DatiGenerali>{line * lines}</FatturaElettronicaBody></p:FatturaElettronica{root}>"
    ).encode()


@pytest.mark.parametrize("root", ["Semplificata", ""])
def test_a_simplified_invoice(root: str) -> None:
    (invoice,) = read_fattura(simplified(root=root))
    assert (invoice.format, invoice.number, invoice.date) == ("FSM10", "77", date(2026, 9, 1))
    assert (invoice.supplier.name, invoice.supplier.vat) == ("Officina Rossi", SUPPLIER_VAT)
    assert (invoice.customer.name, invoice.customer.vat) == ("Anna Verdi", CUSTOMER_VAT)
    assert invoice.customer.address == ("Via Roma", "10121 Torino")
    assert invoice.total == Decimal("122.00")  # 61.00 twice, VAT within
    assert (invoice.stamp, invoice.payments) == (Decimal("2.00"), ())
    assert [line.rate for line in invoice.lines] == [Decimal("22.00")] * 2
    assert invoice.kind is DocumentKind.INVOICE


@pytest.mark.parametrize(
    ("kind", "meant"), [("TD08", DocumentKind.CREDIT_NOTE), ("TD09", DocumentKind.DEBIT_NOTE)]
)
def test_simplified_notes_are_what_they_are(kind: str, meant: DocumentKind) -> None:
    assert read_fattura(simplified(kind))[0].kind is meant
