"""The words for a kind of document, in Italian, English, German and French, also of suppliers."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from incasso.api import DocumentKind
from incasso.api import text as sentence
from incasso_csv.cells.values import Cell, CellError, text_of
from incasso_csv.cells.words import normal

# RV, DR, DG and DZ are SAP's document types, TD01… those of the electronic invoice.
_KINDS: Final = {
    word: kind
    for kind, words in {
        DocumentKind.INVOICE: "|invoice|ft|fat|fatt|fattura|fattura di vendita|fv|fatt vendita"
        "|fattura immediata|fattura differita|fi|fd|f|fe|td01|td06|td07|td24|td25|attiva|vendita"
        "|sales invoice|customer invoice|out invoice|inv|rv|dr|rechnung|facture|parcella"
        "|ricevuta fiscale|corrispettivo|scontrino|tax invoice|ausgangsrechnung",
        DocumentKind.CREDIT_NOTE: "credit note|nc|nota credito|nota di credito|nota accredito|ndc"
        "|nota di accredito|nac|n c|td04|td08|nota cred|dg|cn|credit memo|sales credit note"
        "|out refund|credit|refund|gutschrift|rechnungskorrektur|avoir|note de credit|storno"
        "|storno fattura|stornierung|rettifica|abbuono|accredito|reso",
        DocumentKind.ADVANCE: "advance|acconto|anticipo|ac|td02|anticipo cliente|dz|acconti"
        "|acconto ricevuto|acconto cliente|anticipo ricevuto|anticipo da cliente|prepayment"
        "|overpayment|payment|receipt|payment received|incasso|incassi|incasso fattura|pagamento"
        "|pagamento ricevuto|pagamento cliente|anzahlung|zahlung|zahlungseingang|uberzahlung"
        "|acompte|paiement|reglement|deposit|down payment|customer payment|versamento",
        DocumentKind.DEBIT_NOTE: "debit note|nd|nota debito|nota di debito|nota di addebito|ndd"
        "|td05|debit memo|lastschrift|note de debit|nota addebito",
        DocumentKind.OTHER: "other|altro|spese|spese insoluto|spese bancarie|interessi"
        "|interessi di mora|mora|insoluto|insoluta|impagato|protesto|canone|canoni|affitto|rata"
        "|quota|rent|fee|fees|charge|interest|finance charge memo|reminder|proforma|pro forma"
        "|ricevuta|effetto|riba|ab|saldo iniziale|apertura|riapertura|opening balance|sonstige"
        "|tariffa|tassa|retta|tributo|contributo|imposta|bolletta|utenza|multa|sanzione|servizio",
    }.items()
    for word in words.split("|")
}
_BEGINNINGS: Final = {
    "nota credito": DocumentKind.CREDIT_NOTE,
    "nota di credito": DocumentKind.CREDIT_NOTE,
    "nota accredito": DocumentKind.CREDIT_NOTE,
    "nota di accredito": DocumentKind.CREDIT_NOTE,
    "credit note": DocumentKind.CREDIT_NOTE,
    "credit memo": DocumentKind.CREDIT_NOTE,
    "storno": DocumentKind.CREDIT_NOTE,
    "gutschrift": DocumentKind.CREDIT_NOTE,
    "incasso ": DocumentKind.ADVANCE,
    "acconto ricevuto": DocumentKind.ADVANCE,
    "pagamento ricevuto": DocumentKind.ADVANCE,
    "nota di debito": DocumentKind.DEBIT_NOTE,
    "nota debito": DocumentKind.DEBIT_NOTE,
    "fatt": DocumentKind.INVOICE,
    "spese ": DocumentKind.OTHER,
    "interessi ": DocumentKind.OTHER,
    "canone ": DocumentKind.OTHER,
    "affitto ": DocumentKind.OTHER,
}
_SUPPLIERS: Final = frozenset(
    "acquisto acquisti passiva passive passivo fornitore fornitori purchase vendor supplier "
    "lieferant lieferantenrechnung eingangsrechnung einkauf einkaufsrechnung fournisseur achat "
    "achats bill bills".split()
)
_SUPPLIERS_WHOLE: Final = frozenset(
    "fr|fattura ricevuta|in invoice|in refund|td16|td17|td18|td19".split("|")
)


def read_kind(cell: Cell) -> DocumentKind:
    """What the document is. Raises CellError for a word that nobody understands.

    An accounting code of digits only says nothing about the document: it is OTHER.
    """
    word = normal(text_of(cell))
    kind = _kind(word)
    if kind is None:
        raise CellError(
            "unknown_kind",
            sentence("{word!r} is not a known kind of document", word=word[:60]),
            sentence(
                "whether the amount is a debt or a credit is in doubt: export the usual words, "
                "such as Fattura or Nota di credito, or leave the column out"
            ),
        )
    return kind


def kind_or_other(cell: Cell) -> DocumentKind:
    """The same where the amount's own sign says what it is: an unknown word is OTHER."""
    return _kind(normal(text_of(cell))) or DocumentKind.OTHER


def is_suppliers(word: str) -> bool:
    """Whether a kind of document in normal form is a supplier's: a bill, no debt of a client."""
    return word in _SUPPLIERS_WHOLE or not _SUPPLIERS.isdisjoint(word.split())


@lru_cache(maxsize=4096)
def _kind(word: str) -> DocumentKind | None:
    if kind := _KINDS.get(word):
        return kind
    if is_suppliers(word):
        return None
    for beginning, kind in _BEGINNINGS.items():
        if word.startswith(beginning):
            return kind
    return None if any(letter.isalpha() for letter in word) else DocumentKind.OTHER
