"""What becomes of credits when a provider is done with them: the office's own table.

Each way a placement can end says where its cases go, and what a person is asked to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from incasso.contract.exchange import ClosingReason
from incasso.domain.placement.states import PlacementState


class Then(StrEnum):
    """Where the cases go."""

    RESUME = "resume"
    """On with their iter, where they were when the lot left."""
    STAGE = "stage"
    """On with their iter, at the stage named, if it has one of that key."""
    PARK = "park"
    """Into the container named."""


class Proposal(StrEnum):
    """What a person is asked to decide about."""

    WRITE_OFF = "write_off"
    JUDICIAL = "judicial"
    """To hand it to a lawyer."""


class End(StrEnum):
    """How a placement can end: the closing reasons, and the ends that have none."""

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
    SETTLEMENT_REJECTED = "settlement_rejected"
    INVALID_DATA = "invalid_data"
    NEVER_STARTED = "never_started"
    OTHER = "other"
    RECALLED = "recalled"
    RETURNED = "returned"
    REFUSED = "refused"


class PlacementOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    end: End
    then: Then = Then.RESUME
    stage: str = ""
    container: str = ""
    propose: Proposal | None = None
    report: bool = False
    """Whether the provider owes a report that the credit cannot be recovered."""


def _parks(end: End, propose: Proposal | None = None, *, report: bool = False) -> PlacementOutcome:
    return PlacementOutcome(
        end=end, then=Then.PARK, container="management", propose=propose, report=report
    )


DEFAULTS: Final[tuple[PlacementOutcome, ...]] = (
    PlacementOutcome(end=End.PAID),
    PlacementOutcome(end=End.PARTLY_PAID),
    _parks(End.UNTRACEABLE, Proposal.WRITE_OFF, report=True),
    _parks(End.DISPUTED),
    PlacementOutcome(end=End.INSOLVENT, then=Then.PARK, container="legal", report=True),
    _parks(End.CEASED, Proposal.WRITE_OFF, report=True),
    _parks(End.DECEASED),
    _parks(End.UNECONOMICAL, Proposal.WRITE_OFF),
    _parks(End.PRESCRIBED, Proposal.WRITE_OFF),
    PlacementOutcome(end=End.WITHDRAWN),
    _parks(End.NEGATIVE, Proposal.WRITE_OFF, report=True),
    _parks(End.SETTLEMENT_REJECTED, Proposal.JUDICIAL),
    _parks(End.INVALID_DATA),
    PlacementOutcome(end=End.NEVER_STARTED),
    _parks(End.OTHER),
    PlacementOutcome(end=End.RECALLED),
    PlacementOutcome(end=End.RETURNED),
    PlacementOutcome(end=End.REFUSED),
)
"""What is shipped: nothing is written off by itself, and nobody is written to who should not be."""

_BY_STATE: Final[Mapping[PlacementState, End]] = {
    PlacementState.RECALLED: End.RECALLED,
    PlacementState.RETURNED: End.RETURNED,
    PlacementState.REFUSED: End.REFUSED,
}


def outcome_of(
    rules: Iterable[PlacementOutcome], state: PlacementState, closing: ClosingReason | None
) -> PlacementOutcome:
    """What the rules say of an end; of one that they leave out, what is shipped."""
    end = End(closing.value) if closing else _BY_STATE.get(state, End.OTHER)
    own = {each.end: each for each in (*DEFAULTS, *rules)}
    return own[end]
