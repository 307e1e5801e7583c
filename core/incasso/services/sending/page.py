"""One page of a dispatch: recheck, compose, send, count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from incasso.domain.money import to_minor
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.retry import CRASHES, retry_delay
from incasso.services.cases.progress import fail_steps
from incasso.services.hub.events import tell_plugins
from incasso.services.sending.answers import ACTOR
from incasso.services.sending.bad_address import mark_bad
from incasso.services.sending.caps import Postponed, hold_back, postponed
from incasso.services.sending.compose import Composer
from incasso.services.sending.composed import Closed, Composed, Crashed, Leaving, Waits
from incasso.services.sending.conclude import conclude_for
from incasso.services.sending.contact_hours import NO_WORKING_DAY, outside_hours, rests
from incasso.services.sending.intents import intents_of
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.recheck import ask_erp, drop_blocked
from incasso.services.sending.run import Run
from incasso.services.sending.send import FRESH
from incasso.store.proof import archive
from incasso.store.sending import outbox, outbox_queue
from incasso.store.sending.outbox import QueuedDelivery
from incasso.store.sending.outbox_queue import ReadyStep

MOST_BYTES: Final = 40_000_000
"""Of the messages of one page: twice that is in memory, with the documents they carry."""


class DispatchPage:
    """The steps of one page, from the recheck to the count."""

    def __init__(self, run: Run, steps: Sequence[ReadyStep]) -> None:
        self._run = run
        self._steps = steps
        self._cut: ReadyStep | None = None
        self._weight = 0

    def send(self) -> ReadyStep | None:
        """Sends what may leave; returns the first step left over, if the recheck has expired or
        the documents of the others exceed the memory limit."""
        run, hub = self._run, self._run.hub
        looked_at = hub.now()
        steps, facts = self._looked()
        run.enclosures.gather(steps, facts)
        if hub.now() - looked_at > FRESH:  # an ERP may take seconds for a document
            looked_at, self._steps = hub.now(), steps
            steps, facts = self._looked()
        composed, entries = self._composed_and_archived(steps, facts)
        leaving = _with_digests(composed, entries)
        with run.turn.write() as connection:
            leaving = self._still_within_caps(connection, leaving, facts)
            archive.note(connection, entries, at=hub.now())
            outbox.enqueue(connection, [_queued(each, run.on) for each in leaving])
            self._write_down(connection, composed)
            intents = intents_of(connection, leaving, run.on, hub.now())
        run.log.intend(intents)
        if intents:
            run.announcer.before(len(intents))
        left_over = run.sender.send(leaving, looked_at)
        run.log.page_done()
        run.events += conclude_for(hub, run.turn, [run.turn.owner], ACTOR)
        with run.turn.write() as connection:
            outbox_queue.unclaim(connection, run.turn.owner)
        events, run.events = run.events, []
        tell_plugins(hub, events, hub.now())
        return left_over[0].step if left_over else self._cut

    def _looked(self) -> tuple[list[ReadyStep], PageFacts]:
        """The steps that may still leave, with everything that their messages speak of."""
        run, steps = self._run, self._last_look()
        with run.hub.store.read() as connection:
            facts = PageFacts(run.hub, connection, steps, run.iter_of, run.on)
            late = postponed(run.hub, connection, steps, facts, run.on)
        if late:
            with run.turn.write() as connection:
                steps = self._held_back(connection, steps, late)
        return steps, facts

    def _held_back(
        self, connection: Connection, steps: Sequence[ReadyStep], late: Sequence[Postponed]
    ) -> list[ReadyStep]:
        """The steps without those that the contact policy puts off."""
        hold_back(self._run.hub, connection, late, self._run.on)
        self._run.tally.waiting.update(one.reason for one in late)
        gone = {one.step.id for one in late}
        return [step for step in steps if step.id not in gone]

    def _still_within_caps(
        self, connection: Connection, leaving: Sequence[Leaving], facts: PageFacts
    ) -> list[Leaving]:
        """Where several dispatchers work, another may have written to the same clients since the
        last look; from here on it waits until these messages are in the queue."""
        if not outbox.others_may_send(connection):
            return list(leaving)
        steps = [each.step for each in leaving]
        late = postponed(self._run.hub, connection, steps, facts, self._run.on)
        staying = {step.id for step in self._held_back(connection, steps, late)}
        return [each for each in leaving if each.step.id in staying]

    def _last_look(self) -> list[ReadyStep]:
        """The steps that may still leave, as they are now."""
        run = self._run
        trusted = [step for step in self._steps if step.source not in run.untrusted]
        why = {step.id: run.untrusted.get(step.source, "") for step in self._steps}
        silent = ask_erp(run.hub, run.turn, trusted, run.on)
        asked = [step for step in trusted if step.source not in silent]
        why |= {step.id: silent[step.source] for step in trusted if step.source in silent}
        waiting = {step: reason for step, reason in why.items() if reason}
        run.tally.waiting.update(waiting.values())
        with run.turn.write() as connection:
            outbox.set_reasons(connection, waiting)
            run.tally.left_out += drop_blocked(connection, asked, run.on)
            ids = [step.id for step in asked]
            return outbox_queue.waiting(connection, ids, run.turn.owner)

    def _compose(self, steps: Sequence[ReadyStep], facts: PageFacts) -> Iterator[Composed]:
        run = self._run
        with run.hub.store.read() as connection:
            closed_now = outside_hours(run.hub, connection, steps, run.on)
        stopped, enclosures = run.sender.stopped, run.enclosures
        composer = Composer(
            *(run.hub, run.on, facts, run.templates, stopped, enclosures),
            envelope_key=run.envelope_key,
        )
        for step in steps:
            if self._weight > MOST_BYTES:
                self._cut = step
                return
            if step.id in closed_now:
                yield Waits(step=step, reason=closed_now[step.id])
            elif rests(run.hub, step.source, facts.stage(step), run.on):
                yield Waits(step=step, reason=NO_WORKING_DAY)
            elif facts.lines(step):
                yield composer.compose(step)

    def _composed_and_archived(
        self, steps: Sequence[ReadyStep], facts: PageFacts
    ) -> tuple[list[Composed], list[archive.Entry]]:
        """Put the exact bytes on disk before any of them may leave.

        The disk writes a message through while the next ones are composed.
        """
        composed: list[Composed] = []

        def files() -> Iterator[tuple[bytes, str, str]]:
            for each in self._compose(steps, facts):
                composed.append(each)
                if isinstance(each, Leaving):
                    made = each.prepared
                    self._weight += len(made.content)
                    yield made.content, made.media_type, made.filename

        entries = archive.keep_all(self._run.hub.store, files())
        return composed, entries

    def _write_down(self, connection: Connection, composed: Sequence[Composed]) -> None:
        """Why the others are not sent."""
        run = self._run
        waiting = {each.step.id: each.reason for each in composed if isinstance(each, Waits)}
        outbox.set_reasons(connection, waiting)
        run.tally.waiting.update(waiting.values())
        for each in composed:
            if isinstance(each, Closed):
                self._close(connection, each)
            elif isinstance(each, Crashed):
                self._crashed(connection, each)

    def _close(self, connection: Connection, closed: Closed) -> None:
        run, step = self._run, closed.step
        if closed.bad_address:
            mark_bad(connection, step, closed.bad_address, run.hub.now(), closed.reason)
        if step.delivery:
            now = run.hub.now()
            outbox.finish(
                connection, step.delivery, DeliveryStatus.FAILED, at=now, reason=closed.reason
            )
        fail_steps(connection, [step.id], run.on, closed.reason)
        run.tally.failed += 1

    def _crashed(self, connection: Connection, crashed: Crashed) -> None:
        """A message that crashes the plugin repeatedly is poison; the others continue."""
        run, now = self._run, self._run.hub.now()
        attempts = crashed.attempts + 1
        wait = retry_delay(crashed.delivery, attempts)
        broken = _queued_again(crashed, run.on, attempts, now + wait if wait else None)
        outbox.enqueue(connection, [broken])
        if attempts < CRASHES:
            outbox.set_reasons(connection, {crashed.step.id: crashed.reason})
            run.tally.later += 1
            return
        outbox.finish(
            connection, crashed.delivery, DeliveryStatus.FAILED, at=now, reason=crashed.reason
        )
        fail_steps(connection, [crashed.step.id], run.on, crashed.reason)
        run.tally.failed += 1


def _with_digests(composed: Sequence[Composed], entries: Sequence[archive.Entry]) -> list[Leaving]:
    """The messages that leave, each with the digest of its archived bytes."""
    leaving = [each for each in composed if isinstance(each, Leaving)]
    kept = zip(leaving, entries, strict=True)
    return [replace(each, sha256=entry.sha256) for each, entry in kept]


def _queued(message: Leaving, on: date) -> QueuedDelivery:
    step = message.step
    return QueuedDelivery(
        id=message.delivery,
        step_id=step.id,
        source_id=step.source_id,
        client_id=step.client_id,
        on_date=on,
        medium=message.message.medium,
        channel=message.channel.id,
        to=message.address,
        attempts=message.attempts,
        prepared_ref=message.prepared.ref,
        sha256=message.sha256,
        enclosed=message.enclosed.row(),
        set_off=list(message.credits) or None,
        asked=to_minor(message.message.about.total, step.currency),
    )


def _queued_again(
    crashed: Crashed, on: date, attempts: int, again_at: datetime | None
) -> QueuedDelivery:
    step = crashed.step
    return QueuedDelivery(
        id=crashed.delivery,
        step_id=step.id,
        source_id=step.source_id,
        client_id=step.client_id,
        on_date=on,
        medium=step.medium,
        channel=crashed.channel.id,
        to=crashed.address,
        attempts=attempts,
        next_attempt_at=again_at,
        reason=crashed.reason,
    )
