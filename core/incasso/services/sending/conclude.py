"""What follows from accepted messages: steps are done, stages count, the journal is written.

It is done for many deliveries at once, after they left. Until then the deliveries name their
dispatcher, so that after a crash the next one can conclude them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from incasso.domain.money import from_minor
from incasso.domain.recovery.actions import Action
from incasso.services.cases.progress import count_steps
from incasso.services.cases.stages import stages_of
from incasso.services.office.office import Office
from incasso.store.proof import journal, left_rows
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda
from incasso.store.sending import deliveries, notice_ends, outbox
from incasso.store.sending.deliveries import AcceptedDelivery
from incasso.store.sending.dispatcher_lock import DispatcherTurn

if TYPE_CHECKING:
    pass

AT_ONCE: Final = 500

ONE_DAY: Final = timedelta(days=1)


def conclude_for(
    office: Office, turn: DispatcherTurn, owners: Collection[str], actor: str
) -> list[Event]:
    """Concludes everything that these dispatchers saw accepted. Idempotent."""
    found: list[Event] = []
    while True:
        with turn.write() as connection:
            accepted = deliveries.unconcluded(connection, owners, AT_ONCE)
            events = conclude(connection, accepted, actor)
            journal.record(connection, events, at=office.now())
        found += events
        if len(accepted) < AT_ONCE:
            return found


def conclude(
    connection: Connection, accepted: Sequence[AcceptedDelivery], actor: str
) -> list[Event]:
    """The same for given deliveries with their steps, in the caller's transaction.

    A stage counts on the day its message was accepted, or waits `proof_days` from there. The
    events are for the journal, which the caller writes last.
    """
    if not accepted:
        return []
    stages = stages_of(connection, accepted)
    internal = [each.step_id for each in accepted if each.action is Action.NOTIFY]
    notices = notice_ends.with_parts(connection, internal) if internal else frozenset()
    alike: dict[tuple[date, date | None], list[int]] = defaultdict(list)
    for each in accepted:
        # Of a notice to our own people, proof is waited for by the steps that it tells of.
        tells = each.step_id in notices
        proof_until = None if tells else stages[each.step_id].proof_until(each.accepted_on)
        alike[each.accepted_on, proof_until].append(each.step_id)
    for (on, proof_until), steps in alike.items():
        outbox.step_done(connection, steps, on, proof_until)
        if proof_until is None:
            count_steps(connection, steps, on)
        else:
            agenda.review_steps(connection, steps, proof_until + ONE_DAY)
    outbox.conclude(connection, [each.id for each in accepted])
    rows = dict(left_rows.deliveries_left(connection, [each.id for each in accepted]))
    of_steps = {
        each.id: each.digest
        for each in left_rows.steps_left(connection, {each.step_id for each in accepted})
    }
    return [
        accepted_event(each, actor, row=rows.get(each.id, ""), of_step=of_steps[each.step_id])
        for each in accepted
    ]


def accepted_event(
    delivery: AcceptedDelivery, actor: str, *, row: str = "", of_step: str = ""
) -> Event:
    """The journal event of a sent message: recipient, address, amount, digests.

    `row` and `of_step` are those of `store.proof.left_rows`.
    """
    return Event(
        kind="delivery.accepted",
        actor=actor,
        on=delivery.accepted_on,
        source=delivery.source,
        client=delivery.client,
        subject=f"delivery {delivery.id}",
        facts={
            "step": str(delivery.step_id),
            "stage": delivery.stage,
            "medium": delivery.medium,
            "channel": delivery.channel,
            "to": delivery.to,
            "total": str(from_minor(delivery.total, delivery.currency)),
            "currency": delivery.currency,
            "sha256": delivery.sha256,
            "ref": delivery.ref,
            "row": row,
            "of_step": of_step,
            **({"enclosed": delivery.enclosed} if delivery.enclosed else {}),
        },
    )
