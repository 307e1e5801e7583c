"""Rules 1 to 4 of the decision: due dates, working days, entering, least distance."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.agreements import Agreed
from incasso.domain.recovery.decision import decide
from incasso.domain.recovery.iters import Anchor, CatchUp, Mode
from tests.domain.credit import (
    DUE,
    blocking,
    case,
    credit,
    day,
    mail,
    phone,
    stage_today,
    then,
    version,
)


def test_a_stage_is_due_so_many_days_after_the_due_date() -> None:
    facts = credit(version(mail("one", 5)))
    assert stage_today(facts, day(4)) is None
    assert stage_today(facts, day(5)) == "one"
    assert decide(facts, day(4)).next_on == day(5)


def test_an_extension_moves_the_due_date() -> None:
    facts = credit(version(mail("one", 5)), agreed=Agreed(extended_to=day(10)))
    assert stage_today(facts, day(14)) is None
    assert stage_today(facts, day(15)) == "one"


def test_an_extension_never_brings_the_due_date_forward() -> None:
    facts = credit(version(mail("one", 5)), agreed=Agreed(extended_to=day(-10)))
    assert stage_today(facts, day(4)) is None


@pytest.mark.parametrize("method", ["riba", "sdd"])
def test_a_presented_bill_is_left_to_the_bank_up_to_and_including_the_grace(method: str) -> None:
    facts = credit(version(mail("one", 1)), payment_method=method, presented_on=day(-20))
    assert blocking(decide(facts, day(10))) == ["at_bank"]
    assert decide(facts, day(5)).next_on == day(11)
    assert stage_today(facts, day(11)) == "one"


def test_the_bank_does_not_stop_a_reminder_before_the_due_date() -> None:
    facts = credit(version(mail("reminder", -5)), payment_method="riba", presented_on=day(-20))
    assert stage_today(facts, day(-5)) == "reminder"


def test_a_bill_that_came_back_is_nobodys_but_ours() -> None:
    facts = credit(
        version(mail("one", 1, anchor=Anchor.UNPAID_DATE)),
        payment_method="riba",
        presented_on=day(-20),
        unpaid_on=day(3),
    )
    assert stage_today(facts, day(4)) == "one"


def test_a_bill_that_was_not_presented_is_an_ordinary_debt() -> None:
    assert stage_today(credit(version(mail("one", 1)), payment_method="riba"), day(1)) == "one"


def test_a_stage_counted_from_the_unpaid_date_waits_for_one() -> None:
    decision = decide(credit(version(mail("one", 1, anchor=Anchor.UNPAID_DATE))), day(30))
    assert decision.verdict == "wait"
    assert decision.next_on is None


def test_working_days_move_forward_over_weekend_and_holidays() -> None:
    # 2026-04-03 is Good Friday, a working day in Italy; Easter Monday is not.
    facts = credit(version(mail("one", 1, working_days=True)), due_date=date(2026, 4, 3))
    assert stage_today(facts, date(2026, 4, 6)) is None
    assert stage_today(facts, date(2026, 4, 7)) == "one"


def test_the_patron_saint_of_the_province_is_a_holiday() -> None:
    saint_ambrose = date(2026, 12, 7)
    stages = version(mail("one", 1, working_days=True))
    due = date(2026, 12, 6)
    milan = credit(stages, due_date=due, calendar=Calendar("IT", "MI"))
    rome = credit(stages, due_date=due, calendar=Calendar("IT", "RM"))
    assert stage_today(rome, saint_ambrose) == "one"
    assert stage_today(milan, saint_ambrose) is None
    assert stage_today(milan, date(2026, 12, 9)) == "one"  # the 8th is a holiday everywhere


def test_a_reminder_is_skipped_once_the_due_date_has_passed() -> None:
    facts = credit(version(mail("reminder", -5), mail("one", 5)))
    assert stage_today(facts, DUE) == "reminder"
    after = decide(facts, day(1))
    assert (after.verdict, after.skipped, after.next_on) == ("wait", ("reminder",), day(5))


def test_nothing_but_late_reminders_opens_no_case() -> None:
    decision = decide(credit(version(mail("reminder", -5))), day(1))
    assert decision.verdict == "nothing"
    assert "stages_left" in blocking(decision)


def test_a_stage_after_a_skipped_reminder_is_counted_from_the_reminders_day() -> None:
    facts = credit(version(mail("reminder", -5), then("one", 12)))
    assert stage_today(facts, day(6)) is None
    assert stage_today(facts, day(7)) == "one"


def test_a_case_that_opened_after_a_skipped_reminder_stays_due() -> None:
    of = version(mail("reminder", -5), then("one", 12))
    running = case(of, opened_on=day(7), next_stage="one")
    assert stage_today(credit(of, case=running), day(8)) == "one"


THREE = (mail("one", 5), mail("two", 15, mode=Mode.APPROVE), mail("three", 30))


@pytest.mark.parametrize(
    ("catch_up", "enters", "skipped"),
    [
        (CatchUp.FIRST, "one", ()),
        (CatchUp.LATEST, "three", ("one", "two")),
        (CatchUp.LATEST_UNAPPROVED, "two", ("one",)),
    ],
)
def test_catching_up(catch_up: CatchUp, enters: str, skipped: tuple[str, ...]) -> None:
    decision = decide(credit(version(*THREE, catch_up=catch_up)), day(60))
    assert (decision.stage and decision.stage.key, decision.skipped) == (enters, skipped)


def test_catching_up_by_review_waits_for_a_person() -> None:
    of = version(*THREE, catch_up=CatchUp.REVIEW)
    decision = decide(credit(of), day(60))
    assert (decision.verdict, decision.opens, decision.blocked_by) == ("review", True, "review")
    waiting = case(of, in_review=True)
    assert decide(credit(of, case=waiting), day(61)).verdict == "wait"
    chosen = case(of, in_review=True, next_stage="two")
    assert stage_today(credit(of, case=chosen), day(61)) == "two"


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_one_passed_stage_is_nothing_to_catch_up(catch_up: CatchUp) -> None:
    assert stage_today(credit(version(*THREE, catch_up=catch_up)), day(10)) == "one"


def test_a_stage_due_today_has_passed_for_catching_up() -> None:
    facts = credit(version(mail("one", 5), mail("two", 15), catch_up=CatchUp.LATEST))
    assert stage_today(facts, day(14)) == "one"
    assert stage_today(facts, day(15)) == "two"


def test_the_next_stage_keeps_its_distance_whatever_its_anchor_says() -> None:
    of = version(mail("one", 5), mail("two", 15), min_gap_days=7)
    running = case(of, stage="one", counted_on=day(40))
    assert stage_today(credit(of, case=running), day(46)) is None
    assert stage_today(credit(of, case=running), day(47)) == "two"


def test_two_stages_never_fall_on_one_day() -> None:
    of = version(mail("one", 5), then("two", 0))
    running = case(of, stage="one", counted_on=day(5))
    assert stage_today(credit(of, case=running), day(5)) is None
    assert stage_today(credit(of, case=running), day(6)) == "two"


def test_a_stage_counts_from_the_day_the_previous_counted() -> None:
    of = version(mail("one", 5), then("two", 10))
    running = case(of, stage="one", counted_on=day(8))
    assert decide(credit(of, case=running), day(9)).next_on == day(18)


def test_a_person_moves_a_stage_in_time_both_ways() -> None:
    of = version(mail("one", 5), then("two", 10), min_gap_days=5)
    sooner = case(of, stage="one", counted_on=day(8), moved_to=day(9))
    later = case(of, stage="one", counted_on=day(8), moved_to=day(30))
    assert stage_today(credit(of, case=sooner), day(9)) == "two"
    assert stage_today(credit(of, case=later), day(29)) is None
    assert stage_today(credit(of, case=later), day(30)) == "two"


def test_a_case_follows_its_own_copy_of_the_stages() -> None:
    of = version(mail("one", 5), then("two", 10), then("three", 10))
    own = case(of, stage="one", counted_on=day(8), private=(phone("call", 1, Anchor.PREVIOUS),))
    assert stage_today(credit(of, case=own), day(9)) == "call"
    done = case(of, stage="call", counted_on=day(9), private=own.private)
    assert decide(credit(of, case=done), day(90)).verdict == "nothing"


def test_a_case_goes_on_at_the_stage_a_person_chose() -> None:
    of = version(mail("one", 5), then("two", 10), then("three", 10))
    back = case(of, stage="two", counted_on=day(20), next_stage="one")
    assert stage_today(credit(of, case=back), day(21)) == "one"


def test_an_iter_walked_to_its_end_asks_nothing_more() -> None:
    of = version(mail("one", 5))
    decision = decide(credit(of, case=case(of, stage="one", counted_on=day(5))), day(99))
    assert (decision.verdict, decision.next_on) == ("nothing", None)
