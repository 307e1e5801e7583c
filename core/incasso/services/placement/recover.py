"""After a crash: judge the batches that a dead process was sending, or had begun to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from incasso.contract.text import text
from incasso.domain.placement.states import BatchState, NoticeState
from incasso.services.hub.hub import Hub
from incasso.services.placement.deliver import Fate, after_doubt, conclude
from incasso.store.placement import batches, notices
from incasso.store.placement.batches import BatchRow
from incasso.store.sending.dispatcher_lock import DispatcherTurn

CUT_OFF: Final = text("the program ended while it was being sent")
UNWRITTEN: Final = text("the program ended before it was written")

ACTOR: Final = "exchange"


PATIENCE: Final = timedelta(minutes=10)
"""On PostgreSQL a lock is gone when a connection breaks, while a call of that length may go on."""


def recover(
    hub: Hub, turn: DispatcherTurn, on: date, *, patience: timedelta = PATIENCE
) -> Mapping[Fate, int]:
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
            # Notices that were to be in it leave with another.
            notices.of_batch_are(connection, each.id, NoticeState.WAITING)
        dead = {each.claimed_by for each in begun if turn.is_dead(each.claimed_by)}
    silent_since = None if hub.store.is_sqlite else hub.now() - patience
    for batch in begun:
        sending = batch.state is BatchState.SENDING
        if sending and silent_since is not None and _began_after(batch, silent_since):
            continue
        if batch.state is BatchState.UNCERTAIN or batch.claimed_by in dead:
            fate = _judge(hub, turn, batch, on)
            if fate is not None:
                found[fate] += 1
    return found


def _began_after(batch: BatchRow, moment: datetime) -> bool:
    return batch.sending_at is None or batch.sending_at > moment


def _judge(hub: Hub, turn: DispatcherTurn, batch: BatchRow, on: date) -> Fate | None:
    provider = hub.registry.provider(batch.instance)
    answer = after_doubt(provider, batch, on, CUT_OFF)
    if answer.fate is Fate.UNCERTAIN and batch.state is BatchState.UNCERTAIN:
        return None
    conclude(hub, turn, batch, answer, ACTOR, on)
    return answer.fate
