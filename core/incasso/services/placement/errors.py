"""What cannot be done with a lot."""

from __future__ import annotations

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.placement.moves import IllegalMoveError, LotMove
from incasso.locale.placement_labels import LOT_STATES
from incasso.store.placement.lots import Lot


class LotError(IncassoError):
    """This cannot be done with the lot; nothing was changed."""


def cannot(lot: Lot, error: IllegalMoveError) -> LotError:
    """The same for a person: what state it is in, and what can be done instead."""
    return LotError(
        text(
            "{lot} is {state}: {cure}.",
            lot=lot.code,
            state=LOT_STATES[lot.state],
            cure=_cure(lot, error),
        )
    )


def _cure(lot: Lot, error: IllegalMoveError) -> Text:
    order = (LotMove.FREEZE, LotMove.APPROVE, LotMove.HAND_OVER)
    next_moves = {
        "composed": text("freeze it first, `incasso lots freeze {lot}`", lot=lot.code),
        "frozen": text("it must be approved first, `incasso lots approve {lot}`", lot=lot.code),
        "approved": text("send it first, `incasso lots send {lot}`", lot=lot.code),
    }
    if error.move in order or error.move in (LotMove.CLOSE, LotMove.ACKNOWLEDGE):
        done = text("that is done already; `incasso lots show {lot}` says more", lot=lot.code)
        return next_moves.get(lot.state, done)
    return text(
        "it left the house; `incasso lots recall {lot}` takes back what is open", lot=lot.code
    )
