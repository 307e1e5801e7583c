"""A trial run of dispatch: composes every message, tries every channel, sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec.structs import replace

from incasso.contract.errors import PluginError
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.sending.budgets import spent_up
from incasso.services.sending.caps import postponed
from incasso.services.sending.compose import Composer
from incasso.services.sending.composed import Closed, Leaving, Waits
from incasso.services.sending.contact_hours import NO_WORKING_DAY, rests
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.page_facts import PageFacts, gathers, is_internal
from incasso.services.sending.published import iters, templates
from incasso.services.sending.recheck import untrusted
from incasso.services.sending.report import DispatchCounts, DispatchReport
from incasso.services.sending.run import PAGE
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.sending import outbox_queue, page_reads
from incasso.store.sending.outbox_queue import ReadyStep


def try_dispatch(
    hub: Hub, on: date, progress: Callable[[str, int], None] | None = None
) -> DispatchReport:
    """What would leave now. Channels do everything but the last call; the ERP is not asked."""
    trial = _Trial(hub, on)
    after, dealt_with = (date.min, 0), 0
    while steps := trial.page(after):
        trial.try_page(steps)
        after = (steps[-1].due_on, steps[-1].id)
        dealt_with += len(steps)
        if progress is not None:
            progress("messages", dealt_with)
    return trial.tally.report(on, really_sent=False)


class _Trial:
    def __init__(self, hub: Hub, on: date) -> None:
        self.hub, self.on = hub, on
        self.tally = DispatchCounts()
        self.untrusted = untrusted(hub, on)
        self.templates = templates(hub)
        self.iter_of = iters(hub)
        self.summaries: set[str] = set()
        """Which of them it has met."""
        self.enclosures = Enclosures(DocumentFetcher(hub, on, trial=True))
        with hub.store.read() as connection:
            self.stopped = spent_up(hub, connection, on)

    def page(self, after: tuple[date, int]) -> Sequence[ReadyStep]:
        with self.hub.store.read() as connection:
            return outbox_queue.ready(connection, self.on, self.hub.now(), after, PAGE)

    def try_page(self, steps: Sequence[ReadyStep]) -> None:
        with self.hub.store.read() as connection:
            mixed = page_reads.lines(connection, [step.id for step in steps])
            cases = [line.case_id for found in mixed.values() for line in found]
            blocked = blocked_now(connection, cases, self.on) if cases else {}
            facts = PageFacts(self.hub, connection, steps, self.iter_of, self.on, blocked)
            asked = [step for step in steps if facts.lines(step)]
            late = {
                one.step.id: one.reason
                for one in postponed(self.hub, connection, asked, facts, self.on)
            }
        self.tally.left_out += len(blocked)
        composer = Composer(self.hub, self.on, facts, self.templates, self.stopped, self.enclosures)
        for step in steps:
            if step.source in self.untrusted:
                self.tally.waiting[self.untrusted[step.source]] += 1
            elif rests(self.hub, step.source, facts.stage(step), self.on):
                self.tally.waiting[NO_WORKING_DAY] += 1
            elif step.id in late:
                self.tally.waiting[late[step.id]] += 1
            elif facts.lines(step):
                self._try_all(composer, facts, step)

    def _try_all(self, composer: Composer, facts: PageFacts, step: ReadyStep) -> None:
        """Each of our own people gets a message of their own, and one summary for all clients."""
        people = facts.recipients(step) if is_internal(step) and not step.recipient else ()
        if not people:
            self._try(composer, step)
        for who in people:
            told = replace(step, recipient=who.address, recipient_name=who.name)
            summary = gathers(step, facts, who) if facts.stage(step).summary else ""
            if not summary or summary not in self.summaries:
                self._try(composer, told)
            self.summaries.add(summary)

    def _try(self, composer: Composer, step: ReadyStep) -> None:
        match composer.compose(step):
            case Leaving(channel=channel, message=message, prepared=prepared) as leaving:
                try:
                    channel.send(message, prepared, attempt=1, dry_run=True, on=self.on)
                except PluginError as error:
                    self.tally.waiting[str(error)] += 1
                else:
                    self.tally.left(leaving)
            case Waits(reason=reason):
                self.tally.waiting[reason] += 1
            case Closed():
                self.tally.failed += 1
            case _:
                self.tally.later += 1
