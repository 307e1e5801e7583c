"""Promises and plans are judged by what came in since they were made."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.domain.recovery.agreements import (
    Agreement,
    Blocking,
    agreed_on,
    judge,
)
from incasso.domain.recovery.states import AgreementKind as Kind
from incasso.domain.recovery.states import AgreementStatus
from tests.domain.credit import DUE, day


def promise(now: int, **more: object) -> Agreement:
    values = {"kind": Kind.PROMISE, "from_on": DUE, "until_on": day(5), "residual_then": 10_000}
    return Agreement(**(values | {"residual_now": now} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "on", "verdict"),
    [
        (10_000, day(5), AgreementStatus.ACTIVE),
        (10_000, day(6), AgreementStatus.BROKEN),
        (0, day(3), AgreementStatus.KEPT),
        (0, day(6), AgreementStatus.KEPT),
        (4_000, day(6), AgreementStatus.BROKEN),
    ],
)
def test_a_promise_of_everything(now: int, on: date, verdict: AgreementStatus) -> None:
    assert judge(promise(now), on)[0] is verdict


def test_a_promise_of_a_part_is_kept_by_that_part() -> None:
    assert judge(promise(6_000, amount=4_000), day(6))[0] is AgreementStatus.KEPT
    assert judge(promise(6_001, amount=4_000), day(6))[0] is AgreementStatus.BROKEN


def test_cents_within_tolerance_break_no_promise() -> None:
    assert judge(promise(200), day(6), tolerance=500)[0] is AgreementStatus.KEPT


PLAN = ((day(5), 3_000), (day(35), 3_000), (day(65), 4_000))


@pytest.mark.parametrize(
    ("now", "on", "verdict", "next_date"),
    [
        (10_000, day(5), AgreementStatus.ACTIVE, day(5)),
        (10_000, day(6), AgreementStatus.BROKEN, None),
        (7_000, day(6), AgreementStatus.ACTIVE, day(35)),
        (5_000, day(35), AgreementStatus.ACTIVE, day(35)),
        (5_000, day(36), AgreementStatus.BROKEN, None),
        (3_000, day(10), AgreementStatus.ACTIVE, day(65)),
        (0, day(40), AgreementStatus.KEPT, None),
    ],
)
def test_a_plan_is_kept_date_by_date(
    now: int, on: date, verdict: AgreementStatus, next_date: date | None
) -> None:
    agreement = promise(now, kind=Kind.PLAN, until_on=day(65), dates=PLAN)
    assert judge(agreement, on) == (verdict, next_date)


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
    assert agreed_on([promise(10_000)], day(5)).promise == Blocking(day(5))
    assert agreed_on([promise(10_000)], day(6)).promise is None
