"""Where an invoice and the ledger disagree: what the office should look at before it insists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from incasso.contract.values import CurrencyCode, Value
from incasso.domain.ledger.tax_numbers import same_party, tax_number
from incasso.fatturapa.records import Invoice, Payment


class LedgerSide(Value, frozen=True, kw_only=True):
    """One installment as the ledger has it, with who is owed and who owes."""

    due_date: date
    amount: Decimal
    """Negative for credit notes and advances."""
    currency: CurrencyCode
    document_date: date | None = None
    total: Decimal | None = None
    """Of the document, where the ERP gives it."""
    client_vat: str = ""
    client_tax_code: str = ""
    company_vat: str = ""
    company_iban: str = ""


class Difference(Value, frozen=True, kw_only=True):
    """One disagreement; `name` is a fixed word, the two sides are as written."""

    name: str
    """date, currency, customer, supplier, total, due_date, amount, iban."""
    ledger: str
    document: str


def differences(ledger: LedgerSide, invoice: Invoice) -> tuple[Difference, ...]:
    """What the two say differently; what one of them does not say is no difference."""
    return tuple(_found(ledger, invoice))


def _found(ledger: LedgerSide, invoice: Invoice) -> Iterator[Difference]:
    if ledger.document_date and ledger.document_date != invoice.date:
        yield _differ("date", ledger.document_date, invoice.date)
    if ledger.currency != invoice.currency:
        yield _differ("currency", ledger.currency, invoice.currency)
    customer, client = invoice.customer, (ledger.client_vat, ledger.client_tax_code)
    if same_party(client, (customer.vat, customer.tax_code)) is False:
        yield _differ("customer", client[0] or client[1], customer.vat or customer.tax_code)
    if ledger.company_vat and tax_number(ledger.company_vat) != tax_number(invoice.supplier.vat):
        yield _differ("supplier", ledger.company_vat, invoice.supplier.vat)
    if None not in (ledger.total, invoice.total) and abs(ledger.total or 0) != invoice.total:
        yield _differ("total", ledger.total, invoice.total)
    yield from _money(ledger, invoice.payments)
    yield from _bank(ledger, invoice.payments)


def _money(ledger: LedgerSide, payments: Sequence[Payment]) -> Iterator[Difference]:
    """The line of this installment is the one of its day, else the only one."""
    dated = [each for each in payments if each.due_date]
    if not dated:
        return
    of_the_day = [each for each in dated if each.due_date == ledger.due_date]
    if not of_the_day:
        days = sorted({each.due_date.isoformat() for each in dated if each.due_date})
        yield _differ("due_date", ledger.due_date, ", ".join(days))
        of_the_day = dated if len(dated) == 1 else []
    if of_the_day and all(each.amount != abs(ledger.amount) for each in of_the_day):
        amounts = sorted({each.amount for each in of_the_day})
        yield _differ("amount", f"{abs(ledger.amount):f}", ", ".join(f"{a:f}" for a in amounts))


def _bank(ledger: LedgerSide, payments: Sequence[Payment]) -> Iterator[Difference]:
    """Another account than the one our letters ask to pay to: changed, or false."""
    ours = "".join(ledger.company_iban.split()).upper()
    ibans = sorted({each.iban for each in payments if each.iban})
    if ours and ibans and ours not in ibans:
        yield _differ("iban", ours, ", ".join(ibans))


def _differ(name: str, ledger: object, document: object) -> Difference:
    return Difference(name=name, ledger=str(ledger), document=str(document))
