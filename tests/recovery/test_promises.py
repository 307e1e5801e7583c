"""What promises and plans cover, block and come to, compared with a plain model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.acts.agreements import Payment, PaymentPlan, Promise
from incasso.domain.office.actor import Role
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.services.acts import ActError
from incasso.store.recovery.iters import save_setting
from incasso.store.tables.recovery import (
    agreement_installments,
    agreements,
    cases,
    step_cases,
    steps,
)
from tests.doing import do, people
from tests.profiles import tries
from tests.recovery.ledgers import small_office
from tests.recovery.office import TODAY, Office, letters, stage

Kind: TypeAlias = Literal["promise", "plan"]

HOLIDAYS = {date(2026, 4, 6), date(2026, 5, 1), date(2026, 6, 2)}
"""On weekdays of the months of this test."""

TOLERANCE = 500


class Deed(msgspec.Struct, frozen=True):
    """Something that happens after so many days; the numbers mean what each deed makes of them."""

    what: Literal["promise", "named", "plan", "pay", "buy", "nothing"]
    wait: int
    one: int
    other: int
    grace: int | None
    strict: bool


deeds = st.lists(
    st.builds(
        Deed,
        what=st.sampled_from(
            ["promise", "promise", "named", "plan", "pay", "pay", "buy", "nothing"]
        ),
        wait=st.integers(0, 6),
        one=st.integers(0, 9),
        other=st.integers(1, 9),
        grace=st.sampled_from([None, 0, 1]),
        strict=st.booleans(),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Deal:
    """A promise or plan as the model knows it."""

    kind: Kind
    covers: dict[int, int]
    payments: list[tuple[date, int]]
    grace: int
    strict: bool
    renewal: int
    status: str = "active"


@dataclass
class Model:
    """The client's debts and deals: minor units and due dates by the number of the installment."""

    owed: dict[int, int] = field(default_factory=dict)
    due: dict[int, date] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)

    def past_due(self, on: date) -> list[int]:
        return [number for number, cents in self.owed.items() if cents and self.due[number] < on]

    def agree(
        self, kind: Kind, about: list[int], payments: list[tuple[date, int]], deed: Deed
    ) -> None:
        same = [
            deal
            for deal in self.deals
            if deal.kind == kind
            and deal.status in ("active", "broken")
            and set(deal.covers) & set(about)
        ]
        renewal = same[-1].renewal + 1 if same else 0
        for deal in self.deals:
            still = {number for number in deal.covers if self.owed[number]}
            weaker = deal.kind == "promise" or kind == "plan"
            if deal.status == "active" and weaker and still and still <= set(about):
                deal.status = "superseded"
        covers = {number: self.owed[number] for number in about}
        grace = 3 if deed.grace is None else deed.grace
        self.deals.append(Deal(kind, covers, payments, grace, deed.strict, renewal))

    def judge(self, on: date) -> None:
        for deal in self.deals:
            if deal.status == "active":
                deal.status = self.verdict(deal, on)

    def verdict(self, deal: Deal, on: date) -> str:
        came = sum(deal.covers.values()) - sum(self.owed[number] for number in deal.covers)
        asked = 0
        for at, (day, cents) in enumerate(deal.payments):
            asked += cents
            enough = asked - TOLERANCE if asked > TOLERANCE else asked
            if came < enough:
                last = (
                    day if deal.strict or at + 1 == len(deal.payments) else deal.payments[at + 1][0]
                )
                return "broken" if on >= judged_on(last, deal.grace) else "active"
        return "kept"


def judged_on(day: date, grace: int) -> date:
    """The working day after the bank's working days."""
    left = grace + 1
    while left:
        day += timedelta(days=1)
        if day.isoweekday() <= 5 and day not in HOLIDAYS:
            left -= 1
    return day


def euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


@tries(30)
@given(deeds)
def test_promises_and_plans_are_what_the_model_says(course: list[Deed]) -> None:
    with small_office() as office:
        people(office.store, Role.CREDIT_MANAGER)
        office.publish(letters(stage("one", 0), tolerance=Decimal("5.00")))
        with office.store.write() as connection:  # caps on messages are another rule
            save_setting(connection, "contact_policy", ContactPolicy(enabled=False))
        client = office.client()
        model = Model()
        for days, cents in ((-20, 8_000), (-3, 5_000), (12, 6_000)):
            _buy(office, model, client, office.days(days), cents)
        for deed in course:
            office.on += timedelta(days=deed.wait)
            _happen(office, model, client, deed)
            office.plan(office.on)
            model.judge(office.on)
            _compare(office, model)


