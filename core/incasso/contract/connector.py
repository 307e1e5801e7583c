"""ERP connectors: the records they read and the hooks they implement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

from incasso.contract.hooks import InstanceSpec
from incasso.contract.values import (
    Attachment,
    CallContext,
    CurrencyCode,
    Cursor,
    ExternalId,
    Page,
    Problem,
    Receipt,
    Value,
)


class PaymentMethod(StrEnum):
    """How an installment was to be paid (tipo di pagamento)."""

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
    """What generated an installment; credit notes and advances have a negative residual."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ADVANCE = "advance"
    DEBIT_NOTE = "debit_note"
    OTHER = "other"


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
    """ISO 3166-1 alpha-2; empty means the source's own country."""
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
    excluded: bool = False
    seasonal: bool = False
    rating: str = ""
    notes: str = ""
    fingerprint: bytes = b""
    """As an installment's; without one the hub makes its own."""


class InstallmentRecord(Value, frozen=True, kw_only=True):
    """One due amount of one document; the canonical columns of installments.csv.

    `amount` and `residual` are in `currency`; both are negative for credit notes and advances.
    `fingerprint` (at most 16 bytes) is a digest of the raw row and of the mapping that read it;
    a connector that gives it may answer `Page.unchanged` next time.
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
    """The original amount; None means the ERP does not tell, the hub then keeps the residual."""
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
    fingerprint: bytes = b""


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
    """One record that cannot be read: it is quarantined and the pull goes on."""

    external_id: ExternalId = ""
    file: str = ""
    row: int | None = None
    """Row in the file, counted from 1, heading included: what the office sees in Excel."""
    problems: tuple[Problem, ...]
    raw: str = ""
    """The row as read, at most 2,000 characters."""


class ControlTotals(Value, frozen=True, kw_only=True):
    """The ERP's own sum of open items per currency, to compare with what was read."""

    open_items: int | None = None
    residual: Mapping[CurrencyCode, Decimal] = {}


class WriteBackKind(StrEnum):
    """What the hub wants to leave in the ERP."""

    NOTE = "note"
    STEP_DONE = "step_done"
    BLOCK_ORDERS = "block_orders"
    RELEASE_ORDERS = "release_orders"


class WriteBack(Value, frozen=True, kw_only=True):
    """A trace in the ERP about a client or one of its installments."""

    kind: WriteBackKind
    client: ExternalId
    installment: ExternalId = ""
    on: date
    text: str = ""


class DocumentRef(Value, frozen=True, kw_only=True):
    """The document that generated an installment."""

    client: ExternalId
    kind: DocumentKind
    number: str
    date: date | None = None


class Known(Protocol):
    """What the hub already holds, so that unchanged rows need not be built nor compared."""

    def fingerprints(self, keys: Sequence[ExternalId]) -> Mapping[ExternalId, bytes]:
        """The stored fingerprint of each known key; absent keys are new. Ask a page at a time."""
        ...


ClientItem: TypeAlias = ClientRecord | Gone | Unreadable
InstallmentItem: TypeAlias = InstallmentRecord | Gone | Unreadable


class ConnectorSpec(InstanceSpec):
    """Hooks of an ERP connector. Required: instance_check and both pulls."""

    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """Clients changed after the cursor; None means from the beginning.

        A stream of pages of at most `Limits.max_page` items; each page has 60 s. Raises
        CursorExpiredError for a cursor it does not know. Clients with a fingerprint may be left
        out and named in `Page.unchanged`, as installments are; few ERPs have enough of them to
        care, so `known` may be left out.
        """
        raise NotImplementedError

    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments changed after the cursor; a bad row comes back as Unreadable.

        With FINGERPRINTS a connector asks `known` page by page and names the rows that did not
        change in `Page.unchanged` without building them.
        """
        raise NotImplementedError

    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """All sales agents. [PEOPLE]"""
        raise NotImplementedError

    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """All depots or branches. [PEOPLE]"""
        raise NotImplementedError

    def erp_totals(self, ctx: CallContext) -> ControlTotals:
        """The ERP's own control totals, read beside the pull. [TOTALS]"""
        raise NotImplementedError

    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Today's truth about at most 200 installments, asked just before a message leaves.

        Keeps the order of the request. [REFRESH]
        """
        raise NotImplementedError

    def erp_fetch_document(self, document: DocumentRef, ctx: CallContext) -> Attachment:
        """The invoice as a file. Raises RejectedError if it does not exist. [DOCUMENTS]"""
        raise NotImplementedError

    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Leave a trace in the ERP; the same key twice leaves one trace. [WRITE_BACK]"""
        raise NotImplementedError
