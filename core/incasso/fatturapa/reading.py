"""Read a FatturaPA file, one record per body: FPR12, FPA12, 1.1, and the simplified FSM10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from incasso.contract.text import text
from incasso.fatturapa.elements import Element
from incasso.fatturapa.envelope import xml_of
from incasso.fatturapa.ordinary import ordinary_invoice
from incasso.fatturapa.parsing import parsed
from incasso.fatturapa.parties import Head, ordinary_parties, simplified_parties
from incasso.fatturapa.records import FatturaError, Invoice, NoInvoiceError, Party
from incasso.fatturapa.simplified import simplified_invoice

_FORMATS: Final = {"FPR12": "FPR12", "FPA12": "FPA12", "1.1": "SDI11", "SDI11": "SDI11"}
"""Of the attribute `versione`: 1.1 was sent to public bodies until 2016, and differs in nothing
that is read here."""
_SIMPLIFIED: Final = "FSM10"
_ROOTS: Final = ("FatturaElettronica", "FatturaElettronicaSemplificata")
_MOST_BODIES: Final = 5000


def read_fattura(content: bytes) -> tuple[Invoice, ...]:
    """Every invoice of a file, XML or signed (p7m). Checks no signature, asks nobody.

    Raises NoInvoiceError if it is well-formed and something else, FatturaError if it is
    dangerous, damaged or lacks what identifies an invoice; both say what and where.
    """
    root, reencoded = parsed(xml_of(content))
    form = _format(root)
    header, bodies = _parts(root)
    parties, read = _reader(form)
    head = Head(form, *parties(header), reencoded)
    return tuple(_invoice(read, head, body, place) for place, body in enumerate(bodies, 1))


def _format(root: Element) -> str:
    """Which one. Raises for receipts, and by its name for a format of other years."""
    if root.name not in _ROOTS:
        raise NoInvoiceError(text("the file is no invoice but a {name}", name=root.name))
    stated = root.attribute("versione") or root.text(
        "FatturaElettronicaHeader/DatiTrasmissione/FormatoTrasmissione"
    )
    if root.name == _ROOTS[1] or stated == _SIMPLIFIED:
        return _SIMPLIFIED
    if stated not in _FORMATS:
        raise FatturaError(
            text(
                "the format is {shown}; FPR12, FPA12, FSM10 and 1.1 of FatturaPA are read",
                shown=stated[:40] or text("not given"),
            )
        )
    return _FORMATS[stated]


def _parts(root: Element) -> tuple[Element, list[Element]]:
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
    return header, bodies


def _reader(
    form: str,
) -> tuple[Callable[[Element], tuple[Party, Party]], Callable[[Head, Element, int], Invoice]]:
    if form == _SIMPLIFIED:
        return simplified_parties, simplified_invoice
    return ordinary_parties, ordinary_invoice


def _invoice(
    read: Callable[[Head, Element, int], Invoice], head: Head, body: Element, place: int
) -> Invoice:
    try:
        return read(head, body, place)
    except FatturaError as error:
        raise FatturaError(
            text("invoice {place} of the file: {error}", place=str(place), error=str(error))
        ) from None
