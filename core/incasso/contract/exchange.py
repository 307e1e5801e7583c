"""The open exchange: what a hub and an outside agency say to each other about a lot.

A lot goes out whole, then notices about it; updates come back. The same messages travel as a
workbook, as XML or over a web service: these records are what all forms carry. Which numbers name
what: a lot `L-2026-0007`, a placement `P-0000123` (one client in one currency), a row `R-0004567`
(one installment in a placement). They are never reused, and the other side repeats them.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from incasso.contract.ledger import DocumentKind, PaymentMethod, Unreadable
from incasso.contract.values import (
    Attachment,
    ExternalId,
    Money,
    Reference,
    UpdateId,
    Value,
)

EXCHANGE_VERSION: Final = "1.0"
"""Version of these messages; a file names the one it was written with."""

LotId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""Ours, e.g. `L-2026-0007`."""

PlacementId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""Ours, e.g. `P-0000123`."""

RowId: TypeAlias = Annotated[str, msgspec.Meta(max_length=32)]
"""Ours, e.g. `R-0004567`; empty where a message is about the whole placement."""


class Service(StrEnum):
    """What a provider is asked to do with a placement."""

    PHONE = "phone"
    POSTAL = "postal"
    EXTRAJUDICIAL = "extrajudicial"
    DUE_DILIGENCE = "due_diligence"
    JUDICIAL = "judicial"
    WRITE_DOWN = "write_down"
    """The judicial procedure that makes a loss deductible."""
    NEGATIVE_REPORT = "negative_report"


# Out: the lot.


class Party(Value, frozen=True, kw_only=True):
    """The creditor or the provider, as the head of a lot names it."""

    name: str
    code: str = ""
    """The provider's key at the hub; the creditor's source."""
    vat: str = ""
    address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    iban: str = ""
    """Of the creditor: where a debtor who pays directly should pay."""


class DebtorKind(StrEnum):
    """What kind of debtor; a person has a right to more protection."""

    COMPANY = "company"
    PERSON = "person"
    PUBLIC_BODY = "public_body"


class Debtor(Value, frozen=True, kw_only=True):
    """Who owes; fields that the service may not see are empty."""

    code: ExternalId
    """The client's code in the ERP."""
    name: str
    kind: DebtorKind = DebtorKind.COMPANY
    vat: str = ""
    tax_code: str = ""
    address: str = ""
    zip: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    language: str = ""
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""
    contact_person: str = ""
    call_hours: str = ""


class PlacedCredit(Value, frozen=True, kw_only=True):
    """One installment handed over; amounts in the currency of its placement."""

    row: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    key: ExternalId
    """Of the installment in the ERP."""
    due_date: date
    residual: Decimal
    """What is asked for; the sum of all of them is the total of the placement."""
    amount: Decimal | None = None
    """What it was before part payments."""
    document_kind: DocumentKind = DocumentKind.INVOICE
    document_number: str = ""
    document_date: date | None = None
    installment_number: int = 1
    payment_method: PaymentMethod = PaymentMethod.OTHER
    unpaid_on: date | None = None
    interest: Decimal | None = None
    """Statutory interest up to the day of handing over; not part of `residual`."""
    prescribed_on: date | None = None
    """When the credit falls under limitation (prescrizione), as far as the hub knows."""
    disputed: bool = False


class StepSummary(Value, frozen=True, kw_only=True):
    """One thing already done about the placed credits."""

    on: date
    stage: str
    medium: str
    outcome: str = ""


class PlacementDossier(Value, frozen=True, kw_only=True):
    """One client's credits handed over, in one currency."""

    placement: PlacementId
    lot: LotId
    service: Service
    debtor: Debtor
    credits: tuple[PlacedCredit, ...]
    total: Money
    """The sum of the residuals of `credits`."""
    until: date | None = None
    """The last day of the mandate; then the placement returns by itself."""
    history: tuple[StepSummary, ...] = ()
    notes: str = ""
    """What the office wants the provider to know."""


class LotTotals(Value, frozen=True, kw_only=True):
    """The control totals of a lot."""

    placements: int
    rows: int
    sums: tuple[Money, ...]
    """One for each currency, by its code."""


class LotSheet(Value, frozen=True, kw_only=True):
    """The head of a lot: who hands over what to whom, and how much it must add up to."""

    lot: LotId
    service: Service
    creditor: Party
    provider: Party
    mandate: str = ""
    """The mandate or price list it goes by, as the provider knows it."""
    handed_on: date
    until: date | None = None
    totals: LotTotals
    fields: tuple[str, ...] = ()
    """Names of the fields of `Debtor` and `PlacedCredit` that this service may see; a plugin
    writes no others. Empty: all."""
    digest: str = ""
    """SHA-256 of the frozen composition, in hexadecimal: a file that comes back repeats it."""
    language: str = "it"
    """Of headings and lists in the file."""


