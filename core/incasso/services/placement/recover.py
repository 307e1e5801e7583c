"""After a crash: judge the batches that a dead process was sending, or had begun to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

from incasso.contract.text import text
from incasso.domain.placement.states import BatchState
from incasso.services.hub.hub import Hub
from incasso.services.placement.deliver import Fate, after_doubt, conclude
from incasso.store.placement import batches
from incasso.store.placement.batches import BatchRow
from incasso.store.sending.dispatcher_lock import DispatcherTurn

CUT_OFF: Final = text("the program ended while it was being sent")
UNWRITTEN: Final = text("the program ended before it was written")

ACTOR: Final = "exchange"


def recover(hub: Hub, turn: DispatcherTurn, on: date) -> Mapping[Fate, int]:
    """Judge every batch that a dead process left behind, and ask again about doubtful ones. How
    many, by what they became."""
    found: Counter[Fate] = Counter()
    with turn.write() as connection:
        begun = batches.in_state(connection, BatchState.SENDING, BatchState.UNCERTAIN)
        unwritten = [
            each
            for each in batches.in_state(connection, BatchState.PREPARED)
            if not each.sha256 and turn.is_dead(each.claimed_by)
        ]
        for each in unwritten:
            batches.end(connection, each, BatchState.CANCELLED, UNWRITTEN)
        dead = {each.claimed_by for each in begun if turn.is_dead(each.claimed_by)}
    for batch in begun:
        if batch.state is BatchState.UNCERTAIN or batch.claimed_by in dead:
            fate = _judge(hub, turn, batch, on)
            if fate is not None:
                found[fate] += 1
    return found


def _judge(hub: Hub, turn: DispatcherTurn, batch: BatchRow, on: date) -> Fate | None:
    provider = hub.registry.provider(batch.instance)
    answer = after_doubt(provider, batch, on, CUT_OFF)
    if answer.fate is Fate.UNCERTAIN and batch.state is BatchState.UNCERTAIN:
        return None
    conclude(hub, turn, batch, answer, ACTOR, on)
    return answer.fate
