"""A person says whether a lot arrived of which nobody knows."""

from __future__ import annotations

from datetime import date

from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.states import BatchState
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import admit
from incasso.services.placement.deliver import Answer, Fate, conclude
from incasso.services.placement.errors import LotError
from incasso.services.placement.finding import lot_called
from incasso.store.placement import batches, lots
from incasso.store.placement.lots import Lot
from incasso.store.sending.dispatcher_lock import take_turn


def settle(hub: Hub, actor: Actor, code: str, on: date, *, arrived: bool, why: str) -> Lot:
    """The provider was asked: it has the lot, or it has not and the lot may be sent again.

    Raises LotError, ActorError, BusyError.
    """
    with hub.store.read() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = lot_called(connection, code, who.scope)
        batch = batches.under_way_of(connection, lot.id)
    if batch is None or batch.state is not BatchState.UNCERTAIN:
        raise LotError(text("{lot} is not in doubt: nothing was changed.", lot=lot.code))
    fate = Fate.SENT if arrived else Fate.REFUSED
    with take_turn(hub.store) as turn:
        conclude(hub, turn, batch, Answer(fate=fate, reason=why), who.name, on)
    with hub.store.read() as connection:
        return lots.numbered(connection, lot.id)
