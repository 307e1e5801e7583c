"""Promises and plans are judged by what came in since they were made."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.agreements import (
    Agreement,
    Blocking,
    Judgement,
    agreed_on,
    judge,
    last_day_to_come_in,
)
from incasso.domain.recovery.states import AgreementKind as Kind
from incasso.domain.recovery.states import AgreementStatus
from tests.domain.credit import DUE, day


def promise(now: int, **more: object) -> Agreement:
    values = {"kind": Kind.PROMISE, "from_on": DUE, "until_on": day(5), "residual_then": 10_000}
    return Agreement(**(values | {"residual_now": now} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("promised", "grace", "last"),
    [
        (date(2026, 10, 16), 3, date(2026, 10, 21)),  # Friday: Monday to Wednesday
        (date(2026, 10, 17), 3, date(2026, 10, 21)),  # Saturday: the same
        (date(2026, 10, 13), 3, date(2026, 10, 18)),  # to Friday; what follows begins on Monday
        (date(2026, 10, 16), 0, date(2026, 10, 18)),
        (date(2026, 12, 23), 3, date(2026, 12, 29)),  # Thursday 24, Monday 28, Tuesday 29
        (date(9999, 12, 31), 3, date(4000, 1, 5)),  # "never"
    ],
)
def test_the_bank_has_working_days_to_post_a_payment(
    promised: date, grace: int, last: date
) -> None:
    assert last_day_to_come_in(promised, grace, Calendar()) == last


# Promised for Saturday 7 March: the bank has Monday 9 to Wednesday 11, day 9.
@pytest.mark.parametrize(
    ("now", "on", "verdict"),
    [
        (10_000, day(9), AgreementStatus.ACTIVE),
        (10_000, day(10), AgreementStatus.BROKEN),
        (0, day(3), AgreementStatus.KEPT),
        (0, day(10), AgreementStatus.KEPT),
        (4_000, day(10), AgreementStatus.BROKEN),
    ],
)
def test_a_promise_of_everything(now: int, on: date, verdict: AgreementStatus) -> None:
    assert judge(promise(now), on).status is verdict


def test_a_promise_of_a_part_is_kept_by_that_part() -> None:
    assert judge(promise(6_000, amount=4_000), day(10)).status is AgreementStatus.KEPT
    assert judge(promise(6_001, amount=4_000), day(10)).status is AgreementStatus.BROKEN


def test_cents_within_tolerance_break_no_promise() -> None:
    assert judge(promise(200), day(10), tolerance=500).status is AgreementStatus.KEPT
    assert judge(promise(501), day(10), tolerance=500).status is AgreementStatus.BROKEN


def test_a_promise_of_less_than_the_tolerance_is_not_kept_by_nothing() -> None:
    assert (
        judge(promise(10_000, amount=400), day(3), tolerance=500).status is AgreementStatus.ACTIVE
    )


PLAN = ((day(5), 3_000), (day(35), 3_000), (day(65), 4_000))
# Of 6 April, a holiday, the payment may come in until the 9th; of 6 May until Monday the 11th.
WAITS = {day(5): day(9), day(35): day(38), day(65): day(70)}


@pytest.mark.parametrize(
    ("now", "on", "verdict", "next_date"),
    [
        (10_000, day(9), AgreementStatus.ACTIVE, day(5)),
        (10_000, day(10), AgreementStatus.BROKEN, day(5)),
        (7_000, day(10), AgreementStatus.ACTIVE, day(35)),
        (5_000, day(38), AgreementStatus.ACTIVE, day(35)),
        (5_000, day(39), AgreementStatus.BROKEN, day(35)),
        (3_000, day(10), AgreementStatus.ACTIVE, day(65)),
        (0, day(40), AgreementStatus.KEPT, None),
    ],
)
def test_a_plan_is_kept_date_by_date(
    now: int, on: date, verdict: AgreementStatus, next_date: date | None
) -> None:
    agreement = promise(now, kind=Kind.PLAN, until_on=day(65), dates=PLAN)
    until = None if next_date is None else WAITS[next_date]
    assert judge(agreement, on) == Judgement(verdict, next_date, until)


def test_without_acceleration_a_missed_payment_is_tolerated_up_to_the_next() -> None:
    terms = {"kind": Kind.PLAN, "until_on": day(65), "dates": PLAN, "acceleration": False}
    assert judge(promise(10_000, **terms), day(38)).status is AgreementStatus.ACTIVE
    assert judge(promise(10_000, **terms), day(39)).status is AgreementStatus.BROKEN
    # The last one has no next.
    assert judge(promise(4_000, **terms), day(70)).status is AgreementStatus.ACTIVE
    assert judge(promise(4_000, **terms), day(71)).status is AgreementStatus.BROKEN


def test_interest_pays_no_part_of_the_debt() -> None:
    dates = ((day(5), 5_500), (day(35), 5_500))
    terms = {"kind": Kind.PLAN, "until_on": day(35), "dates": dates, "interest": 1_000}
    # Of each 55.00 paid, 50.00 lower the debt of 100.00.
    assert judge(promise(5_000, **terms), day(10)).payment_on == day(35)
    assert judge(promise(5_001, **terms), day(10)).status is AgreementStatus.BROKEN
    assert judge(promise(0, **terms), day(10)).status is AgreementStatus.KEPT


def test_what_stands_is_the_longest_of_its_kind() -> None:
    holds = [
        Agreement(kind=Kind.HOLD, from_on=DUE, until_on=until) for until in (day(5), day(9), day(7))
    ]
    assert agreed_on(holds, day(1)).hold == Blocking(day(9))
    assert agreed_on([*holds, Agreement(kind=Kind.HOLD, from_on=DUE)], day(1)).hold == Blocking(
        None
    )
    assert agreed_on(holds, day(10)).hold is None


def test_an_agreement_of_tomorrow_does_not_stand_today() -> None:
    agreed = agreed_on([Agreement(kind=Kind.HOLD, from_on=day(3))], day(2))
    assert (agreed.hold, agreed.starts_on) == (None, day(3))


def test_a_broken_promise_blocks_no_more() -> None:
    assert agreed_on([promise(10_000)], day(9)).promise == Blocking(day(9), day(5))
    assert agreed_on([promise(10_000)], day(10)).promise is None
