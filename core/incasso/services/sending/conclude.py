"""What follows from accepted messages: steps are done, stages count, the journal tells.

It is done for many deliveries at once, after they left. Until then the deliveries name the
dispatcher that owes it, so that after a crash the next one does it in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from incasso.domain.money import from_minor
from incasso.services.recovery.case_progress import count_steps
from incasso.services.recovery.stages import stages_of
from incasso.services.running.hub import Hub
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.sending import outbox, outbox_queue, page_reads
from incasso.store.sending.dispatcher_lock import DispatcherTurn

AT_ONCE: Final = 500

ONE_DAY: Final = timedelta(days=1)


def conclude_for(
    hub: Hub, turn: DispatcherTurn, owners: Collection[str], actor: str
) -> list[Event]:
    """Write down what follows from everything that these dispatchers saw accepted. Idempotent."""
    told: list[Event] = []
    while True:
        with turn.write() as connection:
            rows = outbox_queue.unconcluded(connection, owners, AT_ONCE)
            events = conclude(connection, rows, actor)
            journal.record(connection, events, at=hub.now())
        told += events
        if len(rows) < AT_ONCE:
            return told


def conclude(connection: Connection, rows: Sequence[Row[Any]], actor: str) -> list[Event]:
    """The same for given deliveries with their steps, in the caller's transaction.

    A stage counts on the day its message was accepted, or waits `proof_days` from there. The
    events are for the journal, which the caller writes last.
    """
    if not rows:
        return []
    stages = stages_of(connection, rows)
    alike: dict[tuple[date, date | None], list[int]] = defaultdict(list)
    for row in rows:
        proof_until = stages[row.step_id].proof_until(row.accepted_on)
        alike[row.accepted_on, proof_until].append(row.step_id)
    for (on, proof_until), steps in alike.items():
        outbox.step_done(connection, steps, on, proof_until)
        if proof_until is None:
            count_steps(connection, steps, on)
        else:
            page_reads.look_again(connection, steps, proof_until + ONE_DAY)
    outbox.conclude(connection, [row.id for row in rows])
    return [accepted_event(row, actor) for row in rows]


def accepted_event(row: Row[Any], actor: str) -> Event:
    """What the journal says of a message that left: who, where to, how much, which bytes."""
    return Event(
        kind="delivery.accepted",
        actor=actor,
        on=row.accepted_on,
        source=row.source,
        client=row.client,
        subject=f"delivery {row.id}",
        facts={
            "step": str(row.step_id),
            "stage": row.stage,
            "medium": row.medium,
            "channel": row.channel,
            "to": row.to,
            "total": str(from_minor(row.total, row.currency)),
            "currency": row.currency,
            "sha256": row.sha256,
            "ref": row.ref,
            **({"enclosed": row.enclosed} if row.enclosed else {}),
        },
    )