class BatchKind(StrEnum):
    """What a file or a run of requests to a provider holds."""

    LOT = "lot"
    NOTICES = "notices"
    ANSWER = "answer"
    """What became of the rows of a file that came from the provider."""


class Batch(Value, frozen=True, kw_only=True):
    """One outbound file, or one run of requests of a web service."""

    id: Reference
    """Never reused; `provider_find` looks for it."""
    kind: BatchKind
    sequence: int
    """Grows by one with each batch to this provider, from 1."""
    at: datetime
    filename: str = ""
    """What `provider_prepare_…` proposed; the same for each attempt."""
    media_type: str = ""


class Written(Value, frozen=True, kw_only=True):
    """What a plugin wrote into the sink: the hub compares the totals with its own."""

    filename: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Without folders; it holds the batch's sequence, so that no two are alike."""
    media_type: str
    items: int
    """Placements, notices or refusals."""
    rows: int = 0
    """Of a lot: its credits."""
    sums: tuple[Money, ...] = ()


# Out: what is said about it later.


class PlacementRef(Value, frozen=True, kw_only=True):
    """The two names of a placement; a message from outside may know only one of them."""

    ours: Annotated[str, msgspec.Meta(max_length=32)] = ""
    theirs: ExternalId = ""


class NoticeKind(StrEnum):
    """What the hub tells a provider after the hand-over."""

    DIRECT_PAYMENT = "direct_payment"
    """The debtor paid the creditor."""
    PAYMENT_REVERSED = "payment_reversed"
    """A direct payment told before was none after all."""
    CORRECTION = "correction"
    """The credit is another: a credit note, a wrong invoice. `amount` is what is left."""
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    RECALL = "recall"
    EXTENSION = "extension"
    """The mandate ends on another day: `until`."""
    ANSWER = "answer"
    """To a question: `accepted` and what was said."""
    DOCUMENT = "document"
    RETURN_TAKEN = "return_taken"
    CLOSING = "closing"
    """The lot is closed: the provider deletes the data and confirms it."""


class Notice(Value, frozen=True, kw_only=True):
    """One thing that a provider must know about a placement, or about one row of it."""

    id: Reference
    """Never reused: told twice, it is the same notice."""
    kind: NoticeKind
    lot: LotId
    placement: PlacementRef = PlacementRef()
    """Without a name: the whole lot."""
    row: RowId = ""
    on: date
    amount: Money | None = None
    reason: str = ""
    """A word of the office's own, e.g. why it recalls."""
    answers: str = ""
    """The `update_id` of what this answers or confirms."""
    accepted: bool | None = None
    until: date | None = None
    documents: tuple[Attachment, ...] = ()


class Refusal(Value, frozen=True, kw_only=True):
    """Why the hub did not take a row that a provider sent; it goes back to the provider."""

    file: str
    row: int | None = None
    """Row of the file, counted from 1 with the heading, as Excel shows it."""
    update_id: str = ""
    code: str
    """Of a closed list; `incasso exchange check` names the same."""
    message: str
    """In the provider's language, with the cure."""
    kept: bool = False
    """It waits at the hub for a person; not to be sent again."""


# In.


