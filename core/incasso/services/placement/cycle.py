"""What a day does for lots by itself: judge, send again, take back what is over, tell."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from incasso.contract.text import Text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.placement.deliver import Fate
from incasso.services.placement.give_back import mandate_notes, return_ended
from incasso.services.placement.recover import PATIENCE, recover
from incasso.services.placement.tell import again, tell
from incasso.services.proof.standing import may_leave
from incasso.store.sending.dispatcher_lock import take_turn


class WentOut(msgspec.Struct, frozen=True, kw_only=True):
    """What went out to providers."""

    returned: tuple[Text, ...] = ()
    """Lots that came back because their mandate ended."""
    sent: int = 0
    """Notices."""
    batches: int = 0
    """Written before, and sent now."""
    by_hand: int = 0
    """Notices that a person must tell."""
    problems: tuple[Text, ...] = ()
    """Mandates that end soon among them."""
    failed: bool = False
    """Whether something that was to leave did not."""

    @property
    def remarks(self) -> tuple[Text, ...]:
        """What a person should know."""
        return (*self.returned, *self.problems)


def exchange_out(hub: Hub, actor: Actor, on: date, *, patience: timedelta = PATIENCE) -> WentOut:
    """Tell every provider what it must know; mandates that ended bring their credits back.

    Safe to kill and to start again. Raises ActorError, BehindError, BusyError.
    """
    begin(hub, actor, Work.LOTS, on)
    may_leave(hub)
    returned = return_ended(hub, on)
    with take_turn(hub.store) as turn:
        recover(hub, turn, on, patience=patience)
        sent_again = again(hub, turn, on)
        told = tell(hub, turn, on)
    return WentOut(
        returned=tuple(returned),
        sent=told.sent,
        batches=sum(answer.fate is Fate.SENT for answer in sent_again.values()),
        by_hand=told.by_hand,
        problems=(*told.problems, *mandate_notes(hub, on)),
        failed=bool(told.problems),
    )
