"""Plan a day: look at every installment that is due a look and write the steps it calls for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date

from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.recovery.looks import keep_rules
from incasso.services.office.actors import begin
from incasso.services.office.office import Office
from incasso.services.office.trust import trust_rule
from incasso.services.recovery.outcomes import Outcomes
from incasso.services.recovery.plan_page import Planner, plan_page
from incasso.services.recovery.plan_report import PlanReport
from incasso.services.recovery.ways import Ways
from incasso.store.bulk import transaction
from incasso.store.engine import Store
from incasso.store.recovery import looks, planning, write_opened
from incasso.store.recovery.agenda import EVERYBODY, Page
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.iters import read_rules

Progress = Callable[[str, int], None]

MOST_KNOWN = 20_000  # different facts kept between pages, about 1 kB each


@contextmanager
def without_collector() -> Iterator[None]:
    """A page makes many small tuples and no circles: looking for those costs it a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _RollbackError(Exception):
    """Ends a trial: everything was written, nothing stays."""


def plan(
    office: Office,
    actor: Actor,
    on: date,
    dry_run: bool = False,
    progress: Progress | None = None,
    *,
    clients: Page = EVERYBODY,
) -> PlanReport:
    """Write the steps of a business day; planning it twice changes nothing the second time.

    One transaction per page of clients: a process that dies loses nothing and doubles nothing,
    the next plan goes on where it stopped. With `dry_run` each page is rolled back. `clients` are
    the first and the last to plan: other processes may plan the others at the same time.
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
    report = run_planner(office.store, planner, progress, clients)
    if not dry_run and not report.looked:
        _keep_quiet_day(office.store, planner)
    return report


def _keep_quiet_day(store: Store, planner: Planner) -> None:
    """A plan that had nothing to look at was made all the same."""
    with store.write() as connection:
        if not looks.planned_on(connection, planner.on):
            rules = keep_rules(planner.rules)
            looks.keep_page(connection, planner.on, rules, looks.PageOfLooks(), None)


def run_planner(
    store: Store,
    planner: Planner,
    progress: Progress | None = None,
    clients: Page = EVERYBODY,
) -> PlanReport:
    """Plan every page of these clients that is due a look."""
    report = PlanReport(on=planner.on, dry_run=planner.dry_run)
    with store.read() as connection:
        pages = list(planning.due_pages(connection, planner.on, clients=clients))
    if not pages:
        return report
    with planning.session(store) as connection:
        write_opened.prepare(connection)
        reader = FactsReader(
            connection, planner.rules, planner.on, trusted=planner.trusted, lock=True
        )
        ways = Ways(Outcomes(planner.on), reader, planner.say)
        for page in pages:
            with suppress(_RollbackError), transaction(connection), without_collector():
                plan_page(connection, planner, reader, ways, page, report)
                if planner.dry_run:
                    raise _RollbackError
            if len(ways.outcomes.known) > MOST_KNOWN or len(ways) > MOST_KNOWN:
                ways.forget()
                reader.forget()
            if progress is not None:
                progress("installments", report.looked)
    return report
