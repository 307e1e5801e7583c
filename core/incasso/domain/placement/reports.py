"""What the book of a placement takes in, and what it gives to be written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from incasso.contract.exchange import ClosingReason, UpdateKind
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.states import EntryKind, PlacementState, UpdateStanding

PAYMENTS: Final = frozenset({UpdateKind.PAYMENT, UpdateKind.CORRECTION})
"""What can be reversed."""

ENDS: Final[Mapping[UpdateKind, tuple[PlacementState, EntryKind]]] = {
    UpdateKind.CLOSED: (PlacementState.CLOSED, EntryKind.ENDED),
    UpdateKind.RETURNED: (PlacementState.RETURNED, EntryKind.WITHDRAWN),
    UpdateKind.REFUSED: (PlacementState.REFUSED, EntryKind.WITHDRAWN),
}
"""What ends the work of a provider, and what becomes of what is still open then."""

TRIED_AGAIN: Final = frozenset(
    {
        ReturnProblem.MORE_THAN_OPEN,
        ReturnProblem.SEEN_AS_DIRECT,
        ReturnProblem.UNKNOWN_PAYMENT,
        ReturnProblem.OPEN_THOUGH_PAID,
    }
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says about this placement, as far as the book is concerned."""

    id: str
    """The provider's `update_id`."""
    kind: UpdateKind
    on: date
    amount: int | None = None
    row: int | None = None
    corrects: str = ""
    closing: ClosingReason | None = None


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a report."""

    standing: UpdateStanding
    problem: ReturnProblem | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one row's account, to be written down."""

    row: int
    kind: EntryKind
    amount: int
    on: date
    cause: str
    """The report that made it."""
    corrects: str = ""
    """The payment that it takes back."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that are back with us, and how."""

    rows: tuple[int, ...]
    state: PlacementState
    closing: ClosingReason | None
    on: date
    cause: str


APPLIED: Final = Decision(UpdateStanding.APPLIED)


def waits(problem: ReturnProblem) -> Decision:
    return Decision(UpdateStanding.WAITING, problem)


def refused(problem: ReturnProblem) -> Decision:
    return Decision(UpdateStanding.REFUSED, problem)