class UpdateKind(StrEnum):
    """What a provider reports about a placement."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """It does not take this placement, or this row: `refused` says why."""
    ACTIVITY = "activity"
    PROMISE = "promise"
    PAYMENT = "payment"
    """The debtor paid the provider."""
    REVERSAL = "reversal"
    """A payment came back; `corrects` names it, the amount is that of the payment."""
    CORRECTION = "correction"
    """An earlier report was wrong; `corrects` names it, what stands here takes its place."""
    DIRECT_PAYMENT = "direct_payment"
    """The provider heard that the debtor paid the creditor."""
    DOCUMENT_REQUEST = "document_request"
    SETTLEMENT = "settlement"
    """A question: may the debtor settle with `amount` by `until`?"""
    EXTENSION_REQUEST = "extension_request"
    """A question: may the mandate last until `until`?"""
    RECALL_TAKEN = "recall_taken"
    CLOSED = "closed"
    """The work is over; `closing` says how."""
    RETURNED = "returned"
    """Given back unfinished."""
    COMPLAINT = "complaint"
    FEE = "fee"
    """A line of a fee note: `amount` for the payment that `corrects` names."""
    DELETED = "deleted"
    """The data of a closed lot are deleted at the provider."""
    NOTE = "note"


class RefusalReason(StrEnum):
    """Why a provider does not take a placement or a row."""

    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    TERRITORY = "territory"
    INCOMPLETE = "incomplete"
    PRESCRIBED = "prescribed"
    OTHER = "other"


class ActivityResult(StrEnum):
    """How one action towards the debtor ended."""

    REACHED = "reached"
    """A conversation with the debtor: the contact policy counts these."""
    THIRD_PARTY = "third_party"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    CALL_BACK = "call_back"
    SENT = "sent"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    REFUSES = "refuses"
    DISPUTES = "disputes"
    ALREADY_PAID = "already_paid"
    FOUND = "found"
    """A search found an address, an employer, something to seize."""
    NOT_FOUND = "not_found"
    FILED = "filed"
    """An act was filed or served."""
    OTHER = "other"


class ClosingReason(StrEnum):
    """How the work of a provider ended; only the first two recovered anything."""

    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    UNTRACEABLE = "untraceable"
    DISPUTED = "disputed"
    INSOLVENT = "insolvent"
    CEASED = "ceased"
    DECEASED = "deceased"
    UNECONOMICAL = "uneconomical"
    PRESCRIBED = "prescribed"
    WITHDRAWN = "withdrawn"
    NEGATIVE = "negative"
    """All means are exhausted."""
    SETTLEMENT_REJECTED = "settlement_rejected"
    INVALID_DATA = "invalid_data"
    NEVER_STARTED = "never_started"
    OTHER = "other"


class PlacementUpdate(Value, frozen=True, kw_only=True):
    """One thing that happened at a provider; `update_id` makes it one of its kind.

    A file without ids of its own gets them from lot, row and content, so that the same row twice
    is the same update. A payment's `update_id` is the provider's payment id.
    """

    placement: PlacementRef
    update_id: UpdateId
    at: datetime
    """When it happened or was written down; aware. Sorted by it, oldest first."""
    kind: UpdateKind
    lot: str = ""
    """Empty where the other side does not repeat it."""
    row: RowId = ""
    on: date | None = None
    """The day it counts for: of the payment, of the promise's making, of the call."""
    amount: Money | None = None
    refused: RefusalReason | None = None
    result: ActivityResult | None = None
    closing: ClosingReason | None = None
    code: str = ""
    """The provider's own code, as it came."""
    corrects: str = ""
    """The `update_id` of the update that this reverses, corrects or asks a fee for."""
    remittance: str = ""
    """The transfer by which the provider passes the money on."""
    until: date | None = None
    """The day promised, asked for or agreed."""
    medium: str = ""
    """How the debtor was approached: `call`, `visit`, or a medium."""
    text: str = ""
    evidence: tuple[Attachment, ...] = ()


UpdateItem: TypeAlias = PlacementUpdate | Unreadable


class ReturnSheet(Value, frozen=True, kw_only=True):
    """The head of a file that came from a provider; empty where the form does not say."""

    lot: str = ""
    sequence: int | None = None
    """The provider's own count of its files."""
    version: str = ""
    digest: str = ""
    """The `digest` of the lot that the file repeats."""
    rows: int | None = None
    """How many rows the file says it has."""
    sums: tuple[Money, ...] = ()
    """What the payments less the reversals in it should add up to, by its own trailer."""


class Arrival(Value, frozen=True, kw_only=True):
    """A file that waits to be read and that this hub alone has claimed."""

    name: str
    identity: Reference
    """Names this very file to the plugin, also in another process."""
    size: int
    at: datetime


class Settled(StrEnum):
    """What the hub made of a file that arrived."""

    TAKEN = "taken"
    """Read to the end; single rows may have been refused."""
    REPEATED = "repeated"
    """The very same bytes were taken before."""
    REFUSED = "refused"
    """Nothing of it was taken."""


class Submitted(Value, frozen=True, kw_only=True):
    """The provider has a batch; a web service may have answered about single placements already."""

    ref: Reference
    at: datetime
    cost: Money | None = None
    note: str = ""
    evidence: tuple[Attachment, ...] = ()
    updates: tuple[PlacementUpdate, ...] = ()


class Quote(Value, frozen=True, kw_only=True):
    """A price before anything is committed; `rate` is a fraction: 0.04 is four per cent."""

    fixed: Money
    rate: Decimal
    valid_until: date
    text: str = ""
