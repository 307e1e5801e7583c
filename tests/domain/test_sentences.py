"""Every condition and every decision has words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incasso.domain.recovery import conditions, decision
from incasso.domain.recovery.agreements import Agreed, Blocking
from incasso.domain.recovery.conditions import TIMING, Condition
from incasso.domain.recovery.decision import decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Anchor
from incasso.domain.recovery.states import AgreementKind
from incasso.locale import localize
from incasso.locale.conditions import CONDITIONS, condition_text
from incasso.locale.decisions import decision_text
from incasso.locale.reasons import LEFT_BY_ACT, REASONS
from incasso.locale.sentences import label
from tests.domain.credit import case, credit, day, mail, phone, step, version

SOME = {"tolerance": "5.00", "message_cap": "week 2"}
ONE = version(mail("one", 5))
BOTH = pytest.mark.parametrize("language", ["it", "en"])
SITUATIONS: dict[str, Facts] = {
    "due": credit(ONE),
    "unreachable": credit(ONE, media=frozenset()),
    "blocked": credit(ONE, agreed=Agreed(hold=Blocking(None))),
    "held for a while": credit(ONE, agreed=Agreed(promise=Blocking(day(20)))),
    "early": credit(version(mail("one", 50))),
    "no iter": credit(),
    "paid": credit(ONE, status="paid", residual=0, case=case(ONE)),
    "a credit": credit(ONE, residual=-5),
    "in a step": credit(ONE, case=case(ONE, step=step("proposed", "one"))),
    "at its end": credit(ONE, case=case(ONE, stage="one", counted_on=day(5))),
    "never unpaid": credit(version(mail("one", 5, anchor=Anchor.UNPAID_DATE))),
    "a call": credit(version(phone("call", 1))),
    "stale": credit(ONE, source_trusted=False),
}


def _named() -> set[str]:
    """The names of all conditions the rules make."""
    assert conditions.__file__
    modules = [Path(conditions.__file__), *Path(decision.__path__[0]).glob("*.py")]
    names: set[str] = set()
    for module in modules:
        text = module.read_text("utf-8")
        made = r'(?:Condition\(|_block\(|_postponed\(|_day_come\(|name=)\s*"([a-z_]+)"'
        names |= set(re.findall(made, text))
        names |= {getattr(conditions, each) for each in re.findall(r"Condition\(([A-Z]+),", text)}
    return names


@BOTH
def test_every_condition_has_words(language: str) -> None:
    assert _named() == CONDITIONS.keys()
    for name in CONDITIONS:
        for blocks in (True, False):
            text = localize(
                condition_text(
                    Condition(name, SOME.get(name, "2026-03-04"), blocks, blocks, day(3))
                ),
                language,
            )
            assert "{" not in text
            assert text.endswith("."), name


def test_whatever_stops_a_case_has_a_short_word() -> None:
    """Lists and the preview of an import say it in two words."""
    never_stop = {"address", "proof", "reminded", "stage", "step"}
    assert CONDITIONS.keys() - TIMING - never_stop <= REASONS.keys()


@pytest.mark.parametrize(
    "code",
    [
        *AgreementKind, "parked", "extended", "moved", "skipped", "entered", "added", "own stages",
        "iter chosen", "excluded", "refused",
    ],
)  # fmt: skip
def test_whatever_act_takes_a_case_out_of_its_step_has_a_word(code: str) -> None:
    if code == AgreementKind.EXTENSION:
        code = "extended"
    assert label(LEFT_BY_ACT, code, "it") != code


def test_italian_conditions_are_not_english() -> None:
    for name in CONDITIONS:
        for blocks in (True, False):
            condition = Condition(name, SOME.get(name, "x"), blocks, blocks, day(3))
            italian, english = (localize(condition_text(condition), each) for each in ("it", "en"))
            assert italian != english


@pytest.mark.parametrize(("language", "amount"), [("it", "5,00"), ("en", "5.00")])
def test_amounts_are_written_as_the_office_writes_them(language: str, amount: str) -> None:
    tolerance = Condition("tolerance", "5.00", False, False)
    assert amount + "." in localize(condition_text(tolerance), language)


@BOTH
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_decision_has_a_sentence(name: str, language: str) -> None:
    found = decide(SITUATIONS[name], day(10))
    text = localize(decision_text(found), language)
    assert text.endswith(".")
    assert "None" not in text
    for condition in found.conditions:
        assert "{" not in localize(condition_text(condition), language)
