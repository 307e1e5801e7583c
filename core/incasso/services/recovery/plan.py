"""Plan a day: look at every installment that is due a look and write the steps it calls for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.recovery.facts import Rulebook
from incasso.domain.recovery.looks import keep_rules
from incasso.locale.reasons import REASONS, reason_text, task_reason
from incasso.services.office.actors import begin
from incasso.services.office.office import Office
from incasso.services.office.trust import trust_rule
from incasso.services.recovery.client_day import waiting_keys
from incasso.services.recovery.outcomes import Outcomes
from incasso.services.recovery.plan_report import PlanReport
from incasso.services.recovery.planned_page import PagePlan
from incasso.services.recovery.settle import settle
from incasso.store.bulk import transaction
from incasso.store.engine import Store
from incasso.store.proof import journal
from incasso.store.recovery import looks, office_tasks, planning
from incasso.store.recovery.agenda import Page
from incasso.store.recovery.facts import FactsReader, Trust
from incasso.store.recovery.iters import read_rules
from incasso.store.recovery.planned_changes import Changes
from incasso.store.recovery.planning_rows import new_numbers
from incasso.store.recovery.write_planned import write_changes
from incasso.store.tables.recovery import cases, steps

Progress = Callable[[str, int], None]

MOST_KNOWN = 20_000  # different facts kept between pages, about 1 kB each


@dataclass(frozen=True, kw_only=True)
class Planner:
    """What planning a day needs beside the database; simulate brings its own."""

    on: date
    rules: Rulebook
    trusted: Trust
    language: str
    at: datetime
    dry_run: bool = False
    by: str = "plan"
    """Who plans, for the journal."""


class _RollbackError(Exception):
    """Ends a trial: everything was written, nothing stays."""


def plan(
    office: Office,
    actor: Actor,
    on: date,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> PlanReport:
    """Write the steps of a business day; planning it twice changes nothing the second time.

    One transaction per page of clients: a process that dies loses nothing and doubles nothing,
    the next plan goes on where it stopped. With `dry_run` each page is rolled back.
    """
    if not dry_run:
        begin(office, actor, Work.PLAN, on)
    now = office.now()
    with office.store.read() as connection:
        rules = read_rules(connection)
    planner = Planner(
        on=on,
        rules=rules,
        trusted=trust_rule(office, on, now),
        language=office.config.language,
        at=now,
        dry_run=dry_run,
        by=actor.trace("plan"),
    )
    report = run_planner(office.store, planner, progress)
    if not dry_run and not report.looked:
        _keep_quiet_day(office.store, planner)
    return report


def _keep_quiet_day(store: Store, planner: Planner) -> None:
    """A plan that had nothing to look at was made all the same."""
    with store.write() as connection:
        if not looks.planned_on(connection, planner.on):
            rules = keep_rules(planner.rules)
            looks.keep_page(connection, planner.on, rules, looks.PageOfLooks(), None)


def run_planner(store: Store, planner: Planner, progress: Progress | None = None) -> PlanReport:
    """Plan every page that is due a look."""
    report = PlanReport(on=planner.on, dry_run=planner.dry_run)
    with store.read() as connection:
        pages = list(planning.due_pages(connection, planner.on))
    with planning.session(store) as connection:
        outcomes = Outcomes(planner.on)
        reader = FactsReader(
            connection, planner.rules, planner.on, trusted=planner.trusted, lock=True
        )
        for page in pages:
            with suppress(_RollbackError), transaction(connection):
                _plan_page(connection, planner, reader, outcomes, page, report)
                if planner.dry_run:
                    raise _RollbackError
            if len(outcomes.known) > MOST_KNOWN:
                outcomes.forget()
                reader.forget()
            if progress is not None:
                progress("installments", report.looked)
    return report


def _plan_page(
    connection: Connection,
    planner: Planner,
    reader: FactsReader,
    outcomes: Outcomes,
    page: Page,
    report: PlanReport,
) -> None:
    planning.take_turn(connection)
    due = planning.take_page(connection, page, planner.on)
    situations = [] if due is None else reader.read(connection, due)
    if not situations:
        return
    work = PagePlan(
        on=planner.on,
        outcomes=outcomes,
        case_numbers=new_numbers(connection, cases),
        step_numbers=new_numbers(connection, steps),
        say=lambda code: task_reason(code, planner.language),
        report=report,
        policy=planner.rules.policy,
        heard=reader.heard,
    )
    owners = {situation.client.id for situation in situations}
    waiting = planning.waiting_steps(connection, owners)
    work.await_people(waiting_keys(connection, waiting, reader.versions, outcomes), reader.versions)
    for situation in situations:
        work.take(situation)
    changes = work.finished()
    words = {name: reason_text(name, planner.language) for name in REASONS}
    report.cancelled += write_changes(connection, changes, planner.on, words)
    if closed := [one for some in changes.closing.values() for one in some]:
        report.cancelled += office_tasks.cancel_idle(connection, closed, planner.on, words["open"])
    _agreements(connection, planner, reader, report)
    report.looked += len(situations)
    _record(connection, planner, changes)
    ends = (situations[0].client.id, situations[-1].client.id)
    looks.keep_page(connection, planner.on, keep_rules(planner.rules), work.looks, ends)


def _agreements(
    connection: Connection, planner: Planner, reader: FactsReader, report: PlanReport
) -> None:
    """Promises and plans that are kept or broken by now."""
    settle(
        connection,
        reader.settled,
        reader.sources,
        report,
        on=planner.on,
        at=planner.at,
        by=planner.by,
    )
    reader.settled.clear()


def _record(connection: Connection, planner: Planner, changes: Changes) -> None:
    """The journal keeps what a page changed as counts."""
    facts = {
        "opened": len(changes.cases),
        "steps": len(changes.steps),
        "first_step": changes.steps[0].id if changes.steps else None,
        "last_step": changes.steps[-1].id if changes.steps else None,
        "closed": sum(map(len, changes.closing.values())),
        "left": sum(map(len, changes.leaving.values())),
    }
    if any(facts.values()):
        event = journal.Event(kind="steps.planned", actor=planner.by, on=planner.on, facts=facts)
        journal.record(connection, [event], at=planner.at)
