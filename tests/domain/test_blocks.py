"""Rules 6, 7 and 9 of the decision: what blocks, which iter, when contact is allowed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.domain.recovery.agreements import Agreed, Blocking
from incasso.domain.recovery.contact_policy import Contacts
from incasso.domain.recovery.decision import blocks, decide
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.facts import Facts, Rulebook
from incasso.domain.recovery.iters import Anchor
from incasso.domain.recovery.matching import Match
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
    version,
)

ONE = version(mail("one", 5))
UNTIL = Blocking(day(20))

BLOCKS: dict[str, dict[str, Any]] = {
    "tolerance": {"residual": 500},
    "hold": {"agreed": Agreed(hold=UNTIL)},
    "promise": {"agreed": Agreed(promise=UNTIL)},
    "dispute": {"agreed": Agreed(dispute=UNTIL)},
    "plan": {"agreed": Agreed(plan=UNTIL)},
    "excluded": {"client_excluded": True},
    "source_trusted": {"source_trusted": False},
    "net_credits": {"netted": ((500, UNTIL),)},
}
SMALL = version(mail("one", 5), tolerance=Decimal("5.00"))


HIDDEN = ("tolerance", "excluded", "source_trusted")
"""Nothing to collect, or not known: no case opens."""


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_postpones_a_case_and_does_not_hide_it(name: str) -> None:
    decision = decide(credit(SMALL, **BLOCKS[name]), day(10))
    assert decision.verdict in ("wait", "nothing")
    assert decision.opens is (name not in HIDDEN)
    assert decision.blocked_by == name
    assert not decide(credit(SMALL, **BLOCKS[name]), day(4)).opens


@pytest.mark.parametrize("name", BLOCKS)
def test_what_blocks_stops_a_running_case_where_it_is(name: str) -> None:
    running = case(SMALL, next_stage="one")
    decision = decide(credit(SMALL, case=running, **BLOCKS[name]), day(10))
    assert decision.verdict in ("wait", "nothing")
    assert decision.blocked_by == name
    assert decision.closes is None


@pytest.mark.parametrize("name", ["hold", "promise", "dispute", "plan", "net_credits"])
def test_a_block_that_ends_lets_the_stage_be_due_that_day(name: str) -> None:
    running = case(SMALL, next_stage="one")
    assert decide(credit(SMALL, case=running, **BLOCKS[name]), day(10)).next_on == day(21)
    assert stage_today(credit(SMALL, case=running), day(21)) == "one"


def test_a_block_without_an_end_waits_for_a_change() -> None:
    facts = credit(ONE, agreed=Agreed(hold=Blocking(None), dispute=UNTIL))
    assert decide(facts, day(10)).next_on is None


def test_several_blocks_end_with_the_last() -> None:
    agreed = Agreed(hold=UNTIL, dispute=Blocking(day(30)))
    assert decide(credit(ONE, agreed=agreed), day(10)).next_on == day(31)


def test_a_parked_case_waits_for_a_person() -> None:
    decision = decide(credit(ONE, case=case(ONE, state="parked", container="legal")), day(10))
    assert (decision.blocked_by, decision.next_on) == ("parked", None)


def test_a_placed_case_goes_on_only_with_stages_that_say_so() -> None:
    firm = version(mail("one", 5), mail("two", 6, while_placed=True))
    placed = credit(firm, case=case(firm, state="placed"))
    assert decide(placed, day(10)).blocked_by == "placed"
    later = credit(firm, case=case(firm, state="placed", stage="one", counted_on=day(5)))
    assert stage_today(later, day(10)) == "two"


def test_netting_is_the_iters_choice() -> None:
    gross = version(mail("one", 5), net_credits=False)
    assert stage_today(credit(gross, netted=((0, Blocking(None)),)), day(10)) == "one"


def test_a_source_that_is_trusted_again_tomorrow_is_looked_at_tomorrow() -> None:
    assert decide(credit(ONE, source_trusted=False), day(10)).next_on == day(11)


@pytest.mark.parametrize("status", ["paid", "vanished", "gone"])
def test_what_is_closed_closes_its_case(status: str) -> None:
    waiting = case(ONE, step=step("proposed", "one"))
    decision = decide(credit(ONE, status=status, residual=0, case=waiting), day(10))
    assert (decision.closes, decision.leaves) == (status, True)
    assert decide(credit(ONE, status=status, residual=0), day(10)).closes is None


@pytest.mark.parametrize(
    "more",
    [
        {"residual": -10_000},
        {"document_kind": "credit_note", "residual": 10_000},
        {"document_kind": "advance", "residual": -1},
        {"residual": 0},
    ],
)
def test_credits_never_get_a_case(more: dict[str, Any]) -> None:
    decision = decide(credit(ONE, **more), day(99))
    assert (decision.verdict, decision.opens) == ("nothing", False)


@pytest.mark.parametrize(
    ("exclusions", "more"),
    [
        (Exclusions(clients=("C1",)), {}),
        (Exclusions(clients=("acme/C1",)), {}),
        (Exclusions(categories=("PA",)), {"category": "PA"}),
        (Exclusions(payment_methods=(PaymentMethod.TRANSFER,)), {}),
        (Exclusions(document_kinds=(DocumentKind.DEBIT_NOTE,)), {"document_kind": "debit_note"}),
        (Exclusions(min_amount=Decimal("100.01")), {}),
    ],
)
def test_exclusions_come_before_any_match(exclusions: Exclusions, more: dict[str, Any]) -> None:
    facts = credit(ONE, **({"rules": book(ONE, exclusions=exclusions)} | more))
    assert decide(facts, day(10)).blocked_by == "excluded"
    other = credit(ONE, rules=book(ONE, exclusions=exclusions), client="C2", residual=10_001)
    assert exclusions.payment_methods or stage_today(other, day(10)) == "one"


def test_the_first_iter_by_priority_that_matches() -> None:
    rules = Rulebook(
        iters=(
            version(mail("cod", 1), key="cod", match=Match(payment_methods=(PaymentMethod.COD,))),
            version(mail("big", 1), key="big", match=Match(min_amount=Decimal("100.00"))),
            version(mail("all", 1), key="all"),
        )
    )
    assert stage_today(credit(rules=rules), day(5)) == "big"
    assert stage_today(credit(rules=rules, residual=9_999), day(5)) == "all"
    assert stage_today(credit(rules=rules, payment_method="cod"), day(5)) == "cod"


@pytest.mark.parametrize(
    ("match", "right", "wrong"),
    [
        (Match(unpaid=True), {"unpaid_on": day(1)}, {}),
        (Match(sources=("acme",)), {}, {"source": "beta"}),
        (Match(categories=("A",)), {"category": "A"}, {"category": "B"}),
        (Match(areas=("N",)), {"area": "N"}, {"area": "S"}),
        (Match(depots=("D1",)), {"depot": "D1"}, {}),
        (Match(agents=("A1",)), {"agent": "A1"}, {"agent": "A2"}),
        (Match(ratings=("C",)), {"rating": "C"}, {"rating": "A"}),
        (Match(seasonal=True), {"seasonal": True}, {}),
        (Match(clients=("C1",)), {}, {"client": "C2"}),
        (Match(client_from="B", client_to="D"), {}, {"client": "E"}),
        (Match(max_amount=Decimal("100.00")), {}, {"residual": 10_001}),
    ],
)
def test_every_key_of_a_match(match: Match, right: dict[str, Any], wrong: dict[str, Any]) -> None:
    of = version(mail("one", 1), match=match)
    assert stage_today(credit(of, **right), day(5)) == "one"
    assert decide(credit(of, **wrong), day(5)).verdict == "nothing"


def test_an_override_beats_every_match() -> None:
    never = version(mail("own", 1), key="own", match=Match(clients=("nobody",)))
    assert stage_today(credit(ONE, never, iter_override="own"), day(9)) == "own"


def test_an_override_that_names_no_iter_opens_nothing() -> None:
    decision = decide(credit(ONE, iter_override="typo"), day(9))
    assert (decision.verdict, blocking(decision)) == ("nothing", ["iter_override"])


def test_becoming_unpaid_moves_the_case_to_another_iter() -> None:
    missed = version(mail("one", 5), match=Match(unpaid=False))
    back = version(
        mail("back", 1, anchor=Anchor.UNPAID_DATE), key="back", id=2, match=Match(unpaid=True)
    )
    running = case(missed, stage="one", counted_on=day(6))
    decision = decide(credit(missed, back, case=running, unpaid_on=day(9)), day(10))
    assert (decision.closes, decision.opens, decision.version) == ("moved", True, back)
    settled = case(back, unpaid=True, stage="back", counted_on=day(10))
    again = decide(credit(missed, back, case=settled), day(20))
    assert (again.closes, again.version) == ("moved", missed)


def test_other_changes_move_no_running_case() -> None:
    small = version(mail("one", 5), match=Match(max_amount=Decimal("50.00")))
    decision = decide(credit(small, case=case(small)), day(10))
    assert (decision.closes, decision.verdict) == (None, "step")


@pytest.mark.parametrize("state", ["parked", "placed"])
def test_what_a_person_or_a_provider_holds_is_not_moved(state: str) -> None:
    decision = decide(credit(ONE, case=case(ONE, state=state), unpaid_on=day(9)), day(10))
    assert decision.closes is None


SUNDAY = date(2026, 3, 8)
CALL = version(phone("call", 1))


def test_nobody_is_called_on_a_sunday_or_a_holiday() -> None:
    decision = decide(credit(CALL), SUNDAY)
    assert (decision.blocked_by, decision.next_on) == ("contact_policy", date(2026, 3, 9))
    easter_monday = date(2026, 4, 6)
    assert decide(credit(CALL), easter_monday).blocked_by == "contact_policy"


def test_mail_is_not_bound_by_the_hours_of_calls() -> None:
    assert stage_today(credit(ONE), SUNDAY) == "one"


def test_one_conversation_a_day_and_three_a_week() -> None:
    thursday = day(10)
    talked = credit(CALL, contacts=Contacts(today=1, week=1))
    assert decide(talked, thursday).next_on == day(11)
    often = credit(CALL, contacts=Contacts(today=0, week=3))
    assert decide(often, thursday).next_on == day(14)  # Monday
    assert stage_today(credit(CALL, contacts=Contacts(week=2)), thursday) == "call"


def test_what_the_contact_policy_postpones_says_so() -> None:
    conditions = {c.name: c for c in decide(credit(CALL), SUNDAY).conditions}
    assert conditions["contact_policy"].blocks
    assert conditions["contact_policy"].until == SUNDAY


def test_just_before_leaving_a_day_that_a_person_chose_is_no_reason() -> None:
    early = credit(ONE, case=case(ONE, moved_to=day(1), step=step("ready", "one")))
    assert blocks(early, day(1)) == ()
    assert [c.name for c in blocks(_held(early), day(1))] == ["hold"]


def _held(facts: Facts) -> Facts:
    return credit(ONE, case=facts.case, agreed=Agreed(hold=Blocking(None)))


def test_just_before_leaving_a_paid_installment_is_named_first() -> None:
    facts = credit(ONE, case=case(ONE, step=step("ready", "one")), status="paid", residual=0)
    assert blocks(facts, day(6))[0].value == "paid"


def test_a_sunday_does_not_stop_a_call_whose_day_is_ahead() -> None:
    """Day 6 is a Sunday. The call due on day 5 stands still; the one due on day 10 only waits."""
    late, early = (credit(version(phone("call", days))) for days in (5, 10))
    assert (decide(late, day(6)).blocked_by, decide(late, day(6)).next_on) == (
        "contact_policy",
        day(7),
    )
    assert (decide(early, day(6)).blocked_by, decide(early, day(6)).next_on) == ("", day(10))
