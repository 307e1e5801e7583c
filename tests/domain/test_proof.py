"""Rules 5 and 8 of the decision: when a stage counts, what follows without proof, leaving."""

from __future__ import annotations

import pytest

from incasso.contract.media import Medium
from incasso.domain.recovery.agreements import Agreed, Blocking
from incasso.domain.recovery.decision import Decision, decide
from incasso.domain.recovery.iters import AdvanceOn, Otherwise
from tests.domain.credit import case, credit, day, mail, step, version

TWO_WAYS = (Medium.PEC, Medium.EMAIL)
BOTH = frozenset({"pec", "email"})


def without_proof(
    otherwise: Otherwise, status: str = "done", media: frozenset[str] = BOTH
) -> Decision:
    stage = mail("one", 5, channels=TWO_WAYS, advance_on=AdvanceOn.DELIVERED, otherwise=otherwise)
    of = version(stage)
    sent = step(status, "one", medium="pec", proof_until=day(8))
    return decide(credit(of, media=media, case=case(of, step=sent)), day(9))


def test_the_first_medium_that_reaches_the_client() -> None:
    of = version(mail("one", 5, channels=TWO_WAYS))
    assert decide(credit(of), day(5)).medium == "email"
    assert decide(credit(of, media=BOTH), day(5)).medium == "pec"


def test_a_client_nobody_can_reach_becomes_a_task() -> None:
    decision = decide(credit(version(mail("one", 5)), media=frozenset()), day(5))
    assert (decision.action, decision.mode, decision.medium) == ("task", "manual", "")
    assert decision.reason == "no_address email"


def test_proof_is_waited_for_up_to_its_day() -> None:
    of = version(mail("one", 5, advance_on=AdvanceOn.DELIVERED))
    sent = case(of, step=step("done", "one", proof_until=day(8)))
    decision = decide(credit(of, case=sent), day(8))
    assert (decision.verdict, decision.next_on) == ("wait", day(9))


def test_without_proof_the_next_medium() -> None:
    decision = without_proof(Otherwise.FALLBACK)
    assert (decision.verdict, decision.medium, decision.stage and decision.stage.key) == (
        "step",
        "email",
        "one",
    )


def test_without_proof_and_without_another_medium_a_person() -> None:
    decision = without_proof(Otherwise.FALLBACK, media=frozenset({"pec"}))
    assert (decision.action, decision.reason) == ("task", "no_proof pec")


def test_without_proof_a_person_decides() -> None:
    assert without_proof(Otherwise.TASK).action == "task"


def test_without_proof_the_stage_may_count_all_the_same() -> None:
    assert without_proof(Otherwise.ADVANCE).verdict == "advance"


@pytest.mark.parametrize("otherwise", list(Otherwise))
def test_a_failed_message_never_counts(otherwise: Otherwise) -> None:
    decision = without_proof(otherwise, status="failed")
    assert (decision.verdict, decision.medium) == ("step", "email")


def test_a_fallback_waits_while_the_credit_is_blocked() -> None:
    of = version(mail("one", 5, channels=TWO_WAYS))
    failed = case(of, step=step("failed", "one", medium="pec"))
    held = credit(of, media=BOTH, case=failed, agreed=Agreed(hold=Blocking(day(20))))
    decision = decide(held, day(9))
    assert (decision.verdict, decision.blocked_by, decision.next_on) == ("wait", "hold", day(21))


@pytest.mark.parametrize("status", ["proposed", "ready"])
def test_a_blocked_case_leaves_a_step_that_nobody_began(status: str) -> None:
    of = version(mail("one", 5))
    waiting = case(of, step=step(status, "one"))
    held = credit(of, case=waiting, agreed=Agreed(hold=Blocking(day(20))))
    decision = decide(held, day(9))
    assert (decision.leaves, decision.blocked_by, decision.next_on) == (True, "hold", day(21))


@pytest.mark.parametrize("status", ["working", "done"])
def test_what_has_begun_is_not_torn_away(status: str) -> None:
    of = version(mail("one", 5))
    begun = case(of, step=step(status, "one"))
    held = credit(of, case=begun, agreed=Agreed(hold=Blocking(day(20))))
    assert not decide(held, day(9)).leaves


def test_a_stale_ledger_does_not_empty_the_steps_that_wait() -> None:
    of = version(mail("one", 5))
    waiting = case(of, step=step("proposed", "one"))
    assert not decide(credit(of, case=waiting, source_trusted=False), day(9)).leaves


def test_an_agreement_that_begins_later_is_looked_at_that_day() -> None:
    of = version(mail("one", 5))
    waiting = case(of, step=step("proposed", "one"))
    facts = credit(of, case=waiting, agreed=Agreed(starts_on=day(12)))
    assert decide(facts, day(9)).next_on == day(12)
