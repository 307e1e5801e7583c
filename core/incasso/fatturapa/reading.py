"""Read a FatturaPA 1.2 file (FPR12, FPA12): one record per body."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.contract.text import text
from incasso.fatturapa.elements import Element, root_of
from incasso.fatturapa.envelope import xml_of
from incasso.fatturapa.records import (
    EmbeddedFile,
    FatturaError,
    Invoice,
    InvoiceLine,
    NoInvoiceError,
    Party,
    Payment,
    TaxSummary,
)

_FORMATS: Final = ("FPR12", "FPA12")
_SIMPLIFIED: Final = ("FatturaElettronicaSemplificata", "FSM10")
_ORDERS: Final = (
    "DatiOrdineAcquisto DatiContratto DatiConvenzione DatiRicezione DatiFattureCollegate".split()
)
_GENERAL: Final = "DatiGenerali/DatiGeneraliDocumento"
_MOST_BODIES: Final = 5000
_MOST_LINES: Final = 9999
"""NumeroLinea has four figures."""


def read_fattura(content: bytes) -> tuple[Invoice, ...]:
    """Every invoice of a file, XML or signed (p7m). Checks no signature, asks nobody.

    Raises NoInvoiceError if it is well-formed and something else, FatturaError if it is
    dangerous, damaged or lacks what identifies an invoice; both say what and where.
    """
    root = root_of(xml_of(content))
    form = _format(root)
    header = root.first("FatturaElettronicaHeader")
    bodies = root.all("FatturaElettronicaBody")
    if header is None or not bodies:
        raise FatturaError(text("the invoice has no header or no body: the file is cut or edited"))
    if len(bodies) > _MOST_BODIES:
        raise FatturaError(
            text(
                "the file has {n} invoices, more than {most_bodies}",
                n=len(bodies),
                most_bodies=_MOST_BODIES,
            )
        )
    supplier = _party(header, "CedentePrestatore")
    customer = _party(header, "CessionarioCommittente")
    return tuple(
        _invoice(form, supplier, customer, body, place) for place, body in enumerate(bodies, 1)
    )


def _format(root: Element) -> str:
    """FPR12 or FPA12. Raises for receipts, simplified invoices and formats of other years."""
    if root.name == _SIMPLIFIED[0] or root.attribute("versione") == _SIMPLIFIED[1]:
        raise FatturaError(
            text("a simplified invoice (FSM10) is not read: it has no payment details")
        )
    if root.name != "FatturaElettronica":
        raise NoInvoiceError(text("the file is no invoice but a {name}", name=root.name))
    version = root.attribute("versione")
    form = version or root.text("FatturaElettronicaHeader/DatiTrasmissione/FormatoTrasmissione")
    if form not in _FORMATS:
        shown = form or "not given"
        raise FatturaError(
            text("the format is {shown}; FPR12 and FPA12 (FatturaPA 1.2) are read", shown=shown)
        )
    return form


def _party(header: Element, name: str) -> Party:
    party = header.first(name)
    facts = party.first("DatiAnagrafici") if party else None
    if party is None or facts is None:
        raise FatturaError(text("{name} is missing", name=name))
    vat, tax_code = facts.text("IdFiscaleIVA/IdCodice"), facts.text("CodiceFiscale")
    if not vat and not tax_code:
        raise FatturaError(text("{name} has neither IdFiscaleIVA nor CodiceFiscale", name=name))
    person = f"{facts.text('Anagrafica/Nome')} {facts.text('Anagrafica/Cognome')}".strip()
    return Party(
        name=facts.text("Anagrafica/Denominazione") or person,
        country=facts.text("IdFiscaleIVA/IdPaese"),
        vat=vat,
        tax_code=tax_code,
        address=tuple(_address(party)),
    )


def _address(party: Element) -> Iterator[str]:
    seat = party.first("Sede")
    if seat is None:
        return
    yield " ".join(filter(None, (seat.text("Indirizzo"), seat.text("NumeroCivico"))))
    province = seat.text("Provincia")
    town = (seat.text("CAP"), seat.text("Comune"), f"({province})" if province else "")
    yield " ".join(filter(None, town))
    if (country := seat.text("Nazione")) not in ("", "IT"):
        yield country


def _invoice(form: str, supplier: Party, customer: Party, body: Element, place: int) -> Invoice:
    try:
        return _body(form, supplier, customer, body, place)
    except FatturaError as error:
        raise FatturaError(
            text("invoice {place} of the file: {error}", place=str(place), error=str(error))
        ) from None


def _body(form: str, supplier: Party, customer: Party, body: Element, place: int) -> Invoice:
    general = body.first(_GENERAL)
    day = general.day("Data") if general else None
    if general is None or day is None or not general.text("Numero"):
        raise FatturaError(text("Numero or Data is missing"))
    withheld = (each.needed_amount("ImportoRitenuta") for each in general.all("DatiRitenuta"))
    lines = body.all("DatiBeniServizi/DettaglioLinee")
    if len(lines) > _MOST_LINES:
        raise FatturaError(
            text("it has {n} lines, more than {most_lines}", n=len(lines), most_lines=_MOST_LINES)
        )
    orders = [each for name in _ORDERS for each in body.all(f"DatiGenerali/{name}")]
    return Invoice(
        format=form,
        place=place,
        supplier=supplier,
        customer=customer,
        type=general.text("TipoDocumento") or "TD01",
        number=general.text("Numero"),
        date=day,
        currency=general.text("Divisa") or "EUR",
        total=general.amount("ImportoTotaleDocumento"),
        stamp=_stamp(general),
        withheld=sum(withheld, Decimal(0)),
        lines=tuple(map(_line, lines)),
        summaries=tuple(map(_summary, body.all("DatiBeniServizi/DatiRiepilogo"))),
        payments=tuple(_payments(body)),
        reasons=general.texts("Causale"),
        cig=_once(orders, "CodiceCIG"),
        cup=_once(orders, "CodiceCUP"),
        files=tuple(map(_file, body.all("Allegati"))),
    )


def _once(orders: list[Element], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for each in orders for word in each.texts(name)))


def _stamp(general: Element) -> Decimal | None:
    """Since 2022 the amount may be left out: the stamp on an invoice is 2.00."""
    stamp = general.first("DatiBollo")
    if stamp is None or stamp.text("BolloVirtuale") != "SI":
        return None
    return stamp.amount("ImportoBollo") or Decimal("2.00")


def _line(row: Element) -> InvoiceLine:
    return InvoiceLine(
        number=row.text("NumeroLinea"),
        description=row.text("Descrizione"),
        price=row.amount("PrezzoUnitario"),
        total=row.amount("PrezzoTotale"),
        quantity=row.amount("Quantita"),
        unit=row.text("UnitaMisura"),
        rate=row.amount("AliquotaIVA"),
    )


def _summary(row: Element) -> TaxSummary:
    return TaxSummary(
        rate=row.amount("AliquotaIVA") or Decimal(0),
        taxable=row.needed_amount("ImponibileImporto"),
        tax=row.needed_amount("Imposta"),
        nature=row.text("Natura"),
        collectability=row.text("EsigibilitaIVA"),
        rounding=row.amount("Arrotondamento") or Decimal(0),
    )


def _payments(body: Element) -> Iterator[Payment]:
    for block in body.all("DatiPagamento"):
        conditions = block.text("CondizioniPagamento")
        for line in block.all("DettaglioPagamento"):
            yield Payment(
                amount=line.needed_amount("ImportoPagamento"),
                conditions=conditions,
                method=line.text("ModalitaPagamento"),
                due_date=_due(line),
                iban=line.text("IBAN").replace(" ", "").upper(),
                bic=line.text("BIC"),
                bank=line.text("IstitutoFinanziario"),
                payee=line.text("Beneficiario"),
            )


def _due(line: Element) -> date | None:
    if given := line.day("DataScadenzaPagamento"):
        return given
    begins = line.day("DataRiferimentoTerminiPagamento")
    days = line.days("GiorniTerminiPagamento")
    return begins + days if begins is not None and days is not None else None


def _file(entry: Element) -> EmbeddedFile:
    """An attachment that is not base64 is an empty one: the invoice is sound without it."""
    try:
        content = b64decode("".join(entry.raw("Attachment").split()), validate=True)
    except (NotBase64, ValueError):
        content = b""
    return EmbeddedFile(
        filename=entry.text("NomeAttachment"),
        content=content,
        format=entry.text("FormatoAttachment").upper(),
        compression=entry.text("AlgoritmoCompressione"),
        description=entry.text("DescrizioneAttachment"),
    )
