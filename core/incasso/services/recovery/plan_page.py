"""Plan one page of clients: what is ordinary in sets, everything else weighed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from incasso.domain.recovery.facts import Rulebook
from incasso.domain.recovery.looks import keep_rules
from incasso.locale.reasons import REASONS, reason_text, task_reason
from incasso.services.recovery.client_day import waiting_keys
from incasso.services.recovery.ordinary_page import OrdinaryPage
from incasso.services.recovery.outcomes import Outcome, Outcomes
from incasso.services.recovery.plan_report import PlanReport
from incasso.services.recovery.planned_page import PagePlan
from incasso.services.recovery.settle import settle
from incasso.services.recovery.ways import Ways
from incasso.store.ledger import totals
from incasso.store.proof import journal
from incasso.store.recovery import agenda, looks, office_tasks, ordinary, ordinary_cases, planning
from incasso.store.recovery.agenda import Page
from incasso.store.recovery.facts import FactsReader, Trust
from incasso.store.recovery.looks import PageOfLooks
from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.ordinary import Columns
from incasso.store.recovery.ordinary_cases import NO_CASES
from incasso.store.recovery.planned_changes import Changes
from incasso.store.recovery.planning_rows import new_numbers, take_numbers
from incasso.store.recovery.write_opened import write_opened
from incasso.store.recovery.write_planned import write_changes
from incasso.store.tables.recovery import cases, steps


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

    def say(self, code: str) -> str:
        """A task's reason in the office's words."""
        return task_reason(code, self.language)


@dataclass(kw_only=True)
class _Page:
    """What both lanes of a page share: what is kept to tell the day."""

    looks: PageOfLooks = field(default_factory=PageOfLooks)
    places: dict[Outcome, int] = field(default_factory=dict)


def plan_page(
    connection: Connection,
    planner: Planner,
    reader: FactsReader,
    ways: Ways,
    clients: Page,
    report: PlanReport,
) -> None:
    """Look at everything due of these clients and write what comes of it, in the caller's
    transaction."""
    agenda.take_turn_at(connection, clients)
    planning.settle_page(connection)
    rows = ordinary.read_page(connection, clients, planner.on, reader.used)
    if not rows.numbers:
        return
    page = _Page()
    opened, left = _ordinary(connection, planner, reader, ways, page, rows, report)
    changes = _weighed(connection, planner, reader, ways.outcomes, page, left, report)
    ends = (rows.clients[0], rows.clients[-1])
    looks.keep_page(connection, planner.on, keep_rules(planner.rules), page.looks, ends)
    _record(connection, planner, opened, changes)  # last: other planners wait for it to end


def _ordinary(
    connection: Connection,
    planner: Planner,
    reader: FactsReader,
    ways: Ways,
    page: _Page,
    rows: Columns,
    report: PlanReport,
) -> tuple[OpenedPage, Sequence[int]]:
    """The set-based lane; with the installments that it leaves to the other."""
    running = [case for case in rows.cases if case is not None]
    known = ordinary_cases.read_cases(connection, running) if running else NO_CASES
    # None, too, where a case was closed at this moment.
    shared = ["" if case is None else known.shared.get(case) for case in rows.cases]
    owners = set(rows.clients)
    others = ordinary.clients_to_weigh(connection, reader, owners)
    others |= _of_odd_rows(rows, shared)
    work = OrdinaryPage(
        ways=ways,
        case_numbers=partial(take_numbers, connection, cases),
        step_numbers=partial(take_numbers, connection, steps),
        report=report,
        policy=planner.rules.policy,
        looks=page.looks,
        places=page.places,
        operators=known.operators,
    )
    if plain := owners - others:
        clients = reader.ordinary_clients.read_kinds(connection, plain)
        others |= work.take(rows, shared, clients, others)
    write_opened(connection, work.opened)
    both = zip(rows.clients, rows.numbers, strict=True)
    return work.opened, [number for owner, number in both if owner in others]


def _of_odd_rows(rows: Columns, shared: Sequence[str | None]) -> set[int]:
    """Clients of whom something is out of the ordinary, in a row or in its running case."""
    if None not in rows.alike and None not in shared:
        return set()
    every = zip(rows.clients, rows.alike, shared, strict=True)
    return {owner for owner, alike, of_case in every if alike is None or of_case is None}


def _weighed(
    connection: Connection,
    planner: Planner,
    reader: FactsReader,
    outcomes: Outcomes,
    page: _Page,
    due: Sequence[int],
    report: PlanReport,
) -> Changes:
    """Everything about these clients is read and weighed together."""
    if not due:
        return Changes()
    situations = reader.read(connection, planning.numbered(connection, due))
    owners = {situation.client.id for situation in situations}
    work = PagePlan(
        on=planner.on,
        outcomes=outcomes,
        case_numbers=new_numbers(connection, cases, len(due)),
        step_numbers=new_numbers(connection, steps, len(owners)),
        say=planner.say,
        report=report,
        policy=planner.rules.policy,
        heard=reader.heard,
        looks=page.looks,
        places=page.places,
    )
    waiting = planning.waiting_steps(connection, owners)
    work.await_people(waiting_keys(connection, waiting, reader.versions, outcomes), reader.versions)
    for situation in situations:
        work.take(situation)
    changes = work.finished()
    report.looked += len(situations)
    _write(connection, planner, changes, report)
    _agreements(connection, planner, reader, report)
    return changes


def _write(connection: Connection, planner: Planner, changes: Changes, report: PlanReport) -> None:
    words = {name: reason_text(name, planner.language) for name in REASONS}
    report.cancelled += write_changes(connection, changes, planner.on, words)
    if closed := [one for some in changes.closing.values() for one in some]:
        report.cancelled += office_tasks.cancel_idle(connection, closed, planner.on, words["open"])
        totals.cases_closed(connection, closed, planner.on)


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


def _record(connection: Connection, planner: Planner, opened: OpenedPage, changes: Changes) -> None:
    """The journal keeps what a page changed as counts."""
    made = [one[0] for one in opened.steps] + [one.id for one in changes.steps]
    facts = {
        "opened": len(opened.cases) + len(changes.cases),
        "steps": len(made),
        "first_step": min(made, default=None),
        "last_step": max(made, default=None),
        "closed": sum(map(len, changes.closing.values())),
        "left": sum(map(len, changes.leaving.values())),
    }
    if any(facts.values()):
        event = journal.Event(kind="steps.planned", actor=planner.by, on=planner.on, facts=facts)
        journal.record(connection, [event], at=planner.at)
