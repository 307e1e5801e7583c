"""How an installment stood on a day on which no plan looked at it: after its last look.

A fact that changes brings the next look, so between two looks only what the hub itself did with
the first one has to be added: its case opened or closed, its step was carried out and counted.
"""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec.structs import replace

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.case_schedule import stage_named
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.domain.recovery.facts import CaseFacts, Facts, StepFacts
from incasso.domain.recovery.states import CaseState, Finished, StepStatus


class StepSince(msgspec.Struct, frozen=True, kw_only=True):
    """The step of a look as it stood on the later day."""

    status: StepStatus
    stage: str
    action: Action
    medium: str = ""
    counted_on: date | None = None
    proof_until: date | None = None


def facts_since(facts: Facts, decision: Decision, looked_on: date, step: StepSince | None) -> Facts:
    """The facts of a later day, from those of the last look and its decision.

    `step` is the step that the look made or found; None: the case was in none on the later day.
    """
    case = _left_behind(facts, decision, looked_on)
    if case is None or step is None:
        return replace(facts, case=None if case is None else replace(case, step=None))
    if step.counted_on is None:
        inside = StepFacts(
            status=step.status, stage=step.stage, medium=step.medium, proof_until=step.proof_until
        )
        return replace(facts, case=replace(case, step=inside))
    if step.action is Action.CLOSE:
        ended = Finished.UNPAID if facts.unpaid else Finished.MISSED
        return replace(facts, case=None, finished=ended)
    return replace(facts, case=_counted(case, step.stage, step.counted_on))


def _left_behind(facts: Facts, decision: Decision, on: date) -> CaseFacts | None:
    """The case as the plan left it."""
    case = facts.case
    if decision.closes is not None and not decision.opens:
        return None
    if decision.opens or decision.verdict is Verdict.REVIEW:
        assert decision.version is not None
        case = CaseFacts(version=decision.version, opened_on=on, unpaid=facts.unpaid)
    if case is None:
        return None
    if decision.verdict is Verdict.ADVANCE and decision.stage is not None:
        return _counted(case, decision.stage.key, on)
    in_review = decision.blocked_by == "review"
    if decision.stage is not None and not in_review:
        return replace(case, next_stage=decision.stage.key)
    return replace(case, in_review=in_review or case.in_review)


def _counted(case: CaseFacts, stage: str, on: date) -> CaseFacts:
    found = stage_named(case, stage)
    parked = found.action is Action.PARK
    return replace(
        case,
        stage=stage,
        counted_on=on,
        next_stage="",
        moved_to=None,
        step=None,
        state=CaseState.PARKED if parked else case.state,
        container=found.container if parked else case.container,
    )
