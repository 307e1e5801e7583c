"""What an electronic invoice says, as far as collecting it needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from incasso.contract.errors import IncassoError
from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.values import CurrencyCode, Value
from incasso.fatturapa.codes import DOCUMENT_KINDS, PAYMENT_METHODS


class FatturaError(IncassoError):
    """The file is no FatturaPA that can be read."""


class NoInvoiceError(FatturaError):
    """The file is something else: a receipt of the exchange system, another kind of XML."""


class Party(Value, frozen=True, kw_only=True):
    """Supplier or customer; at least one of `vat` and `tax_code` is there."""

    name: str
    country: str = ""
    """Of the VAT number, ISO 3166-1 alpha-2."""
    vat: str = ""
    """Without the country."""
    tax_code: str = ""
    address: tuple[str, ...] = ()


class Payment(Value, frozen=True, kw_only=True):
    """One line of the payment details (DettaglioPagamento)."""

    amount: Decimal
    conditions: str = ""
    """TP01 in installments, TP02 whole, TP03 in advance."""
    method: str = ""
    """MP01 … MP23."""
    due_date: date | None = None
    """As given, else the reference day and the days that the line states."""
    iban: str = ""
    bic: str = ""
    bank: str = ""
    payee: str = ""

    @property
    def payment_method(self) -> PaymentMethod:
        """The method in the ledger's words."""
        return PAYMENT_METHODS.get(self.method, PaymentMethod.OTHER)


class InvoiceLine(Value, frozen=True, kw_only=True):
    """One row of goods or services."""

    number: str
    description: str
    price: Decimal | None = None
    total: Decimal | None = None
    quantity: Decimal | None = None
    unit: str = ""
    rate: Decimal | None = None
    """VAT in per cent."""


class TaxSummary(Value, frozen=True, kw_only=True):
    """One VAT rate (DatiRiepilogo)."""

    rate: Decimal
    taxable: Decimal
    tax: Decimal
    nature: str = ""
    """Why there is no VAT: N1 … N7."""
    collectability: str = ""
    """I at once, D deferred, S split payment."""
    rounding: Decimal = Decimal(0)


class EmbeddedFile(Value, frozen=True, kw_only=True):
    """A file inside the invoice (Allegati); often the supplier's own PDF."""

    filename: str
    content: bytes
    format: str = ""
    compression: str = ""
    description: str = ""

    @property
    def is_pdf(self) -> bool:
        """Whether it can be shown as it is."""
        return not self.compression and self.content.startswith(b"%PDF-")


class Invoice(Value, frozen=True, kw_only=True):
    """One body of a FatturaPA file with the header it shares with the others.

    Amounts are as written: those of a credit note are positive. No signature is checked.
    """

    format: str
    """FPR12 between private parties, FPA12 to a public body, SDI11 the same before 2017, FSM10
    simplified."""
    place: int = 1
    """Which body of the file, counted from 1."""
    supplier: Party
    customer: Party
    type: str
    """TD01 … TD29; TD07, TD08 and TD09 are simplified."""
    number: str
    date: date
    currency: CurrencyCode
    total: Decimal | None = None
    """As the supplier states it; the field is optional."""
    stamp: Decimal | None = None
    withheld: Decimal = Decimal(0)
    """Withholding tax, which the customer does not pay to the supplier."""
    lines: tuple[InvoiceLine, ...] = ()
    summaries: tuple[TaxSummary, ...] = ()
    payments: tuple[Payment, ...] = ()
    reasons: tuple[str, ...] = ()
    cig: tuple[str, ...] = ()
    cup: tuple[str, ...] = ()
    files: tuple[EmbeddedFile, ...] = ()
    reencoded: bool = False
    """The file said that it is UTF-8 and was Latin-1, without a doubt: it was read as that."""

    @property
    def kind(self) -> DocumentKind:
        """The type in the ledger's words."""
        return DOCUMENT_KINDS.get(self.type, DocumentKind.INVOICE)

    @property
    def split_payment(self) -> bool:
        """The VAT goes to the treasury: less is due than the total says."""
        return any(each.collectability == "S" for each in self.summaries)

    @property
    def summed(self) -> Decimal:
        """Total of the VAT summaries, for invoices that state none."""
        parts = (each.taxable + each.tax + each.rounding for each in self.summaries)
        return sum(parts, Decimal(0))

    @property
    def pdf(self) -> EmbeddedFile | None:
        """The supplier's own PDF, if exactly one is inside; of several it is not known which."""
        found = [each for each in self.files if each.is_pdf]
        return found[0] if len(found) == 1 else None
