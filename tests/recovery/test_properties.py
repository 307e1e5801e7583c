"""What holds for every ledger and every iter: planning, explaining and simulating agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incasso.contract.ledger import PaymentMethod
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Anchor, CatchUp, Grouping, Iter
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.explain import explain
from incasso.services.recovery.simulate import carry_out, simulate
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.recovery import cases, step_cases, steps
from tests.profiles import tries
from tests.recovery.ledgers import Debt, Debtor, Ledger, fill, iters, ledgers, small_office
from tests.recovery.office import TODAY, Office, stage

NOT_LEFT = ("proposed", "ready")
slowly = tries(15)


def one_day(office: Office, on: date) -> None:
    """Plan a day and carry out what the hub does by itself."""
    office.plan(on)
    with office.store.write() as connection:
        carry_out(connection, on, "nothing")


def everything(office: Office) -> list[Any]:
    tables = (cases, steps, step_cases, installments)
    return [sorted(map(tuple, office.rows(sa.select(table))), key=repr) for table in tables]


@slowly
@given(ledgers(), iters(), st.integers(0, 30))
def test_planning_is_idempotent(ledger: Ledger, procedure: Iter, days: int) -> None:
    with small_office() as office:
        fill(office, ledger, procedure)
        office.plan(office.days(days))
        before = everything(office)
        office.plan(office.on)
        assert everything(office) == before
        office.look()
        office.plan(office.on)
        assert _steps_and_cases(office) == before[:3]


def _steps_and_cases(office: Office) -> list[Any]:
    return everything(office)[:3]


@slowly
@given(ledgers(), iters(), st.lists(st.integers(0, 9), max_size=6), st.integers(1, 20))
def test_a_paid_installment_is_in_no_step_that_has_not_left(
    ledger: Ledger, procedure: Iter, payments: list[int], days: int
) -> None:
    with small_office() as office:
        known = fill(office, ledger, procedure)
        one_day(office, TODAY)
        office.on = office.days(days)
        for place in payments:
            if place < len(known):
                office.pay(known[place])
        office.plan(office.on)
        inside = (
            sa.select(installments.c.status)
            .join(cases, cases.c.installment_id == installments.c.id)
            .join(step_cases, step_cases.c.case_id == cases.c.id)
            .join(steps, steps.c.id == step_cases.c.step_id)
            .where(steps.c.status.in_(NOT_LEFT))
        )
        assert {row.status for row in office.rows(inside)} <= {"open"}


@slowly
@given(ledgers(), iters(), st.lists(st.integers(0, 9), max_size=3))
def test_sums_add_up_and_nothing_is_mixed(
    ledger: Ledger, procedure: Iter, payments: list[int]
) -> None:
    with small_office() as office:
        known = fill(office, ledger, procedure)
        for number in range(0, 40, 4):
            one_day(office, office.days(number))
            if number // 4 < len(payments) and payments[number // 4] < len(known):
                office.pay(known[payments[number // 4]])
        joined = (
            sa.select(
                steps.c.id,
                steps.c.total,
                steps.c.currency,
                steps.c.language,
                steps.c.client_id,
                step_cases.c.residual,
                installments.c.currency.label("owed_in"),
                installments.c.client_id.label("owed_by"),
                clients.c.country,
            )
            .join(step_cases, step_cases.c.step_id == steps.c.id)
            .join(cases, cases.c.id == step_cases.c.case_id)
            .join(installments, installments.c.id == cases.c.installment_id)
            .join(clients, clients.c.id == installments.c.client_id)
        )
        sums: Counter[int] = Counter()
        for row in office.rows(joined):
            sums[row.id] += row.residual
            assert row.currency == row.owed_in
            assert row.client_id == row.owed_by
            assert row.language == {"IT": "it", "FR": "fr"}[row.country]
        assert {step.id: step.total for step in office.steps() if step.total} == dict(sums)


@slowly
@given(ledgers(), iters(), iters(), st.booleans())
def test_no_message_holds_what_is_past_due_and_what_is_not(
    ledger: Ledger, transfers: Iter, bills: Iter, first: bool
) -> None:
    """Neither by grouping nor across iters nor in what waits for a person, whichever is first."""
    riba = Match(payment_methods=(PaymentMethod("riba"),))
    bills = replace(bills, key="bills", match=riba, priority=10 if first else 200)
    if not first:
        transfer = Match(payment_methods=(PaymentMethod("transfer"),))
        transfers = replace(transfers, match=transfer)
    with small_office() as office:
        office.publish(bills)
        fill(office, ledger, transfers)
        for number in range(30):
            on = office.days(number)
            office.plan(on)
            assert all(len(past) == 1 for past in _past_due(office, on).values())
            with office.store.write() as connection:
                carry_out(connection, on, "nothing")


def _past_due(office: Office, on: date) -> dict[int, set[bool]]:
    """By message that has not left: whether what it holds is past due."""
    query = (
        sa.select(step_cases.c.step_id, installments.c.due_date)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .where(steps.c.status.in_(NOT_LEFT), steps.c.action == Action.SEND)
    )
    found: dict[int, set[bool]] = {}
    for row in office.rows(query):
        found.setdefault(row.step_id, set()).add(row.due_date < on)
    return found


@slowly
@given(ledgers(), iters())
def test_no_stage_comes_twice_and_never_two_on_one_day(ledger: Ledger, procedure: Iter) -> None:
    with small_office() as office:
        fill(office, ledger, procedure)
        came = lived(office, range(45))
        assert len({(one.installment, one.stage, one.cycle) for one in came}) == len(came)
        assert len({(one.installment, one.on) for one in came}) == len(came)


class Came(NamedTuple):
    """An installment came into a step of that stage."""

    installment: str
    stage: str
    cycle: int
    on: date


def lived(office: Office, numbers: Iterable[int]) -> list[Came]:
    """Live through these days; what came on each of them.

    The day is noted as it goes by: a step that waits for a person keeps the day it was made for,
    and takes in what falls due later.
    """
    query = (
        sa.select(installments.c.key, step_cases.c.stage, step_cases.c.cycle)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .order_by(installments.c.key, step_cases.c.stage)
    )
    came: list[Came] = []
    inside: Counter[tuple[str, str, int]] = Counter()
    for number in numbers:
        one_day(office, office.days(number))
        now = Counter((row.key, row.stage, row.cycle) for row in office.rows(query))
        came += [Came(*one, office.days(number)) for one in (now - inside).elements()]
        inside = now
    return came


@slowly
@given(ledgers(), iters(), st.integers(0, 25))
def test_explain_says_what_plan_then_does(ledger: Ledger, procedure: Iter, days: int) -> None:
    with small_office() as office:
        known = fill(office, ledger, procedure)
        one_day(office, TODAY)
        office.on = office.days(days + 1)
        office.trust(office.on)
        told = {}
        for number in range(len(known)):
            (said,) = explain(office.hub, Scope.everything(), f"acme/R{number + 1}", office.on)
            told[said.subject] = said
            assert said.text
        before = _in_steps(office).items()
        office.plan(office.on)
        new = {
            f"acme/{key}": stage_key
            for key, (_, stage_key) in dict(_in_steps(office).items() - before).items()
        }
        expected = {
            subject: said.stage for subject, said in told.items() if said.decision == "step"
        }
        assert new == expected
        for subject, said in told.items():
            if said.decision == "blocked":
                assert any(condition.blocks for condition in said.conditions), subject


def _in_steps(office: Office) -> dict[str, tuple[int, str]]:
    """The newest step of each installment, and its stage there."""
    query = (
        sa.select(installments.c.key, step_cases.c.stage, step_cases.c.step_id)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
    )
    found: dict[str, tuple[int, str]] = {}
    for row in office.rows(query):
        found[row.key] = max(found.get(row.key, (0, "")), (row.step_id, row.stage))
    return found


@slowly
@given(ledgers(), iters())
def test_simulating_says_what_the_days_then_bring(ledger: Ledger, procedure: Iter) -> None:
    with small_office() as office:
        fill(office, ledger, procedure)
        before = everything(office)
        forecast = simulate(office.hub, Scope.everything(), TODAY, 60)
        assert everything(office) == before
        for number in range(60):
            one_day(office, office.days(number))
        told: Counter[Any] = Counter(
            (s.on, s.client, s.stage, s.action, s.medium, s.installments, s.total, s.currency)
            for s in forecast.steps
        )
        assert told == _made(office)


def _made(office: Office) -> Counter[Any]:
    """Every step as it stands in the end: one that waited may have taken in, or lost, cases."""
    inside = sa.func.count(step_cases.c.case_id)
    query = (
        sa.select(steps, clients.c.code, inside.label("inside"))
        .join(clients, clients.c.id == steps.c.client_id)
        .outerjoin(step_cases, step_cases.c.step_id == steps.c.id)
        .group_by(steps.c.id)
    )
    return Counter(
        (
            row.due_on,
            row.code,
            row.stage,
            row.action,
            row.medium,
            row.inside,
            from_minor(row.total, row.currency),
            row.currency,
        )
        for row in office.rows(query)
    )


@st.composite
def calm_iters(draw: st.DrawFn) -> Iter:
    """Automatic stages by date, eight days and more apart."""
    days = [draw(st.integers(1, 3))]
    for _ in range(draw(st.integers(0, 3))):
        days.append(days[-1] + draw(st.integers(8, 12)))
    return Iter(
        key="calm",
        stages=tuple(stage(f"s{n}", day, anchor=Anchor.DUE_DATE) for n, day in enumerate(days)),
        grouping=draw(st.sampled_from(Grouping)),
        catch_up=draw(st.sampled_from([CatchUp.FIRST, CatchUp.LATEST])),
        min_gap_days=draw(st.integers(1, 3)),
        net_credits=False,
    )


@slowly
@given(ledgers(reminded_by=-10), calm_iters(), st.integers(0, 20))
def test_a_week_with_the_machine_off_is_caught_up(
    ledger: Ledger, procedure: Iter, starts: int
) -> None:
    """Day by day and a week off come to the same stages for every case, some of them later.

    What fell due while the machine was off comes on the day it is on again; every later stage on
    its day, unless that is too near to the one before. An installment that enters late has several
    stages behind it, a gap apart, and more than one of them may fall into the week.

    That holds where stages are anchored to dates, so that none waits for an earlier one but for
    the gap; where no two of them fall due in the week, which `latest` would take for one; where
    nothing else happens in the week (no payment, no act, no block that ends, no stage put off for
    the sake of the ERP's own reminder: those are long past); where a message counts on the day it
    is sent; and where no cap on messages puts one off.
    """
    daily, caught_up = (
        _by_installment(ledger, procedure, [n for n in range(45) if n not in off])
        for off in (range(0), range(starts + 1, starts + 7))
    )
    assert caught_up == {
        key: later(days, TODAY + timedelta(days=starts), procedure.min_gap_days)
        for key, days in daily.items()
    }


def later(stages: dict[str, date], last: date, gap: int) -> dict[str, date]:
    """The same stages, if the machine was off for six days after its last."""
    on_again, earliest = last + timedelta(days=7), date.min
    found: dict[str, date] = {}
    for stage_key, day in sorted(stages.items(), key=lambda one: one[1]):
        wanted = max(day, earliest)
        found[stage_key] = on_again if last < wanted < on_again else wanted
        earliest = found[stage_key] + timedelta(days=gap)
    return found


def _by_installment(
    ledger: Ledger, procedure: Iter, numbers: Iterable[int]
) -> dict[str, dict[str, date]]:
    """The day of each stage of each installment."""
    found: dict[str, dict[str, date]] = {}
    with small_office() as office:
        fill(office, ledger, procedure)
        office.publish_policy(ContactPolicy(messages_per_week=0))
        for one in lived(office, numbers):
            found.setdefault(one.installment, {})[one.stage] = one.on
    return found


def test_an_old_debt_enters_late_with_the_machine_off() -> None:
    """Two of its stages fall into the week: the second has to keep the gap after it."""
    debt = Debt(client=0, due=-31, residual=10_000, currency="EUR", method="transfer")
    ledger = Ledger((Debtor(email="a@example.it", pec="", country="IT"),), (debt,))
    procedure = Iter(
        key="calm",
        stages=tuple(stage(f"s{n}", day) for n, day in enumerate((3, 14, 22, 30))),
        catch_up=CatchUp.FIRST,
        min_gap_days=1,
        net_credits=False,
    )
    off_from_the_third_day_to_the_eighth = [0, 1, *range(8, 12)]
    (stages,) = _by_installment(ledger, procedure, off_from_the_third_day_to_the_eighth).values()
    numbers = {key: (day - TODAY).days for key, day in stages.items()}
    assert numbers == {"s0": 0, "s1": 1, "s2": 8, "s3": 9}
