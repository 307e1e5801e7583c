"""The records of a ledger: clients, people, documents, installments and payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from incasso.contract.values import CurrencyCode, ExternalId, Problem, Value


class PaymentMethod(StrEnum):
    """How an installment is to be paid (tipo di pagamento)."""

    TRANSFER = "transfer"
    RIBA = "riba"
    SDD = "sdd"
    DIRECT = "direct"
    CHEQUE = "cheque"
    COD = "cod"
    CARD = "card"
    BILL = "bill"
    OTHER = "other"


class DocumentKind(StrEnum):
    """An installment's kind of document; credit notes and advances have a negative residual."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ADVANCE = "advance"
    DEBIT_NOTE = "debit_note"
    OTHER = "other"


Fingerprint: TypeAlias = Annotated[bytes, msgspec.Meta(max_length=16)]
"""A digest of at most 16 bytes; empty: the hub computes its own."""


class ClientRecord(Value, frozen=True, kw_only=True):
    """Who owes, as the ERP knows it; the canonical columns of clients.csv."""

    code: ExternalId
    name: str
    vat: str = ""
    tax_code: str = ""
    is_person: bool = False
    address: str = ""
    zip: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2 in capitals; empty means the source's own country. Others are refused."""
    language: str = ""
    """BCP 47; empty means the language of the country."""
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    contact_person: str = ""
    contact_role: str = ""
    call_hours: str = ""
    agent: ExternalId = ""
    depot: ExternalId = ""
    area: str = ""
    category: str = ""
    payment_terms: str = ""
    credit_limit: Decimal | None = None
    blocked: bool = False
    """The ERP takes no new orders from this client."""
    excluded: bool = False
    seasonal: bool = False
    rating: str = ""
    notes: str = ""
    public_body: bool = False
    unpaid_count: int | None = None
    """How many of the client's bills came back unpaid, by the ERP's count."""
    formerly: ExternalId = ""
    """The code this client had before the ERP renumbered or merged it."""
    fingerprint: Fingerprint = b""
    """As for installments; without one the hub computes its own."""


class InstallmentRecord(Value, frozen=True, kw_only=True):
    """One due amount of one document; the canonical columns of installments.csv.

    `amount` and `residual` are in `currency`; both are negative for credit notes and advances.
    `fingerprint` (at most 16 bytes) is a digest of the raw row and of the mapping that read it; a
    connector that gives it may use `Page.unchanged` next time.
    """

    key: ExternalId
    client: ExternalId
    due_date: date
    residual: Decimal
    document_kind: DocumentKind = DocumentKind.INVOICE
    document_number: str = ""
    document_date: date | None = None
    installment_number: int = 1
    amount: Decimal | None = None
    """The original amount; None if the ERP does not give it: the hub then uses the residual."""
    currency: CurrencyCode = "EUR"
    payment_method: PaymentMethod = PaymentMethod.OTHER
    unpaid_on: date | None = None
    """The day a RiBa or SDD came back unpaid (insoluto)."""
    presented_on: date | None = None
    """The day the bill was presented to the bank."""
    agent: ExternalId = ""
    depot: ExternalId = ""
    area: str = ""
    notes: str = ""
    document: ExternalId = ""
    """Key of its DocumentRecord, where the connector pulls documents."""
    bill_number: str = ""
    """The bill (effetto) that collects it; a grouped bill appears on several installments."""
    base_residual: Decimal | None = None
    """The residual in the company's own currency, where `currency` is another one."""
    reminded_on: date | None = None
    """The last reminder that the ERP itself sent: the hub continues from there."""
    reminders: int = 0
    """How many reminders, or which level, the ERP counts."""
    erp_hold: str = ""
    """Why it must not be dunned, as the ERP says: `legal`, `blocked`, `factoring` or words.

    `at_bank`: the bank still has the bill, by the connector's own days of grace. It is then not
    overdue, without a time limit.

    `collected`, with a residual of zero: by those days the bill counts as collected, though the
    ERP has not booked that. A balance of the ERP that differs by just these is no error.
    """
    fingerprint: Fingerprint = b""


class PersonRecord(Value, frozen=True, kw_only=True):
    """An agent or a depot: somebody on our side that messages may go to."""

    code: ExternalId
    name: str
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""


class GoneReason(StrEnum):
    """Why a record is no longer in the ERP."""

    DELETED = "deleted"
    MERGED = "merged"
    UNKNOWN = "unknown"


class Gone(Value, frozen=True, kw_only=True):
    """The ERP says that this record no longer exists."""

    external_id: ExternalId
    why: GoneReason = GoneReason.UNKNOWN
    merged_into: ExternalId = ""


class Unreadable(Value, frozen=True, kw_only=True):
    """One record that cannot be read: it is quarantined and the pull continues."""

    external_id: ExternalId = ""
    file: str = ""
    row: int | None = None
    """Row in the file, counted from 1, heading included: what the office sees in Excel."""
    problems: tuple[Problem, ...]
    raw: str = ""
    """The row as read, at most 2,000 characters."""


class PaymentKind(StrEnum):
    """Why an open item became smaller: only MONEY is money that came in."""

    MONEY = "money"
    ALLOWANCE = "allowance"
    WITHHOLDING = "withholding"
    EXCHANGE = "exchange"
    SET_OFF = "set_off"
    REVERSAL = "reversal"
    OTHER = "other"


class DocumentRecord(Value, frozen=True, kw_only=True):
    """A document of a client; its installments name it by `key`.

    `total` is in `currency`, negative for credit notes and advances. It may exceed the sum of the
    installments (withholding tax, split payment): this does not mean a part payment.
    """

    key: ExternalId
    client: ExternalId
    number: str
    date: date
    kind: DocumentKind = DocumentKind.INVOICE
    total: Decimal | None = None
    currency: CurrencyCode = "EUR"
    agent: ExternalId = ""
    depot: ExternalId = ""
    reason: str = ""
    """The ERP's own document type or accounting reason (causale)."""
    cig: str = ""
    """Tender code of a public body (codice identificativo di gara)."""
    cup: str = ""
    """Project code of a public body (codice unico di progetto)."""
    notes: str = ""


class PaymentRecord(Value, frozen=True, kw_only=True):
    """Something that changed what is open of an installment, other than the document itself.

    A positive `amount` makes the debt smaller; a reversal (a bill that came back) is negative.
    """

    key: ExternalId
    client: ExternalId
    paid_on: date
    amount: Decimal
    installment: ExternalId = ""
    """Empty where the ERP gives only the document."""
    document_number: str = ""
    currency: CurrencyCode = "EUR"
    kind: PaymentKind = PaymentKind.MONEY
    payment_method: PaymentMethod = PaymentMethod.OTHER
    notes: str = ""


ClientItem: TypeAlias = ClientRecord | Gone | Unreadable
InstallmentItem: TypeAlias = InstallmentRecord | Gone | Unreadable
DocumentItem: TypeAlias = DocumentRecord | Gone | Unreadable
PaymentItem: TypeAlias = PaymentRecord | Gone | Unreadable
