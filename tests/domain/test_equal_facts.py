"""The speed of planning rests on this: what no rule looks at changes no decision."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.recovery.decision import Decision, decide
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.facts import amount_bands
from incasso.domain.recovery.matching import Match
from tests.domain.credit import book, credit, day, mail, version

TOLERANT = version(
    mail("one", 5),
    key="tolerant",
    tolerance=Decimal("5.005"),
    match=Match(max_amount=Decimal("99.99")),
)
BIG = version(
    mail("two", 6), key="big", id=2, tolerance=Decimal(7), match=Match(min_amount=Decimal("250.50"))
)
REST = version(mail("three", 7), key="rest", id=3)
RULES = book(TOLERANT, BIG, REST, exclusions=Exclusions(min_amount=Decimal("3.00")))
AMOUNTS = st.one_of(
    st.integers(-1_000, 40_000),
    st.sampled_from([0, 1, 299, 300, 500, 501, 700, 701, 9_999, 10_000, 25_049, 25_050]),
)


@given(AMOUNTS, st.integers(-10, 40), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_residual_and_its_band_decide_alike(residual: int, days: int, currency: str) -> None:
    band = amount_bands(RULES, (), currency)
    exact = credit(rules=RULES, residual=residual, currency=currency)
    reduced = credit(rules=RULES, residual=band(residual), currency=currency)
    assert _essence(decide(exact, day(days))) == _essence(decide(reduced, day(days)))


@given(AMOUNTS)
def test_a_band_stands_for_itself(residual: int) -> None:
    band = amount_bands(RULES, (), "EUR")
    assert band(band(residual)) == band(residual)


def _essence(decision: Decision) -> tuple[object, ...]:
    version_id = decision.version.id if decision.version else None
    stage = decision.stage.key if decision.stage else None
    next_on: date | None = decision.next_on
    flags = [(c.name, c.holds, c.blocks) for c in decision.conditions]
    return (decision.verdict, version_id, stage, next_on, decision.blocked_by, flags)


@given(st.integers(-30, 60))
def test_next_on_is_a_promise_nothing_happens_before(days: int) -> None:
    facts = credit(version(mail("reminder", -5), mail("one", 5, working_days=True)))
    decision = decide(facts, day(days))
    if decision.verdict == "wait" and decision.next_on is not None:
        for later in range(days + 1, (decision.next_on - day(0)).days):
            assert decide(facts, day(later)).verdict == "wait"
        assert decide(facts, decision.next_on).verdict == "step"


def test_deciding_changes_nothing() -> None:
    facts = credit(REST)
    before = msgspec.structs.asdict(facts)
    assert decide(facts, day(9)).verdict == decide(facts, day(9)).verdict
    assert msgspec.structs.asdict(facts) == before
