"""No sequence of moves reaches a state that the tables do not name, and what is over stays over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.placement import moves
from incasso.domain.placement.moves import (
    IllegalMoveError,
    LotMove,
    PlacementMove,
    RowMove,
    lot_after,
    placement_after,
    row_after,
)
from incasso.domain.placement.states import LotState, PlacementState, RowState


def test_a_lot_leaves_only_frozen_and_approved() -> None:
    state = LotState.COMPOSED
    for move in (LotMove.FREEZE, LotMove.APPROVE, LotMove.HAND_OVER, LotMove.ACKNOWLEDGE):
        state = lot_after(state, move)
    assert lot_after(state, LotMove.CLOSE) is LotState.CLOSED
    for early in (LotState.COMPOSED, LotState.FROZEN):
        with pytest.raises(IllegalMoveError):
            lot_after(early, LotMove.HAND_OVER)
    for out in (LotState.HANDED_OVER, LotState.WORKING, LotState.CLOSED):
        with pytest.raises(IllegalMoveError):
            lot_after(out, LotMove.DROP)


@given(st.lists(st.sampled_from(LotMove)))
def test_a_dropped_lot_never_left_and_a_closed_one_did(story: list[LotMove]) -> None:
    state, left = LotState.COMPOSED, False
    for move in story:
        try:
            state = lot_after(state, move)
        except IllegalMoveError:
            continue
        left |= move is LotMove.HAND_OVER
    assert (state in moves.IN_HAND or state is LotState.DROPPED) == (not left)


@given(st.lists(st.sampled_from(PlacementMove)))
def test_what_is_over_stays_over(story: list[PlacementMove]) -> None:
    state, over_at = PlacementState.COMPOSED, None
    for move in story:
        try:
            state = placement_after(state, move)
        except IllegalMoveError:
            continue
        assert over_at is None, "something moved that was over"
        if state in moves.OVER:
            over_at = state
    assert over_at in (None, state)


@given(st.lists(st.sampled_from(RowMove)))
def test_a_row_goes_out_once(story: list[RowMove]) -> None:
    state, went = RowState.COMPOSED, []
    for move in story:
        try:
            state = row_after(state, move)
        except IllegalMoveError:
            continue
        went.append(move)
    assert went in ([], [RowMove.PLACE], [RowMove.DROP], [RowMove.PLACE, RowMove.END])


def test_every_state_is_somewhere() -> None:
    """A state that no move reaches, or a placement that could never come back, is a slip."""
    assert {*moves.OF_LOTS.values(), LotState.COMPOSED} == set(LotState)
    assert {*moves.OF_PLACEMENTS.values(), PlacementState.COMPOSED} == set(PlacementState)
    assert {*moves.OF_ROWS.values(), RowState.COMPOSED} == set(RowState)
    for state in moves.AT_PROVIDER:
        for move in (PlacementMove.RECALL, PlacementMove.RETURN, PlacementMove.CLOSE):
            assert placement_after(state, move) in moves.OVER
    leaving = {state for state, _ in moves.OF_PLACEMENTS}
    assert leaving.isdisjoint(moves.OVER)
