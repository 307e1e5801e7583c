"""How lots, placements and rows move: one table each, and nothing that is not in it happens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from incasso.domain.placement.states import LotState, PlacementState, RowState

S = TypeVar("S", bound=StrEnum)


class LotMove(StrEnum):
    """What is done to a lot."""

    FREEZE = "freeze"
    APPROVE = "approve"
    HAND_OVER = "hand_over"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"
    DROP = "drop"


class PlacementMove(StrEnum):
    """What happens to one client's credits in a lot."""

    HAND_OVER = "hand_over"
    ACKNOWLEDGE = "acknowledge"
    REFUSE = "refuse"
    """By the provider."""
    SUSPEND = "suspend"
    RESUME = "resume"
    RECALL = "recall"
    """By us."""
    RETURN = "return"
    """By the provider, or the mandate ended."""
    CLOSE = "close"
    """The provider says how it ended."""
    DROP = "drop"
    """Taken out before the lot left."""


class RowMove(StrEnum):
    """What happens to one installment in a placement."""

    PLACE = "place"
    DROP = "drop"
    END = "end"


class IllegalMoveError(ValueError):
    """Something was to happen that cannot happen in this state."""

    def __init__(self, state: StrEnum, move: StrEnum) -> None:
        super().__init__(state, move)
        self.state, self.move = state, move


_AT_PROVIDER: Final = (
    PlacementState.HANDED_OVER,
    PlacementState.WORKING,
    PlacementState.SUSPENDED,
)

OF_LOTS: Final[Mapping[tuple[LotState, LotMove], LotState]] = {
    (LotState.COMPOSED, LotMove.FREEZE): LotState.FROZEN,
    (LotState.COMPOSED, LotMove.DROP): LotState.DROPPED,
    (LotState.FROZEN, LotMove.APPROVE): LotState.APPROVED,
    (LotState.FROZEN, LotMove.DROP): LotState.DROPPED,
    (LotState.APPROVED, LotMove.HAND_OVER): LotState.HANDED_OVER,
    (LotState.APPROVED, LotMove.DROP): LotState.DROPPED,
    (LotState.HANDED_OVER, LotMove.ACKNOWLEDGE): LotState.WORKING,
    (LotState.HANDED_OVER, LotMove.CLOSE): LotState.CLOSED,
    (LotState.WORKING, LotMove.ACKNOWLEDGE): LotState.WORKING,
    (LotState.WORKING, LotMove.CLOSE): LotState.CLOSED,
}

OF_PLACEMENTS: Final[Mapping[tuple[PlacementState, PlacementMove], PlacementState]] = {
    (PlacementState.COMPOSED, PlacementMove.HAND_OVER): PlacementState.HANDED_OVER,
    (PlacementState.COMPOSED, PlacementMove.DROP): PlacementState.DROPPED,
    (PlacementState.HANDED_OVER, PlacementMove.ACKNOWLEDGE): PlacementState.WORKING,
    (PlacementState.WORKING, PlacementMove.ACKNOWLEDGE): PlacementState.WORKING,
    # An acknowledgement that comes late ends no suspension of ours.
    (PlacementState.SUSPENDED, PlacementMove.ACKNOWLEDGE): PlacementState.SUSPENDED,
    (PlacementState.HANDED_OVER, PlacementMove.SUSPEND): PlacementState.SUSPENDED,
    (PlacementState.WORKING, PlacementMove.SUSPEND): PlacementState.SUSPENDED,
    (PlacementState.SUSPENDED, PlacementMove.RESUME): PlacementState.WORKING,
    **{
        (state, move): after
        for state in _AT_PROVIDER
        for move, after in (
            (PlacementMove.REFUSE, PlacementState.REFUSED),
            (PlacementMove.RECALL, PlacementState.RECALLED),
            (PlacementMove.RETURN, PlacementState.RETURNED),
            (PlacementMove.CLOSE, PlacementState.CLOSED),
        )
    },
}

OF_ROWS: Final[Mapping[tuple[RowState, RowMove], RowState]] = {
    (RowState.COMPOSED, RowMove.PLACE): RowState.PLACED,
    (RowState.COMPOSED, RowMove.DROP): RowState.OVER,
    (RowState.PLACED, RowMove.END): RowState.OVER,
}

AT_PROVIDER: Final[frozenset[PlacementState]] = frozenset(_AT_PROVIDER)
"""States in which the provider has the credits."""

OVER: Final[frozenset[PlacementState]] = (
    frozenset(PlacementState) - AT_PROVIDER - {PlacementState.COMPOSED}
)
"""States that nothing leads out of."""

IN_HAND: Final[frozenset[LotState]] = frozenset(
    {LotState.COMPOSED, LotState.FROZEN, LotState.APPROVED}
)
"""States of a lot that has not left."""

OUT: Final[frozenset[LotState]] = frozenset({LotState.HANDED_OVER, LotState.WORKING})
"""States of a lot that the provider has."""


def lot_after(state: LotState, move: LotMove) -> LotState:
    """The state of a lot after a move. Raises IllegalMoveError."""
    return _after(OF_LOTS, state, move)


def placement_after(state: PlacementState, move: PlacementMove) -> PlacementState:
    """The state of a placement after a move. Raises IllegalMoveError."""
    return _after(OF_PLACEMENTS, state, move)


def row_after(state: RowState, move: RowMove) -> RowState:
    """The state of a row after a move. Raises IllegalMoveError."""
    return _after(OF_ROWS, state, move)


def lots_that_may(move: LotMove) -> frozenset[LotState]:
    """The states in which a lot can be moved like this."""
    return frozenset(state for state, each in OF_LOTS if each is move)


def placements_that_may(move: PlacementMove) -> frozenset[PlacementState]:
    """The states in which a placement can be moved like this."""
    return frozenset(state for state, each in OF_PLACEMENTS if each is move)


M = TypeVar("M", bound=StrEnum)


def _after(table: Mapping[tuple[S, M], S], state: S, move: M) -> S:
    try:
        return table[state, move]
    except KeyError:
        raise IllegalMoveError(state, move) from None