def _buy(office: Office, model: Model, client: int, due: date, cents: int) -> None:
    number = office.owes(client, cents, due=due, first_seen_on=office.on)
    model.owed[number], model.due[number] = cents, due


def _happen(office: Office, model: Model, client: int, deed: Deed) -> None:
    match deed.what:
        case "buy":
            _buy(
                office, model, client, office.on + timedelta(days=deed.one - 4), deed.other * 1_000
            )
        case "pay":
            _pay(office, model, deed)
        case "promise":
            _promise(office, model, deed, model.past_due(office.on), ())
        case "named":
            open_ones = [number for number, cents in model.owed.items() if cents]
            about = open_ones[deed.one % (len(open_ones) or 1) :][: 1 + deed.other % 2]
            _promise(office, model, deed, about, tuple(f"R{number}" for number in about))
        case "plan":
            _plan(office, model, deed)


def _pay(office: Office, model: Model, deed: Deed) -> None:
    open_ones = [number for number, cents in model.owed.items() if cents]
    if not open_ones:
        return
    number = open_ones[deed.one % len(open_ones)]
    left = model.owed[number] * (deed.other % 3) // 3
    model.owed[number] = left
    if left:
        office.change(number, residual=left)
    else:
        office.pay(number)


def _promise(
    office: Office, model: Model, deed: Deed, about: list[int], keys: tuple[str, ...]
) -> None:
    until = office.on + timedelta(days=deed.one)
    owed = sum(model.owed[number] for number in about)
    cents = owed if deed.strict else max(1, owed * deed.other // 9)
    amount = None if deed.strict else euros(cents)
    act = Promise(subject="C1", until=until, amount=amount, installment=keys, grace=deed.grace)
    if not about:
        with pytest.raises(ActError):
            do(office.hub, act, on=office.on)
        return
    do(office.hub, act, on=office.on)
    if not keys:
        about = _reached(model, about, cents)
    model.agree("promise", about, [(until, cents)], msgspec.structs.replace(deed, strict=True))


def _reached(model: Model, about: list[int], cents: int) -> list[int]:
    """The oldest that the amount reaches."""
    oldest = sorted(about, key=lambda number: (model.due[number], number))
    before = [sum(model.owed[n] for n in oldest[:at]) for at in range(len(oldest))]
    return [number for number, reached in zip(oldest, before, strict=True) if reached < cents]


def _plan(office: Office, model: Model, deed: Deed) -> None:
    about = model.past_due(office.on)
    owed = sum(model.owed[number] for number in about)
    first = max(1, owed * deed.other // 10)
    payments = [
        (office.on + timedelta(days=deed.one), first),
        (office.on + timedelta(days=deed.one + deed.other), max(1, owed - first)),
    ]
    act = PaymentPlan(
        subject="C1",
        pay=tuple(Payment(on=day, amount=euros(cents)) for day, cents in payments),
        grace=deed.grace,
        acceleration=deed.strict,
    )
    if not about:
        with pytest.raises(ActError):
            do(office.hub, act, on=office.on)
        return
    do(office.hub, act, on=office.on)
    model.agree("plan", about, payments, deed)


def _compare(office: Office, model: Model) -> None:
    found = office.rows(sa.select(agreements).order_by(agreements.c.id))
    covered: dict[int, dict[int, int]] = {row.id: {} for row in found}
    for row in office.rows(sa.select(agreement_installments)):
        covered[row.agreement_id][row.installment_id] = row.residual_then
    assert [(row.kind, row.status, row.renewal, covered[row.id]) for row in found] == [
        (deal.kind, deal.status, deal.renewal, deal.covers) for deal in model.deals
    ]
    tasks = office.rows(sa.select(steps).where(steps.c.stage == "promise_broken"))
    assert len(tasks) == sum(deal.status == "broken" for deal in model.deals)
    _compare_steps(office, model)


def _compare_steps(office: Office, model: Model) -> None:
    """A message waits for exactly what is past due, more than the tolerance, and not agreed."""
    standing = {n for deal in model.deals if deal.status == "active" for n in deal.covers}
    asked = {
        number
        for number, cents in model.owed.items()
        if cents > TOLERANCE and model.due[number] <= office.on and number not in standing
    }
    query = (
        sa.select(cases.c.installment_id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .where(steps.c.stage == "one", steps.c.status == "ready")
    )
    assert {row.installment_id for row in office.rows(query)} == asked


def test_the_days_of_the_model_are_those_of_the_rule_page() -> None:
    assert min(HOLIDAYS) > TODAY
    assert judged_on(date(2026, 10, 16), 3) == date(2026, 10, 22)
    assert judged_on(date(2026, 10, 13), 3) == date(2026, 10, 19)
