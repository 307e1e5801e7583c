"""One whole cycle: ledger, receipts, reports in; plan; messages out. No failure stops the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Final, TypeVar

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import CLOCK, Actor
from incasso.services.hub.broke import broke
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.services.office.actors import begin
from incasso.services.office.totals import roll
from incasso.services.placement.cycle import exchange_out
from incasso.services.placement.papers import paper_notes
from incasso.services.placement.take import ExchangeReport, take_in
from incasso.services.placement.tell_refusals import tell_refusals, unanswered
from incasso.services.placement.watch_ledger import watch_ledger
from incasso.services.proof.anchoring import catch_up
from incasso.services.proof.standing import may_leave
from incasso.services.recovery.plan import plan
from incasso.services.recovery.plan_report import PlanReport
from incasso.services.sending.collect import CollectReport, collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.report import DispatchReport
from incasso.store.ledger import sources
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

T = TypeVar("T")

Progress = Callable[[str, int], None]

QUIET: Final = timedelta(days=7)
"""A working company books something every week; an unchanged ledger is a broken export."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One part of the cycle that broke; the others went on."""

    part: str
    """e.g. "sync acme", "plan"."""
    reason: str


@dataclass(kw_only=True)
class CycleReport:
    """What one cycle did. A part that broke has no report, but a failure."""

    on: date
    syncs: list[SyncReport] = field(default_factory=list)
    collected: CollectReport | None = None
    exchanged: ExchangeReport | None = None
    planned: PlanReport | None = None
    dispatched: DispatchReport | None = None
    failures: list[Failure] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    """Problems that were not reported and need attention."""

    @property
    def good(self) -> bool:
        """Whether everything went as it should, alarms aside."""
        unprotected = self.dispatched is not None and self.dispatched.unprotected
        return not (self.failures or unprotected) and all(report.good for report in self.syncs)


def run(
    hub: Hub,
    actor: Actor,
    on: date,
    really_send: bool = True,
    progress: Progress | None = None,
    *,
    longest_rest: timedelta = timedelta(0),
) -> CycleReport:
    """Sync every source, collect, take in what providers sent, plan, dispatch; safe to kill and to
    start again.

    A part that breaks is reported and written in the journal, and the next part begins. Without
    `really_send` nothing leaves. `longest_rest` as in `dispatch`. Raises ActorError, BehindError.
    """
    begin(hub, actor, Work.RUN, on)
    if really_send:
        may_leave(hub)
    report = CycleReport(on=on)
    for connector in hub.registry.connectors():
        work = partial(sync, hub, CLOCK, connector.id, on, progress=progress)
        done = _part(report, f"sync {connector.id}", work)
        if done is not None:
            report.syncs.append(done)
    report.collected = _part(report, "collect", lambda: collect(hub, CLOCK, on, progress))
    _part(report, "placed credits", lambda: watch_ledger(hub, on))
    # A trial on another day would put files away, and refuse rows of days that it calls the future.
    if really_send:
        report.exchanged = _part(report, "exchange", lambda: take_in(hub, CLOCK, on))
        _part(report, "answers", lambda: report.alarms.extend(unanswered(tell_refusals(hub, on))))
    report.planned = _part(report, "plan", lambda: plan(hub, CLOCK, on, progress=progress))
    report.dispatched = _part(
        report,
        "dispatch",
        lambda: dispatch(hub, CLOCK, on, really_send, progress, longest_rest=longest_rest),
    )
    if really_send:
        _part(report, "lots", lambda: report.alarms.extend(exchange_out(hub, CLOCK, on).remarks))
    if report.collected is not None:
        report.alarms.extend(report.collected.remarks)
    if report.exchanged is not None:
        report.alarms.extend(report.exchanged.remarks)
    _part(report, "totals", lambda: roll(hub, on))
    _part(report, "alarms", lambda: report.alarms.extend(silent_sources(hub, on)))
    _part(report, "alarms", lambda: report.alarms.extend(paper_notes(hub, on)))
    _part(report, "journal", lambda: _log_report(hub, actor, report))
    _part(report, "anchor", lambda: catch_up(hub.store))
    return report


def _part(report: CycleReport, name: str, work: Callable[[], T]) -> T | None:
    """One part, whatever happens in it."""
    try:
        return work()
    except IncassoError as error:
        report.failures.append(Failure(part=name, reason=str(error)))
    except Exception as error:
        # Whatever broke here must not keep receipts from being read or messages from leaving.
        _log.exception("%s broke", name)
        report.failures.append(Failure(part=name, reason=broke(error)))
    return None


def silent_sources(hub: Hub, on: date) -> list[str]:
    """Sources that are read well and never bring anything new."""
    with hub.store.read() as connection:
        silent = sources.unchanged_since(connection)
    return [
        text(
            "{source}: nothing has changed since {since}; does the export still run?",
            source=source,
            since=since,
        )
        for source, since in sorted(silent.items())
        if on - since >= QUIET
    ]


def _log_report(hub: Hub, actor: Actor, report: CycleReport) -> None:
    facts = {
        "syncs": {each.source: each.status for each in report.syncs},
        "failures": {each.part: each.reason for each in report.failures},
        "unprotected": report.dispatched.unprotected if report.dispatched else [],
        "alarms": report.alarms,
    }
    kind = "run.finished" if report.good else "run.failed"
    with hub.store.write() as connection:
        event = Event(kind=kind, actor=actor.trace("run"), on=report.on, facts=facts)
        journal.record(connection, [event], at=hub.now())
