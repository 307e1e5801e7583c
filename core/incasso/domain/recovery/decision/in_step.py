"""Decides on a case in a step: it stays, leaves, or follows `otherwise` because no proof came."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.domain.recovery import conditions
from incasso.domain.recovery.case_schedule import all_stages, dates_of, stage_named
from incasso.domain.recovery.conditions import OF_CONTACTS, TRANSIENT, Condition
from incasso.domain.recovery.decision.between_steps import between_steps, followed_iter
from incasso.domain.recovery.decision.result import Decision, Verdict
from incasso.domain.recovery.decision.stage_ahead import (
    StageAhead,
    as_task,
    blocked,
    waits_for_lot,
    waits_until,
    without_timing,
)
from incasso.domain.recovery.facts import REFUSED, WRONG, CaseFacts, Facts, StepFacts
from incasso.domain.recovery.iters import Otherwise, Stage
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.domain.recovery.timing import ONE_DAY, stage_day, too_late


def in_step(facts: Facts, case: CaseFacts, step: StepFacts, on: date) -> Decision:
    """A case in a step: it stays, leaves, or without proof follows `otherwise` (rule 5)."""
    stage = stage_named(case, step.stage)
    ahead = StageAhead(
        version=case.version,
        stage=stage,
        due=None,
        seen=(*conditions.of_installment(facts), conditions.exclusion(facts), followed_iter(case)),
    )
    if step.status in NOT_BEGUN:
        return _not_begun(facts, case, step, ahead, on)
    overdue = step.proof_until is not None and on > step.proof_until
    if step.status is StepStatus.FAILED or (step.status is StepStatus.DONE and overdue):
        return _without_proof(facts, ahead, step, on)
    proof = Condition("step", step.status, True, True, step.proof_until)
    # How often the client may be written to no longer matters: this message has left.
    found = (
        *(c for c in without_timing(facts, ahead, step.medium, on) if c.name not in OF_CONTACTS),
        proof,
    )
    next_on = None if step.proof_until is None else step.proof_until + ONE_DAY
    if case.unpaid is not facts.unpaid:
        # It changes iter as soon as this step is over, possibly today.
        next_on = on + ONE_DAY
    return Decision(
        verdict=Verdict.WAIT, version=case.version, stage=stage, next_on=next_on, conditions=found
    )


def _not_begun(
    facts: Facts, case: CaseFacts, step: StepFacts, ahead: StageAhead, on: date
) -> Decision:
    """It leaves a step that has not begun if something blocks it now (rule 8)."""
    found = without_timing(facts, ahead, step.medium, on)
    untimely = _out_of_time(facts, case, ahead.stage, on)
    against = [c for c in found if c.blocks and c.name not in TRANSIENT]
    if against or untimely:
        free = msgspec.structs.replace(case, step=None)
        after = between_steps(msgspec.structs.replace(facts, case=free), free, on)
        return msgspec.structs.replace(
            after,
            leaves=True,
            leaves_for=(*untimely, *against)[0].name,
            conditions=(*untimely, *after.conditions),
        )
    if step.proof_until is not None and on > step.proof_until:
        # No lot took it in time, and its stage says that the iter goes on.
        return Decision(
            verdict=Verdict.ADVANCE, version=case.version, stage=ahead.stage, conditions=found
        )
    state = waits_for_lot(ahead.stage) if step.status is StepStatus.READY else ""
    waiting = Condition("step", state or step.status, True, True, step.proof_until)
    until = None if step.proof_until is None else step.proof_until + ONE_DAY
    return Decision(
        verdict=Verdict.WAIT,
        version=case.version,
        stage=ahead.stage,
        next_on=min(filter(None, (waits_until(facts, ahead.stage), until)), default=None),
        conditions=(*found, waiting),
    )


def _out_of_time(facts: Facts, case: CaseFacts, stage: Stage, on: date) -> tuple[Condition, ...]:
    """A reminder that waited until the due date passed, or a stage whose date was postponed since.

    A stage that a person moved or added keeps the day that person chose.
    """
    dates = dates_of(facts)
    if too_late(stage, dates, on):
        return (Condition("too_late", stage.key, blocks=True),)
    by_date = stage.dated and case.moved_to is None and stage in all_stages(case)
    due = stage_day(stage, dates, None) if by_date else None
    if due is not None and on < due:
        return (Condition("put_off", due.isoformat(), blocks=True, until=due - ONE_DAY),)
    return ()


def _another_address(facts: Facts, stage: Stage, step: StepFacts) -> bool:
    """Whether the medium still reaches the client, elsewhere than where the message went.

    A refusal does not close an address to formal notices, so these would go there again.
    """
    closed = step.address_closed == WRONG or (
        step.address_closed == REFUSED and not stage.is_formal
    )
    return closed and step.medium in stage.channels and step.medium in facts.media_for(stage)


def _without_proof(facts: Facts, ahead: StageAhead, step: StepFacts, on: date) -> Decision:
    """A failed message never counts; silence is judged by the stage's `otherwise`."""
    stage, failed = ahead.stage, step.status is StepStatus.FAILED
    lapsed = Condition("proof", step.status, False, False, step.proof_until)
    if stage.otherwise is Otherwise.ADVANCE and not failed:
        return Decision(
            verdict=Verdict.ADVANCE,
            version=ahead.version,
            stage=stage,
            conditions=(*without_timing(facts, ahead, step.medium, on), lapsed),
        )
    medium = ""
    if failed and _another_address(facts, stage, step):
        medium = step.medium
    elif failed or stage.otherwise is Otherwise.FALLBACK:
        medium, _ = conditions.medium_for(facts, stage, after=step.medium)
    decision = Decision(
        verdict=Verdict.STEP,
        version=ahead.version,
        stage=stage,
        due=on,
        action=stage.action,
        mode=stage.mode,
        medium=medium,
        conditions=(*without_timing(facts, ahead, medium, on), lapsed),
    )
    if any(condition.blocks for condition in decision.conditions):
        return blocked(decision, facts, on)
    if not medium:
        return as_task(decision, f"{'failed' if failed else 'no_proof'} {step.medium}")
    return decision
