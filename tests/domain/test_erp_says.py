"""What the ERP itself did or decided: its reminders are gone on from, its holds are respected."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from incasso.domain.recovery.decision import Verdict, blocks, decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Anchor, CatchUp
from incasso.locale import localize
from incasso.locale.conditions import condition_text
from incasso.locale.decisions import decision_text
from tests.domain.credit import (
    blocking,
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

LETTERS = version(mail("first", 5), mail("second", 15), mail("last", 30), min_gap_days=7)
CHAIN = version(mail("first", 5), then("second", 10), then("last", 10), min_gap_days=3)


def reminded(of: Any, on: date, times: int = 0, **more: Any) -> Facts:
    """An installment that the ERP reminded of."""
    return credit(of, reminded_on=on, reminders=times, **more)


def test_a_reminder_of_the_erp_stands_for_the_stages_due_by_then() -> None:
    facts = reminded(LETTERS, day(10))
    decision = decide(facts, day(18))
    assert (decision.verdict, decision.skipped) == (Verdict.STEP, ("first",))
    assert stage_today(facts, day(18)) == "second"


def test_the_next_stage_keeps_its_distance_from_the_erp_s_reminder() -> None:
    facts = reminded(LETTERS, day(10))
    decision = decide(facts, day(16))
    assert (decision.verdict, decision.opens, decision.next_on) == (Verdict.WAIT, False, day(17))
    assert blocking(decision) == ["min_gap"]
    assert stage_today(facts, day(17)) == "second"


@pytest.mark.parametrize(
    ("times", "enters"), [(0, "last"), (1, "second"), (2, "last"), (9, "last")]
)
def test_no_more_stages_are_passed_over_than_the_erp_counts_reminders(
    times: int, enters: str
) -> None:
    facts = reminded(LETTERS, day(20), times)
    assert stage_today(facts, day(40)) == enters


def test_the_last_stage_is_never_passed_over() -> None:
    facts = reminded(LETTERS, day(60))
    assert stage_today(facts, day(67)) == "last"
    assert decide(facts, day(67)).skipped == ("first", "second")


def test_a_stage_counted_from_the_one_before_is_counted_from_the_erp_s_reminder() -> None:
    facts = reminded(CHAIN, day(8))
    assert decide(facts, day(17)).due == day(18)
    assert stage_today(facts, day(18)) == "second"


def test_a_case_that_could_not_leave_yet_keeps_counting_from_the_erp_s_reminder() -> None:
    opened = case(CHAIN, opened_on=day(18), next_stage="second")
    facts = reminded(CHAIN, day(8), case=opened)
    assert decide(facts, day(20)).due == day(18)
    later = reminded(CHAIN, day(19), case=opened)
    assert decide(later, day(20)).next_on == day(29)


def test_only_messages_are_stood_for() -> None:
    procedure = version(mail("first", 5), phone("call", 10), mail("second", 15))
    facts = reminded(procedure, day(20))
    assert stage_today(facts, day(25)) == "call"


def test_a_running_case_keeps_its_distance_from_a_reminder_of_the_erp() -> None:
    running = case(LETTERS, stage="first", counted_on=day(5))
    assert stage_today(credit(LETTERS, case=running), day(15)) == "second"
    facts = reminded(LETTERS, day(12), case=running)
    assert decide(facts, day(15)).next_on == day(19)
    assert stage_today(facts, day(19)) == "second"


def test_a_reminder_before_the_bill_came_back_was_about_something_else() -> None:
    unpaid = version(mail("returned", 1, anchor=Anchor.UNPAID_DATE), mail("second", 40))
    facts = reminded(unpaid, day(3), unpaid_on=day(20), payment_method="riba")
    assert stage_today(facts, day(21)) == "returned"
    after = reminded(unpaid, day(22), unpaid_on=day(20), payment_method="riba")
    assert stage_today(after, day(41)) == "second"


def test_an_early_reminder_of_the_erp_stands_for_ours() -> None:
    procedure = version(mail("early", -5), mail("first", 5))
    facts = reminded(procedure, day(-3))
    assert stage_today(facts, day(-2)) is None
    assert decide(facts, day(5)).skipped == ("early",)


def test_catching_up_goes_on_behind_the_erp_s_reminder() -> None:
    procedure = version(
        mail("first", 5), mail("second", 15), mail("last", 30), catch_up=CatchUp.LATEST
    )
    facts = reminded(procedure, day(8))
    decision = decide(facts, day(40))
    assert decision.stage is not None and decision.stage.key == "last"
    assert decision.skipped == ("first", "second")


def test_explain_says_that_the_erp_reminded() -> None:
    decision = decide(reminded(LETTERS, day(10)), day(18))
    (said,) = [one for one in decision.conditions if one.name == "reminded"]
    assert localize(condition_text(said), "it").startswith(
        "Il gestionale l'ha già sollecitata il 12/03/2026"
    )
    assert "12 Mar 2026" in localize(condition_text(said), "en")


@pytest.mark.parametrize(
    ("why", "italian", "english"),
    [
        ("legal", "è al legale", "with the lawyers"),
        ("blocked", "è bloccata", "it is blocked"),
        ("factoring", "è ceduta al factor", "sold to a factor"),
        ("in attesa di nota", "è «in attesa di nota»", 'it is "in attesa di nota"'),
    ],
)
def test_what_the_erp_holds_back_is_not_chased(why: str, italian: str, english: str) -> None:
    facts = credit(LETTERS, erp_hold=why)
    decision = decide(facts, day(18))
    assert (decision.verdict, decision.opens, decision.blocked_by) == (
        Verdict.WAIT,
        True,
        "erp_hold",
    )
    (said,) = [one for one in decision.conditions if one.name == "erp_hold"]
    assert italian in localize(condition_text(said), "it") and english in localize(
        condition_text(said), "en"
    )
    assert "trattenuta nel gestionale" in localize(decision_text(decision), "it")


def test_it_goes_on_where_it_was_once_the_erp_lets_it_go() -> None:
    running = case(LETTERS, stage="first", counted_on=day(5))
    held = credit(LETTERS, case=running, erp_hold="legal")
    assert decide(held, day(40)).next_on is None
    assert stage_today(credit(LETTERS, case=running), day(40)) == "second"


def test_a_hold_of_the_erp_takes_a_case_out_of_its_step_and_lets_nothing_leave() -> None:
    waiting = case(LETTERS, step=step("ready", "first"))
    facts = credit(LETTERS, case=waiting, erp_hold="factoring")
    decision = decide(facts, day(6))
    assert (decision.leaves, decision.leaves_for) == (True, "erp_hold")
    assert "erp_hold" in [one.name for one in blocks(facts, day(6))]
