"""Electronic invoices as suppliers write them, and the same ones signed, cut or poisoned."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from pypdf import PdfWriter

NAMESPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
SUPPLIER_VAT = "01234560017"
CUSTOMER_VAT = "07643520567"
IBAN = "IT60X0542811101000000123456"


def blank(count: int = 1) -> bytes:
    """A sound PDF of empty pages."""
    writer, written = PdfWriter(), BytesIO()
    for _ in range(count):
        writer.add_blank_page(595, 842)
    writer.write(written)
    return written.getvalue()


PDF = blank()


def payment(
    due: str | None = "2026-10-01", amount: str = "1220.00", method: str = "MP05", iban: str = IBAN
) -> str:
    """One line of payment."""
    day = f"<DataScadenzaPagamento>{due}</DataScadenzaPagamento>" if due else ""
    bank = f"<IBAN>{iban}</IBAN>" if iban else ""
    return (
        f"<DettaglioPagamento><ModalitaPagamento>{method}</ModalitaPagamento>{day}"
        f"<ImportoPagamento>{amount}</ImportoPagamento>"
        f"<IstitutoFinanziario>Banca di Torino</IstitutoFinanziario>{bank}</DettaglioPagamento>"
    )


def attachment(content: bytes = PDF, name: str = "fattura.pdf", extra: str = "") -> str:
    """A file inside the invoice."""
    return (
        f"<Allegati><NomeAttachment>{name}</NomeAttachment>{extra}"
        "<FormatoAttachment>PDF</FormatoAttachment>"
        f"<Attachment>{b64encode(content).decode()}</Attachment></Allegati>"
    )


def body(
    number: str = "123/A",
    day: str = "2026-09-01",
    *,
    type: str = "TD01",
    total: str | None = "1220.00",
    payments: Iterable[str] = (payment(),),
    general: str = "",
    orders: str = "",
    collectability: str = "I",
    files: str = "",
    conditions: str = "TP02",
) -> str:
    """One invoice of 1,000.00 and 22 % VAT."""
    stated = f"<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>" if total else ""
    paid = "".join(payments)
    block = (
        f"<DatiPagamento><CondizioniPagamento>{conditions}</CondizioniPagamento>{paid}"
        "</DatiPagamento>"
        if paid
        else ""
    )
    return (
        "<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        f"<TipoDocumento>{type}</TipoDocumento><Divisa>EUR</Divisa><Data>{day}</Data>"
        f"<Numero>{number}</Numero>{general}{stated}<Causale>Fornitura di settembre</Causale>"
        f"</DatiGeneraliDocumento>{orders}</DatiGenerali>"
        "<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea>"
        "<Descrizione>Viti M6 zincate &amp; dadi</Descrizione><Quantita>1000.00</Quantita>"
        "<UnitaMisura>PZ</UnitaMisura><PrezzoUnitario>1.00000000</PrezzoUnitario>"
        "<PrezzoTotale>1000.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>"
        "<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA>"
        "<ImponibileImporto>1000.00</ImponibileImporto><Imposta>220.00</Imposta>"
        f"<EsigibilitaIVA>{collectability}</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>"
        f"{block}{files}</FatturaElettronicaBody>"
    )


def fattura(
    *bodies: str,
    prefix: str = "p",
    version: str = "FPR12",
    supplier: str = SUPPLIER_VAT,
    customer: str = CUSTOMER_VAT,
    customer_tax_code: str = "",
    encoding: str = "UTF-8",
    customer_name: str = "Ferramenta Bianchi S.r.l.",
) -> bytes:
    """A whole file. Children stand in no namespace, as the schema wants it."""
    tag = f"{prefix}:FatturaElettronica" if prefix else "FatturaElettronica"
    space = f'xmlns:{prefix}="{NAMESPACE}"' if prefix else f'xmlns="{NAMESPACE}"'
    code = f"<CodiceFiscale>{customer_tax_code}</CodiceFiscale>" if customer_tax_code else ""
    vat = (
        f"<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{customer}</IdCodice></IdFiscaleIVA>"
        if customer
        else ""
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<{tag} {space} versione="{version}">'
        "<FatturaElettronicaHeader><DatiTrasmissione><ProgressivoInvio>1</ProgressivoInvio>"
        f"<FormatoTrasmissione>{version}</FormatoTrasmissione></DatiTrasmissione>"
        "<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese>"
        f"<IdCodice>{supplier}</IdCodice></IdFiscaleIVA><Anagrafica>"
        "<Denominazione>ACME Forniture S.r.l.</Denominazione></Anagrafica>"
        "<RegimeFiscale>RF01</RegimeFiscale></DatiAnagrafici><Sede><Indirizzo>Via Roma</Indirizzo>"
        "<NumeroCivico>1</NumeroCivico><CAP>10121</CAP><Comune>Torino</Comune>"
        "<Provincia>TO</Provincia><Nazione>IT</Nazione></Sede></CedentePrestatore>"
        f"<CessionarioCommittente><DatiAnagrafici>{vat}{code}<Anagrafica>"
        f"<Denominazione>{customer_name}</Denominazione></Anagrafica></DatiAnagrafici>"
        "<Sede><Indirizzo>Via Po 2</Indirizzo><CAP>10121</CAP><Comune>Torino</Comune>"
        "<Provincia>TO</Provincia><Nazione>IT</Nazione></Sede></CessionarioCommittente>"
        f"</FatturaElettronicaHeader>{''.join(bodies or (body(),))}</{tag}>"
    )
    return text.encode(encoding)


@lru_cache(maxsize=1)
def _signer() -> tuple[Any, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mario Rossi")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def signed(xml: bytes, encoding: Encoding = Encoding.DER, *, detached: bool = False) -> bytes:
    """The p7m of a file."""
    certificate, key = _signer()
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(xml)
    return builder.add_signer(certificate, key, hashes.SHA256()).sign(encoding, options)


def in_pieces(xml: bytes, piece: int = 300) -> bytes:
    """A p7m of unknown length, the invoice cut into pieces, as signing programs stream it."""
    data = b"".join(_der(0x04, xml[at : at + piece]) for at in range(0, len(xml), piece))
    octets = b"\x24\x80" + data + b"\0\0"
    inner = _der(0x06, bytes.fromhex("2a864886f70d010701")) + b"\xa0\x80" + octets + b"\0\0"
    signed_data = (
        _der(0x02, b"\x01") + _der(0x31, b"") + b"\x30\x80" + inner + b"\0\0" + _der(0x31, b"")
    )
    content = b"\xa0\x80\x30\x80" + signed_data + b"\0\0\0\0"
    return b"\x30\x80" + _der(0x06, bytes.fromhex("2a864886f70d010702")) + content + b"\0\0"


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
