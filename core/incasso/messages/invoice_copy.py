"""Print an electronic invoice so that a person can read it: a courtesy copy, of no fiscal value.

Always in Italian, as the invoice is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from incasso.contract.values import Money
from incasso.domain.money import decimals
from incasso.fatturapa import Invoice, InvoiceLine, Party, Payment, TaxSummary
from incasso.fatturapa.codes import CONDITION_WORDS, METHOD_WORDS, TYPE_WORDS
from incasso.messages.clean import clean
from incasso.messages.language import languages
from incasso.messages.mail import grouped_iban

if TYPE_CHECKING:
    from typst import Compiler

INVOICE_COPY_LAYOUT: Final = "1"
"""Increase it when the layout changes, so that kept copies are printed again."""

_NOTICE: Final = "Copia di cortesia, priva di valore fiscale"
_MOST_LINES: Final = 1000
_DESCRIPTION: Final = 500
_ONE_AT_A_TIME: Final = Lock()


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    from typst import Compiler

    return Compiler(Path(__file__).with_name("layout") / "courtesy.typ")


def invoice_copy_pdf(invoice: Invoice) -> bytes:
    """The page; equal invoices give equal bytes on one machine. About 30 ms."""
    page = json.dumps(invoice_copy_facts(invoice), ensure_ascii=False)
    noon = (invoice.date.toordinal() - 719163) * 86400 + 43200
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"invoice": page}, timestamp=noon)
    assert isinstance(made, bytes)
    return made


def invoice_copy_facts(invoice: Invoice) -> dict[str, Any]:
    """All that the page prints, as plain JSON values."""
    kind = TYPE_WORDS.get(invoice.type, invoice.type)
    left_out = len(invoice.lines) - _MOST_LINES
    return {
        "notice": _NOTICE,
        "title": f"{kind} {clean(invoice.number)} del {_day(invoice.date)}",
        "supplier": _party(invoice.supplier),
        "customer": _party(invoice.customer),
        "references": [list(pair) for pair in _references(invoice)],
        "lines": [_line(line, invoice.currency) for line in invoice.lines[:_MOST_LINES]],
        "more": f"e altre {left_out} righe" if left_out > 0 else "",
        "summaries": [_summary(each, invoice.currency) for each in invoice.summaries],
        "totals": [list(pair) for pair in _totals(invoice)],
        "payments": [_payment(each, invoice.currency) for each in invoice.payments],
    }


def _party(party: Party) -> list[str]:
    vat = f"P. IVA {party.country}{party.vat}" if party.vat else ""
    code = f"Cod. fisc. {party.tax_code}" if party.tax_code else ""
    return [clean(line) for line in (party.name, *party.address, vat, code) if line]


def _references(invoice: Invoice) -> Iterator[tuple[str, str]]:
    for label, values in (("Causale", invoice.reasons), ("CIG", invoice.cig), ("CUP", invoice.cup)):
        if values:
            yield label, clean("; ".join(values), _DESCRIPTION)


def _line(line: InvoiceLine, currency: str) -> list[str]:
    quantity = f"{_plain(line.quantity)} {clean(line.unit)}".strip()
    return [
        clean(line.description, _DESCRIPTION),
        quantity,
        _plain(line.price, decimals(currency)),
        f"{_plain(line.rate)}%" if line.rate is not None else "",
        _money(line.total, currency),
    ]


def _summary(summary: TaxSummary, currency: str) -> list[str]:
    notes = filter(None, (summary.nature, "scissione" if summary.collectability == "S" else ""))
    return [
        " ".join((f"IVA {_plain(summary.rate)}%", *notes)),
        _money(summary.taxable, currency),
        _money(summary.tax, currency),
    ]


def _totals(invoice: Invoice) -> Iterator[tuple[str, str]]:
    if invoice.stamp is not None:
        yield "Bollo virtuale", _money(invoice.stamp, invoice.currency)
    if invoice.total is not None:
        yield "Totale documento", _money(invoice.total, invoice.currency)
    else:
        yield "Totale dei riepiloghi IVA", _money(invoice.summed, invoice.currency)
    if invoice.withheld:
        yield "Ritenuta d'acconto", _money(-invoice.withheld, invoice.currency)


def _payment(payment: Payment, currency: str) -> list[str]:
    words = METHOD_WORDS.get(payment.method, payment.method)
    terms = CONDITION_WORDS.get(payment.conditions, "")
    bank = " ".join(filter(None, (payment.bank, payment.iban and grouped_iban(payment.iban))))
    return [
        _day(payment.due_date) if payment.due_date else "",
        clean(", ".join(filter(None, (words, terms)))),
        clean(bank),
        _money(payment.amount, currency),
    ]


def _day(day: date) -> str:
    return languages()["it"].short(day)


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return ""
    return languages()["it"].money(Money(amount=amount, currency=currency))


def _plain(number: Decimal | None, least: int = 0) -> str:
    """1.000,5: without the zeros that the format writes behind every number."""
    if number is None:
        return ""
    whole, _, rest = f"{number:,f}".partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")
