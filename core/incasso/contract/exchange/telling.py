"""What leaves for a provider: batches, notices about a lot, and the rows that were refused."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from incasso.contract.exchange.lot import LotId, PlacementRef, RowId
from incasso.contract.values import Attachment, Money, Reference, Value


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
