"""The states of lots, placements, rows, and of what travels between hub and provider."""

from __future__ import annotations

from enum import StrEnum


class LotState(StrEnum):
    """A lot from its making to its end."""

    COMPOSED = "composed"
    """It may still change."""
    FROZEN = "frozen"
    """Rows, totals and digest are fixed."""
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    """The provider has it and has not acknowledged it yet."""
    WORKING = "working"
    CLOSED = "closed"
    DROPPED = "dropped"
    """Given up before it left."""


class PlacementState(StrEnum):
    """One client's credits in a lot."""

    COMPOSED = "composed"
    HANDED_OVER = "handed_over"
    WORKING = "working"
    """Acknowledged."""
    SUSPENDED = "suspended"
    RECALLED = "recalled"
    """Taken back by us; the provider may not have confirmed it yet."""
    REFUSED = "refused"
    """The provider did not take it."""
    RETURNED = "returned"
    """Given back unfinished, or the mandate ended."""
    CLOSED = "closed"
    """The provider said how it ended."""
    DROPPED = "dropped"


class RowState(StrEnum):
    """One installment in a placement."""

    COMPOSED = "composed"
    PLACED = "placed"
    """At the provider: no step of ours leaves for it."""
    OVER = "over"
    """Back with us, whatever came of it."""


class BatchState(StrEnum):
    """What became of bytes meant for a provider; as with deliveries, never sent again blindly."""

    PREPARED = "prepared"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class ArrivalState(StrEnum):
    """What became of a file that a provider sent."""

    READING = "reading"
    TAKEN = "taken"
    REFUSED = "refused"


class UpdateStanding(StrEnum):
    """What the hub made of one update."""

    APPLIED = "applied"
    NOTED = "noted"
    """Kept and shown; it came too late to change anything."""
    WAITING = "waiting"
    """A person must look at it."""
    REFUSED = "refused"
    """It cannot be used; the provider is told why."""


class EntryKind(StrEnum):
    """Why the account of a placed row changed; each is an amount above zero."""

    COLLECTED = "collected"
    """The provider says that it got the money."""
    REVERSED = "reversed"
    """A collected payment that was none; `corrects` names it."""
    DIRECT = "direct"
    """The debtor paid the creditor, by the ERP."""
    DIRECT_REVERSED = "direct_reversed"
    REDUCED = "reduced"
    """The credit became smaller without money: a credit note, an allowance."""
    RAISED = "raised"
    """The credit became larger again."""
    WITHDRAWN = "withdrawn"
    """Taken back from the provider, with what was open."""
    ENDED = "ended"
    """Closed by the provider with a reason, with what was open."""
    REOPENED = "reopened"
    """Less was withdrawn or ended than said: money that came before the end was told after it."""


class NoticeState(StrEnum):
    """What became of something that a provider must know."""

    WAITING = "waiting"
    """For the next batch."""
    SENT = "sent"
    BY_HAND = "by_hand"
    """The plugin cannot carry it: a person tells the provider."""
    TOLD = "told"
    """A person told the provider."""
    DROPPED = "dropped"
