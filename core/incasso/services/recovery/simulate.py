"""Simulate: what the coming days would bring, by planning them on a throw-away copy.

The copy is planned by the very code that plans the real database, so it cannot disagree with it.
What is assumed: no payment arrives, ledgers are read every day, every message is accepted on the
day it is planned (and never proven delivered), people do nothing unless asked to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection

from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iter_file import IterFile
from incasso.domain.recovery.iters import Mode, Stage
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.services.cases.progress import count_steps, park_cases
from incasso.services.cases.stages import stages_of
from incasso.services.office.office import Office
from incasso.services.recovery.plan import run_planner
from incasso.services.recovery.plan_page import Planner
from incasso.services.recovery.plan_report import PlanReport
from incasso.store.engine import Store
from incasso.store.recovery import agenda, forecasting
from incasso.store.recovery import iters as iter_store
from incasso.store.recovery.forecasting import MadeStep, StepOfDay, UsualCost
from incasso.store.recovery.iters import read_rules
from incasso.store.recovery.trial_copy import trial_copy
from incasso.store.sending import house_steps

Progress = Callable[[str, int], None]
People = Literal["nothing", "done"]


@dataclass(frozen=True, kw_only=True)
class ForecastStep:
    """One step that would be made."""

    on: date
    source: str
    client: str
    client_name: str
    iter: str
    stage: str
    action: Action
    medium: str
    mode: Mode
    status: StepStatus
    installments: int
    total: Decimal
    currency: str
    cost: Decimal | None
    """What such a message cost on average so far; None if nothing is known."""
    cost_currency: str = "EUR"


@dataclass(kw_only=True)
class Simulation:
    """The forecast: every step, and the days' reports."""

    on: date
    days: int
    steps: list[ForecastStep] = field(default_factory=list)
    reports: list[PlanReport] = field(default_factory=list)

    def counted(self, *names: str) -> Counter[tuple[Any, ...]]:
        """How many steps by any of their fields, e.g. `counted("on", "medium")`."""
        return Counter(tuple(getattr(step, name) for name in names) for step in self.steps)

    def costs(self) -> dict[str, Decimal]:
        """What the messages would cost, by currency, as far as it is known."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for step in self.steps:
            if step.cost is not None:
                found[step.cost_currency] += step.cost
        return dict(found)


def simulate(
    office: Office,
    scope: Scope,
    on: date,
    days: int,
    iters: IterFile | None = None,
    *,
    people: People = "nothing",
    progress: Progress | None = None,
) -> Simulation:
    """Plan `days` days from `on` as they would come; the real database is not changed.

    With `iters` as if that file had been published before the first day. The whole ledger is
    planned, because clients share caps; only steps of clients in the scope are given.
    """
    found = Simulation(on=on, days=days)
    with office.store.read() as connection:
        costs = forecasting.usual_costs(connection)
    born: dict[int, StepStatus] = {}
    with trial_copy(office.store, on) as copy:
        if iters is not None:
            _publish(copy, iters, office, on)
        for number in range(days):
            day = on + timedelta(days=number)
            found.reports.append(_live(copy, office, day, people, born))
            if progress is not None:
                progress("days", number + 1)
        with copy.read() as connection:
            # Read last: a step that waits for a person takes in what falls due after it.
            rows = forecasting.steps_of(connection, scope, born)
            found.steps = [_forecast(row, born[row.id], costs) for row in rows]
    return found


def _publish(copy: Store, read: IterFile, office: Office, on: date) -> None:
    with copy.write() as connection:
        for one in read.iters:
            iter_store.publish(connection, one, at=office.now(), by="simulate")
        if read.exclusions is not None:
            iter_store.save_setting(connection, "exclusions", read.exclusions)
        if read.policy is not None:
            iter_store.save_setting(connection, "contact_policy", read.policy)
        agenda.review_all(connection, on)


def _live(
    copy: Store,
    office: Office,
    day: date,
    people: People,
    born: dict[int, StepStatus],
) -> PlanReport:
    """One day: plan it, note its steps and their status, carry out what would leave."""
    with copy.read() as connection:
        rules = read_rules(connection)
        last = forecasting.last_step(connection)
    planner = Planner(
        on=day,
        rules=rules,
        trusted=lambda *_: True,
        language=office.config.language,
        at=office.now(),
    )
    report = run_planner(copy, planner)
    with copy.read() as connection:
        born |= forecasting.steps_after(connection, last)
    with copy.write() as connection:
        carry_out(connection, day, people)
    return report


def _forecast(row: MadeStep, status: StepStatus, costs: Mapping[str, UsualCost]) -> ForecastStep:
    leaves = row.action.by_message and row.mode is not Mode.MANUAL
    cost = costs.get(row.medium) if leaves else None
    return ForecastStep(
        on=row.due_on,
        source=row.source,
        client=row.client,
        client_name=row.client_name,
        iter=row.iter or "",
        stage=row.stage,
        action=row.action,
        medium=row.medium,
        mode=row.mode,
        status=status,
        installments=row.installments,
        total=from_minor(row.total, row.currency),
        currency=row.currency,
        cost=None if cost is None else from_minor(cost.amount, cost.currency),
        cost_currency="EUR" if cost is None else cost.currency,
    )


def carry_out(connection: Connection, day: date, people: People) -> None:
    """What dispatch, and people if they work, would do with the steps of the day."""
    rows = forecasting.steps_of_day(connection, day, people=people == "done")
    stages = stages_of(connection, rows)
    sent: dict[date | None, list[int]] = defaultdict(list)
    for row in rows:
        if row.leaves:
            sent[stages[row.step_id].proof_until(day)].append(row.step_id)
        elif row.action.traits.proposed:
            house_steps.hand_over(connection, row.step_id, row.reason)
        else:
            _in_the_house(connection, row, stages[row.step_id], day)
    for proof_until, ids in sent.items():
        forecasting.accept(connection, ids, day, proof_until)
        if proof_until is None:
            count_steps(connection, ids, day)
        else:
            agenda.review_steps(connection, ids, proof_until + timedelta(days=1))


def _in_the_house(connection: Connection, row: StepOfDay, stage: Stage, day: date) -> None:
    inside = forecasting.cases_of(connection, row.step_id)
    count_steps(connection, [row.step_id], day)
    match row.action.traits.moves_case_to:
        case CaseState.PARKED:
            park_cases(connection, inside, stage.container)
        case CaseState.CLOSED:
            house_steps.close(connection, inside, day, stage.label or stage.key)
