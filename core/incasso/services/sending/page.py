"""One page of a dispatch: recheck, compose, send, count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from incasso.domain.money import to_minor
from incasso.domain.recovery.iters import Stage
from incasso.services.hub.events import tell_plugins
from incasso.services.sending.answers import ACTOR
from incasso.services.sending.caps import Postponed, hold_back, postponed
from incasso.services.sending.compose import Composer
from incasso.services.sending.composed import Composed, Leaving, Waits
from incasso.services.sending.composer_process import ComposerProcess
from incasso.services.sending.conclude import conclude_for
from incasso.services.sending.contact_hours import NO_WORKING_DAY, outside_hours, rests
from incasso.services.sending.intents import intents_of
from incasso.services.sending.last_look import last_look
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.run import Run
from incasso.services.sending.send import FRESH
from incasso.services.sending.taken_ahead import WrittenAhead
from incasso.services.sending.telling import prepare_copies
from incasso.services.sending.unsent import write_down
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
        self.steps = tuple(steps)
        """All of them, as they were claimed."""
        self._ahead: WrittenAhead | None = None
        self._looked_at = run.hub.now()
        self._cut: ReadyStep | None = None
        self._weight = 0

    def write_ahead(self, composer: ComposerProcess, busy: Collection[int]) -> None:
        """Look at the steps now and let another process write their messages, but not those of
        clients who are `busy` with a page that leaves before: what they hear first, or that it
        came back, may change the next."""
        run = self._run
        self._looked_at = run.hub.now()
        later = [step for step in self._steps if step.client_id in busy]
        looked = last_look(run, [step for step in self._steps if step.client_id not in busy])
        self._steps = sorted([*looked, *later], key=_turn)
        self._ahead = WrittenAhead(composer, looked, self._run.sender.stopped)

    def send(self) -> ReadyStep | None:
        """Sends what may leave; returns the first step left over, if the recheck has expired or
        the documents of the others exceed the memory limit."""
        run, hub = self._run, self._run.hub
        ahead = self._taken_ahead()
        composed, entries, looked_at = self._written_now()
        if ahead and self._is_old():  # an ERP may take seconds for a document of the others
            self._cut = min(filter(None, (ahead[0][0].step, self._cut)), key=_turn)
        elif ahead:
            entries += [entry for _, entry in ahead]
            composed += [message for message, _ in ahead]
            looked_at = min(looked_at, self._looked_at)
        leaving = [each for each in _leaving(composed) if run.is_ours(each)]
        leaving.sort(key=lambda each: _turn(each.step))
        with run.turn.write() as connection:
            leaving = self._still_within_caps(connection, leaving)
            archive.note(connection, entries, at=hub.now())
            outbox.enqueue(connection, [_queued(each, run.on) for each in leaving])
            write_down(run, connection, composed)
            prepare_copies(connection, leaving, run.on)
            intents = intents_of(connection, leaving, run.on, hub.now())
        run.log.intend(intents)
        if intents:
            run.announcer.before(len(intents))
        left_over = run.sender.send(leaving, looked_at)
        run.log.page_done()
        run.events += conclude_for(hub, run.turn, [run.turn.owner], ACTOR)
        with run.turn.write() as connection:
            outbox_queue.unclaim(connection, run.turn.owner, [step.id for step in self.steps])
        events, run.events = run.events, []
        tell_plugins(hub, events, hub.now())
        return left_over[0].step if left_over else self._cut

    def _taken_ahead(self) -> list[tuple[Leaving, archive.Entry]]:
        """What was written meanwhile; the other steps remain."""
        found = [] if self._ahead is None else self._ahead.taken(self._run.hub, self._steps)
        if self._is_old():
            found = []
        done = {each.step.id for each, _ in found}
        self._steps = [step for step in self._steps if step.id not in done]
        self._weight = sum(entry.size for _, entry in found)
        return found

    def _is_old(self) -> bool:
        return self._run.hub.now() - self._looked_at > FRESH

    def _written_now(self) -> tuple[list[Composed], list[archive.Entry], datetime]:
        """The messages of the steps that remain, the entries of their bytes, and when it was
        looked whether they may leave."""
        run, hub = self._run, self._run.hub
        looked_at = hub.now()
        if not self._steps:
            return [], [], looked_at
        steps, facts = self._looked()
        run.enclosures.gather(steps, facts)
        if hub.now() - looked_at > FRESH:  # an ERP may take seconds for a document
            looked_at, self._steps = hub.now(), steps
            steps, facts = self._looked()
        composed, entries = self._composed_and_archived(steps, facts)
        return _with_digests(composed, entries), entries, looked_at

    def _looked(self) -> tuple[list[ReadyStep], PageFacts]:
        """The steps that may still leave, with everything that their messages speak of."""
        run = self._run
        steps = last_look(run, self._steps)
        with run.hub.store.read() as connection:
            facts = PageFacts(run.hub, connection, steps, run.iter_of, run.on)
            beside = self._beside(connection, steps)
            late = postponed(run.hub, connection, steps, facts, run.on, beside)
        if late:
            with run.turn.write() as connection:
                steps = self._held_back(connection, steps, late)
        return steps, facts

    def _beside(self, connection: Connection, steps: Sequence[ReadyStep]) -> list[ReadyStep]:
        """What other channels have to send to the same clients now: it may come first."""
        run, clients = self._run, {step.client_id for step in steps}
        if not run.is_beside:
            return []
        mine = {step.id for step in steps}
        found = outbox_queue.to_clients(connection, clients, run.on, run.hub.now(), run.everybody)
        return [step for step in found if step.id not in mine]

    def _held_back(
        self, connection: Connection, steps: Sequence[ReadyStep], late: Sequence[Postponed]
    ) -> list[ReadyStep]:
        """The steps without those that the contact policy puts off."""
        hold_back(self._run.hub, connection, late, self._run.on)
        self._run.tally.waiting.update(one.reason for one in late)
        gone = {one.step.id for one in late}
        return [step for step in steps if step.id not in gone]

    def _still_within_caps(
        self, connection: Connection, leaving: Sequence[Leaving]
    ) -> list[Leaving]:
        """Where several dispatchers or channels work, another may have written to the same clients
        since the last look; from here on it waits until these messages are in the queue."""
        steps = [each.step for each in leaving]
        sources = {step.source_id for step in steps}
        if not (outbox.others_may_send(connection, sources) or self._run.is_beside):
            return list(leaving)
        known, beside = _OfMessages(leaving, self._run), self._beside(connection, steps)
        late = postponed(self._run.hub, connection, steps, known, self._run.on, beside)
        staying = {step.id for step in self._held_back(connection, steps, late)}
        return [each for each in leaving if each.step.id in staying]

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
            if run.is_over:
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


class _OfMessages:
    """What the contact policy asks, of messages that are written."""

    def __init__(self, leaving: Sequence[Leaving], run: Run) -> None:
        self._of = {each.step.id: each for each in leaving}
        self._iter_of = run.iter_of

    def stage(self, step: ReadyStep) -> Stage:
        if step.id in self._of:
            return self._of[step.id].stage
        return self._iter_of(step.iter_version_id).stage(step.stage) or Stage(key=step.stage)

    def code(self, step: ReadyStep) -> str:
        return self._of[step.id].message.about.client if step.id in self._of else ""


def _turn(step: ReadyStep) -> tuple[date, int]:
    return step.due_on, step.id


def _leaving(composed: Sequence[Composed]) -> list[Leaving]:
    return [each for each in composed if isinstance(each, Leaving)]


def _with_digests(composed: Sequence[Composed], entries: Sequence[archive.Entry]) -> list[Composed]:
    """The same, each message that leaves with the digest of its archived bytes."""
    kept = iter(entries)
    return [
        replace(each, sha256=next(kept).sha256) if isinstance(each, Leaving) else each
        for each in composed
    ]


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
