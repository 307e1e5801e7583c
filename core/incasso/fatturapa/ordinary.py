"""The body of an ordinary invoice: FPR12 and FPA12, and 1.1 of the years before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.contract.text import text
from incasso.fatturapa.attached import files_of
from incasso.fatturapa.elements import Element
from incasso.fatturapa.parties import Head
from incasso.fatturapa.records import FatturaError, Invoice, InvoiceLine, Payment, TaxSummary

_ORDERS: Final = (
    "DatiOrdineAcquisto DatiContratto DatiConvenzione DatiRicezione DatiFattureCollegate".split()
)
_GENERAL: Final = "DatiGenerali/DatiGeneraliDocumento"
MOST_LINES: Final = 9999
"""NumeroLinea has four figures."""


def ordinary_invoice(head: Head, body: Element, place: int) -> Invoice:
    """One invoice. Raises FatturaError for what identifies it, or for amounts that are none."""
    general, number, day = number_and_day(body.first(_GENERAL))
    withheld = (each.needed_amount("ImportoRitenuta") for each in general.all("DatiRitenuta"))
    lines = body.all("DatiBeniServizi/DettaglioLinee")
    refuse_more(len(lines), MOST_LINES)
    orders = [each for name in _ORDERS for each in body.all(f"DatiGenerali/{name}")]
    return Invoice(
        format=head.format,
        place=place,
        supplier=head.supplier,
        customer=head.customer,
        type=general.text("TipoDocumento") or "TD01",
        number=number,
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
        files=files_of(body),
        reencoded=head.reencoded,
    )


def number_and_day(general: Element | None) -> tuple[Element, str, date]:
    """What identifies an invoice. Raises FatturaError where it is missing."""
    day = general.day("Data") if general else None
    if general is None or day is None or not general.text("Numero"):
        raise FatturaError(text("Numero or Data is missing"))
    return general, general.text("Numero"), day


def refuse_more(lines: int, most: int) -> None:
    """Raises FatturaError for an invoice with more lines than the format can number."""
    if lines > most:
        raise FatturaError(
            text("it has {n} lines, more than {most_lines}", n=lines, most_lines=most)
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
