"""Whom of our own people the steps of a day are told to: a message for each, or one a day.

It is settled before the first message of a dispatch leaves, so that a summary holds everything that
is due, whichever page its steps would come in. What was settled stays so: a step is told once to
each, whoever answers for the client tomorrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.channel import Recipient
from incasso.contract.text import text
from incasso.domain.recovery.iters import NOTICE_MEDIUM
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.notices import NoticeKind, once, once_a_day, once_copied
from incasso.services.cases.told import settle
from incasso.services.sending.composed import Closed, Composed, Leaving, Waits
from incasso.services.sending.contact_hours import NO_WORKING_DAY, rests
from incasso.services.sending.last_look import last_look
from incasso.services.sending.page_facts import PageFacts, gathers
from incasso.services.sending.run import PAGE, Run
from incasso.services.sending.unsent import write_down
from incasso.store.sending import notices, outbox, outbox_queue
from incasso.store.sending.notices import NewNotice
from incasso.store.sending.outbox_queue import ReadyStep

NOTHING_TO_TELL: Final = text("nothing is left to tell")
TOMORROW: Final = text("today's summary has left: it is in the next one")
SEVERAL: Final = text("it goes to several people, each by a message of their own")


def tell(run: Run) -> None:
    """Settle it for every step that is due and that nobody has settled yet. Safe to kill."""
    tidy(run)
    after = (date.min, 0)
    while steps := _claimed(run, after):
        after = (steps[-1].due_on, steps[-1].id)
        _tell(run, steps)


def tidy(run: Run) -> None:
    """Notices follow what people changed; those with nothing to tell are taken back."""
    with run.turn.write() as connection:
        notices.follow(connection, run.on)
        gone = notices.cancel_empty(connection, run.on, NOTHING_TO_TELL)
        if gone:
            settle(connection, gone, run.on)


def prepare_copies(connection: Connection, leaving: Sequence[Leaving], on: date) -> None:
    """A copy for each of our people whom the stages name; it leaves once the message has."""
    for message in leaving:
        for who in message.copies:
            notices.make(
                connection,
                NewNotice(
                    like=message.step.id,
                    kind=NoticeKind.COPY,
                    address=who.address,
                    name=who.name,
                    once=once_copied(message.delivery, who.address),
                    medium=NOTICE_MEDIUM.value,
                    template="",
                    due_on=on,
                    total=message.step.total,
                    currency=message.step.currency,
                    copy_of=message.delivery,
                ),
            )


def _claimed(run: Run, after: tuple[date, int]) -> list[ReadyStep]:
    owner = run.turn.owner
    with run.turn.write() as connection:
        ids = notices.claim_untold(connection, owner, run.on, after, PAGE)
        return outbox_queue.waiting(connection, ids, owner) if ids else []


def _tell(run: Run, steps: Sequence[ReadyStep]) -> None:
    looked = last_look(run, steps)
    with run.hub.store.read() as connection:
        facts = PageFacts(run.hub, connection, looked, run.iter_of, run.on)
    with run.turn.write() as connection:
        found = (_told(run, connection, step, facts) for step in looked if facts.lines(step))
        write_down(run, connection, list(filter(None, found)))
        outbox_queue.unclaim(connection, run.turn.owner, [step.id for step in steps])


def _told(run: Run, connection: Connection, step: ReadyStep, facts: PageFacts) -> Composed | None:
    """Settle it for one step; else why it is not."""
    stage, people = facts.stage(step), facts.recipients(step)
    if rests(run.hub, step.source, stage, run.on):
        return Waits(step=step, reason=NO_WORKING_DAY)
    if not people:
        return Closed(step=step, reason=facts.why_unreachable(step))
    if stage.summary:
        return _in_summaries(run, connection, step, facts, people)
    if len(people) == 1:
        (who,) = people
        key = once(step.id, step.due_on, who.address)
        notices.own(connection, step.id, who.address, who.name, key)
        return None
    _take_back_queued(run, connection, step)
    for who in people:
        _one(run, connection, step, facts, who)
    return None


def _one(
    run: Run, connection: Connection, step: ReadyStep, facts: PageFacts, who: Recipient
) -> None:
    new = _new(NoticeKind.ONE, step, facts, who, run.on, once(step.id, step.due_on, who.address))
    if (made := notices.make(connection, new)) is not None:
        notices.put_in(connection, made, [step.id])


def _in_summaries(
    run: Run,
    connection: Connection,
    step: ReadyStep,
    facts: PageFacts,
    people: Sequence[Recipient],
) -> Composed | None:
    """All of them, or none today: who got today's summary is told tomorrow, with the others."""
    with connection.begin_nested() as point:
        for who in people:
            if not _joined(run, connection, step, facts, who):
                point.rollback()
                return Waits(step=step, reason=TOMORROW)
    _take_back_queued(run, connection, step)
    return None


def _joined(
    run: Run, connection: Connection, step: ReadyStep, facts: PageFacts, who: Recipient
) -> bool:
    alike = gathers(step, facts, who)
    known = notices.joinable(connection, alike)
    if known is not None:
        notices.put_in(connection, known.step_id, [step.id])
        if known.currency == step.currency:
            notices.add_to_total(connection, known.step_id, step.total)
        return True
    key = once_a_day(alike, run.on)
    made = notices.make(
        connection, _new(NoticeKind.SUMMARY, step, facts, who, run.on, key, gathers=alike)
    )
    if made is not None:
        notices.put_in(connection, made, [step.id])
    return made is not None


def _new(
    kind: NoticeKind,
    step: ReadyStep,
    facts: PageFacts,
    who: Recipient,
    on: date,
    key: str,
    gathers: str = "",
) -> NewNotice:
    return NewNotice(
        like=step.id,
        kind=kind,
        address=who.address,
        name=who.name,
        once=key,
        medium=facts.medium(step),
        template=step.template,
        due_on=on,
        total=step.total,
        currency=step.currency,
        gathers=gathers,
    )


def _take_back_queued(run: Run, connection: Connection, step: ReadyStep) -> None:
    """A message to all of them together, of an earlier release, that never left."""
    if step.delivery:
        cancelled, now = DeliveryStatus.CANCELLED, run.hub.now()
        outbox.finish(connection, step.delivery, cancelled, at=now, reason=SEVERAL)
