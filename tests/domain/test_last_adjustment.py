"""Rules 2 to 6: nothing but a reminder before the due date; working days after everything else."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.domain.recovery.agreements import Agreed, Blocking
from incasso.domain.recovery.contact_policy import ContactPolicy, Contacts
from incasso.domain.recovery.decision import Verdict, blocks, decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Anchor, CatchUp, Mode
from tests.domain.credit import (
    blocking,
    book,
    case,
    credit,
    day,
    mail,
    phone,
    stage_today,
    step,
    then,
    version,
)

CHAIN = version(mail("one", 5), then("two", 5), min_gap_days=2)
EXTENDED = Agreed(extended_to=day(40))
FRIDAY, SATURDAY, MONDAY = day(4), day(5), day(7)  # 6, 7 and 9 March 2026


def after_one(**more: object) -> Facts:
    """The first stage counted five days after the due date."""
    return credit(CHAIN, case=case(CHAIN, stage="one", counted_on=day(5)), **more)


def test_an_extension_stops_a_running_case_until_it_has_passed() -> None:
    extended = after_one(agreed=EXTENDED)
    decision = decide(extended, day(10))
    assert (decision.verdict, decision.blocked_by) == (Verdict.WAIT, "extension")
    assert (decision.due, decision.next_on) == (day(41), day(41))
    (said,) = [one for one in decision.conditions if one.name == "extension"]
    assert (said.value, said.until) == (day(40).isoformat(), day(40))
    assert stage_today(extended, day(40)) is None
    assert stage_today(extended, day(41)) == "two"


def test_a_due_date_that_the_erp_moves_stops_a_running_case_too() -> None:
    moved = after_one(due_date=day(40))
    decision = decide(moved, day(10))
    assert (decision.blocked_by, decision.next_on) == ("not_yet_due", day(41))
    assert stage_today(moved, day(41)) == "two"


def test_a_day_that_comes_later_anyway_is_no_block() -> None:
    decision = decide(after_one(agreed=Agreed(extended_to=day(8))), day(7))
    assert (decision.blocked_by, decision.due, decision.next_on) == ("", day(10), day(10))
    assert blocking(decision) == ["stage_due"]


@pytest.mark.parametrize("status", ["proposed", "ready"])
def test_what_waits_to_leave_is_withdrawn(status: str) -> None:
    running = case(CHAIN, stage="one", counted_on=day(5), step=step(status, "two"))
    facts = credit(CHAIN, case=running, agreed=EXTENDED)
    decision = decide(facts, day(11))
    assert (decision.leaves, decision.leaves_for) == (True, "extension")
    assert blocks(facts, day(11))[0].name == "extension"


def test_a_message_that_failed_finds_no_other_way_before_the_due_date() -> None:
    stage = then("two", 5, channels=(Medium.EMAIL, Medium.PEC))
    chain = version(mail("one", 5), stage)
    running = case(chain, stage="one", counted_on=day(5), step=step("failed", "two"))
    facts = credit(chain, case=running, agreed=EXTENDED, media=frozenset({"email", "pec"}))
    assert stage_today(facts, day(11)) is None
    assert stage_today(facts, day(41)) == "two"


def test_an_extension_of_a_returned_bill_counts() -> None:
    back = version(mail("back", 1, anchor=Anchor.UNPAID_DATE))
    facts = credit(back, unpaid_on=day(3), agreed=EXTENDED)
    assert not decide(facts, day(10)).opens
    assert stage_today(facts, day(40)) is None
    assert stage_today(facts, day(41)) == "back"


def test_a_reminder_leaves_before_the_extended_date() -> None:
    iter = version(mail("reminder", -5), mail("one", 5))
    assert stage_today(credit(iter, agreed=EXTENDED), day(35)) == "reminder"
    assert stage_today(credit(iter, agreed=EXTENDED), day(34)) is None


def test_what_follows_a_reminder_waits_for_the_due_date_and_day_0_is_that_date() -> None:
    iter = version(mail("reminder", -5), then("two", 2))
    told = credit(iter, case=case(iter, stage="reminder", counted_on=day(-5)))
    assert (stage_today(told, day(0)), stage_today(told, day(1))) == (None, "two")
    iter = version(mail("reminder", -5), mail("today", 0))
    told = credit(iter, case=case(iter, stage="reminder", counted_on=day(-5)))
    assert (stage_today(told, day(-1)), stage_today(told, day(0))) == (None, "today")


def test_a_day_chosen_by_a_person_does_not_come_before_the_due_date_either() -> None:
    moved = case(CHAIN, stage="one", counted_on=day(5), moved_to=day(8))
    facts = credit(CHAIN, case=moved, agreed=EXTENDED)
    assert (stage_today(facts, day(9)), stage_today(facts, day(41))) == (None, "two")


GAP = version(mail("one", 1), mail("two", 2, working_days=True), min_gap_days=3)


def test_the_least_distance_ends_on_a_working_day() -> None:
    # The first counted on Wednesday: three days later is Saturday, so Monday.
    facts = credit(GAP, case=case(GAP, stage="one", counted_on=day(2)))
    decision = decide(facts, FRIDAY)
    assert (decision.due, decision.next_on, blocking(decision)) == (MONDAY, MONDAY, ["min_gap"])
    assert stage_today(facts, SATURDAY) is None
    assert stage_today(facts, MONDAY) == "two"


@pytest.mark.parametrize(
    "facts",
    [
        credit(GAP, case=case(GAP, stage="one", counted_on=day(1), moved_to=SATURDAY)),
        credit(GAP, case=case(GAP, stage="one", counted_on=day(-4))),
        credit(GAP, case=case(GAP, stage="one", counted_on=day(-9)), due_date=day(3)),
    ],
    ids=["moved", "kept until then", "due then"],
)
def test_a_stage_for_working_days_comes_on_no_saturday(facts: Facts) -> None:
    assert stage_today(facts, SATURDAY) is None
    assert stage_today(facts, MONDAY) == "two"


def test_no_holiday_either() -> None:
    # 6 April 2026 is Easter Monday.
    iter = version(mail("one", 5, working_days=True))
    assert stage_today(credit(iter), date(2026, 4, 6)) is None
    assert stage_today(credit(iter), date(2026, 4, 7)) == "one"


def test_a_block_that_ends_on_friday_frees_the_stage_on_monday() -> None:
    iter = version(mail("one", 2, working_days=True))
    held = credit(iter, agreed=Agreed(hold=Blocking(FRIDAY)))
    assert decide(held, day(3)).next_on == MONDAY


def test_what_the_contact_policy_postpones_comes_on_a_working_day_too() -> None:
    call = version(msgspec.structs.replace(phone("call", 2), working_days=True))
    policy = ContactPolicy(conversations_per_day=1)
    facts = credit(contacts=Contacts(today=1, week=1), rules=book(call, policy=policy))
    decision = decide(facts, FRIDAY)
    assert (decision.blocked_by, decision.next_on, decision.opens) == (
        "contact_policy",
        MONDAY,
        True,
    )


def test_a_failed_message_goes_another_way_on_a_working_day() -> None:
    stage = mail("one", 2, working_days=True, channels=(Medium.EMAIL, Medium.PEC))
    running = case(version(stage), step=step("failed", "one"))
    facts = credit(version(stage), case=running, media=frozenset({"email", "pec"}))
    assert (stage_today(facts, SATURDAY), stage_today(facts, MONDAY)) == (None, "one")


LATE = version(mail("one", 5), mail("two", 15), catch_up=CatchUp.LATEST)


def test_a_case_that_opened_under_a_block_begins_with_its_first_stage() -> None:
    held = credit(LATE, agreed=Agreed(promise=Blocking(day(20))))
    opening = decide(held, day(5))
    assert (opening.opens, opening.blocked_by) == (True, "promise")
    assert opening.stage is not None and opening.stage.key == "one"
    opened = case(LATE, opened_on=day(5), next_stage="one")
    assert stage_today(credit(LATE, case=opened), day(21)) == "one"
    assert stage_today(credit(LATE), day(21)) == "two"


def test_review_opens_the_case_under_a_block_too() -> None:
    iter = version(mail("one", 5), mail("two", 15), catch_up=CatchUp.REVIEW)
    held = decide(credit(iter, agreed=Agreed(hold=Blocking(None))), day(20))
    assert (held.verdict, held.opens, held.blocked_by) == (Verdict.REVIEW, True, "review")


def test_an_approval_given_does_not_let_it_leave_before_the_due_date() -> None:
    iter = version(mail("one", 5), then("formal", 5, mode=Mode.APPROVE))
    running = case(iter, stage="one", counted_on=day(5), step=step("ready", "formal"))
    assert [c.name for c in blocks(credit(iter, case=running, due_date=day(30)), day(12))] == [
        "not_yet_due"
    ]
