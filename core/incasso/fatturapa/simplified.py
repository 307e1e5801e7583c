"""The body of a simplified invoice (FSM10): amounts with their VAT, no terms of payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from incasso.fatturapa.attached import files_of
from incasso.fatturapa.elements import Element
from incasso.fatturapa.ordinary import MOST_LINES, number_and_day, refuse_more
from incasso.fatturapa.parties import Head
from incasso.fatturapa.records import Invoice, InvoiceLine

_GENERAL: Final = "DatiGenerali/DatiGeneraliDocumento"
_STAMP: Final = Decimal("2.00")


def simplified_invoice(head: Head, body: Element, place: int) -> Invoice:
    """One invoice; its total is the sum of the lines (DPR 633/1972 art. 21-bis, VAT included).

    Raises FatturaError.
    """
    general, number, day = number_and_day(body.first(_GENERAL))
    rows = body.all("DatiBeniServizi")
    refuse_more(len(rows), MOST_LINES)
    lines = tuple(_line(row, count) for count, row in enumerate(rows, 1))
    return Invoice(
        format=head.format,
        place=place,
        supplier=head.supplier,
        customer=head.customer,
        type=general.text("TipoDocumento") or "TD07",
        number=number,
        date=day,
        currency=general.text("Divisa") or "EUR",
        total=sum((line.total or Decimal(0) for line in lines), Decimal(0)) if lines else None,
        stamp=_STAMP if general.text("BolloVirtuale") == "SI" else None,
        lines=lines,
        files=files_of(body),
        reencoded=head.reencoded,
    )


def _line(row: Element, count: int) -> InvoiceLine:
    return InvoiceLine(
        number=str(count),
        description=row.text("Descrizione"),
        total=row.needed_amount("Importo"),
        rate=row.amount("DatiIVA/Aliquota"),
    )
