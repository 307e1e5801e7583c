"""Facts for rule tests: one installment of Ditta Rossi, 100.00 EUR due on a Monday."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from incasso.contract.media import Medium
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.decision import Decision, decide
from incasso.domain.recovery.facts import CaseFacts, Facts, Rulebook, StepFacts, Version
from incasso.domain.recovery.iters import AdvanceOn, Anchor, Iter, Mode, Stage
from incasso.domain.recovery.states import CaseState, StepStatus

DUE = date(2026, 3, 2)


def day(number: int) -> date:
    """So many days after the due date."""
    return DUE + timedelta(days=number)


def mail(key: str, days: int = 0, **more: Any) -> Stage:
    """An e-mail, so many days from the due date."""
    more.setdefault("channels", (Medium.EMAIL,))
    return Stage(key=key, label=key.title(), days=days, template=key, **more)


def then(key: str, days: int, **more: Any) -> Stage:
    """An e-mail, so many days after the stage before."""
    return mail(key, days, anchor=Anchor.PREVIOUS, **more)


def phone(key: str, days: int, anchor: Anchor = Anchor.DUE_DATE) -> Stage:
    """A phone call by a person."""
    return Stage(
        key=key,
        days=days,
        anchor=anchor,
        action=Action.CALL,
        mode=Mode.MANUAL,
        advance_on=AdvanceOn.DONE,
    )


def version(*stages: Stage, key: str = "bonifico", id: int = 1, **more: Any) -> Version:
    """A published iter."""
    return Version(id=id, number=1, iter=Iter(key=key, stages=stages, **more))


def book(*versions: Version, **more: Any) -> Rulebook:
    """What the office published."""
    return Rulebook(iters=versions, **more)


def credit(*versions: Version, **more: Any) -> Facts:
    """The installment, with the iters that are published."""
    values: dict[str, Any] = {
        "rules": book(*versions),
        "source": "acme",
        "client": "C1",
        "due_date": DUE,
        "residual": 10_000,
        "payment_method": "transfer",
        "media": frozenset({"email"}),
    }
    if "status" in more:
        more["status"] = InstallmentStatus(more["status"])
    return Facts(**(values | more))


def case(of: Version, **more: Any) -> CaseFacts:
    """A running case of that iter."""
    if "state" in more:
        more["state"] = CaseState(more["state"])
    return CaseFacts(version=of, **{"opened_on": DUE, **more})


def step(status: str, stage: str, **more: Any) -> StepFacts:
    """The step a case is in."""
    return StepFacts(status=StepStatus(status), stage=stage, **{"medium": "email", **more})


def stage_today(facts: Facts, on: date) -> str | None:
    """The stage a step is made for on that day, if one is."""
    decision = decide(facts, on)
    return decision.stage.key if decision.verdict == "step" and decision.stage else None


def blocking(decision: Decision) -> list[str]:
    """The names of what blocks."""
    return [condition.name for condition in decision.conditions if condition.blocks]
