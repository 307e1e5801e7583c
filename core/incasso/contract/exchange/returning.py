"""What a provider reports: updates, the head of a file, and a file that waits."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from incasso.contract.exchange.lot import PlacementRef, RowId
from incasso.contract.ledger import Unreadable
from incasso.contract.values import Attachment, ExternalId, Money, Reference, UpdateId, Value


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
    client: ExternalId = ""
    """The debtor's code; with document and due date it finds the credit where the form has no
    names of ours."""
    document_number: str = ""
    due_date: date | None = None
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
