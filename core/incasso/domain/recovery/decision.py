"""The one pure function that decides what happens to an installment on a day (DESIGN 3.2).

Planning, explain, simulate and the check before a message leaves all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from incasso.domain.recovery import conditions
from incasso.domain.recovery.case_schedule import (
    all_stages,
    dates_of,
    due_days,
    gap_until,
    stage_named,
    stages_ahead,
)
from incasso.domain.recovery.conditions import ONE_DAY, TIMING, TRANSIENT, Condition
from incasso.domain.recovery.facts import CaseFacts, Facts, StepFacts
from incasso.domain.recovery.iters import Mode, Otherwise, Stage
from incasso.domain.recovery.timing import entry, stage_day, too_late, without_late_reminders
from incasso.domain.recovery.weighing import (
    Ahead,
    Decision,
    Verdict,
    as_task,
    for_review,
    waiting,
    weigh,
    without_timing,
    worst,
)

__all__ = ["IN_HAND", "NOT_BEGUN", "Decision", "Verdict", "blocks", "decide"]

IN_HAND = frozenset({"proposed", "ready", "working", "done", "failed"})
NOT_BEGUN = frozenset({"proposed", "ready"})


def decide(facts: Facts, on: date) -> Decision:
    """What happens to this installment on that day. Pure: equal facts, equal decision."""
    decision = _decide(facts, on)
    if facts.status != "open":
        return decision
    looks = [day for day in _looks_besides(facts, decision) if day is not None]
    if not looks:
        return decision
    next_on = min(filter(None, (decision.next_on, *looks)))
    return msgspec.structs.replace(decision, next_on=next_on)


def _looks_besides(facts: Facts, decision: Decision) -> Iterator[date | None]:
    """Days to look again whatever else is decided."""
    for one in (facts.agreed.promise, facts.agreed.plan):
        if one is not None and one.until is not None:
            # Broken from here on if no money came: somebody must learn of it.
            yield one.until + ONE_DAY
    stage = decision.stage
    if decision.verdict is Verdict.STEP and stage is not None and decision.mode is not Mode.AUTO:
        yield _waits_until(facts, stage)


def _waits_until(facts: Facts, stage: Stage) -> date | None:
    """When to look again at a step that waits for a person."""
    too_late_on = facts.effective_due + ONE_DAY if stage.before_due else None
    return min(filter(None, (facts.agreed.starts_on, too_late_on)), default=None)


def _decide(facts: Facts, on: date) -> Decision:
    case = facts.case
    if facts.status != "open":
        return _over(facts)
    if case is None:
        return _without_case(facts, on)
    if _changed_kind(facts, case):
        fresh = _without_case(msgspec.structs.replace(facts, case=None), on)
        return msgspec.structs.replace(fresh, closes="moved", leaves=True)
    if case.step is not None and case.step.status in IN_HAND:
        return _in_step(facts, case, case.step, on)
    return _running(facts, case, on)


def blocks(facts: Facts, on: date) -> tuple[Condition, ...]:
    """What forbids that a message about this installment leaves on that day, worst first.

    Looks at the stage the case is in a step for, else at the one ahead; the least distance is no
    reason here, and a day not yet come only if the due date was put off since.
    """
    decided = decide(facts, on).conditions
    found = [c for c in decided if c.blocks and c.name not in TIMING and c.name != "step"]
    if facts.case is None:
        found.append(Condition("case", holds=False, blocks=True))
    elif _changed_kind(facts, facts.case):
        found.append(Condition("moved", blocks=True))
    return tuple(sorted(found, key=lambda condition: condition.name in TRANSIENT))


def _over(facts: Facts) -> Decision:
    """Paid, vanished or gone: a running case closes and leaves its step."""
    closes = facts.status if facts.case is not None else ""
    return Decision(
        verdict=Verdict.NOTHING,
        closes=closes,
        leaves=bool(closes),
        conditions=conditions.of_installment(facts),
    )


def _changed_kind(facts: Facts, case: CaseFacts) -> bool:
    """It became unpaid, or stopped being so (rule 7). What a person or a provider holds, and a
    message that is just leaving, are not torn away."""
    leaving = case.step is not None and case.step.status == "working"
    return case.unpaid is not facts.unpaid and case.state == "open" and not leaving


def _without_case(facts: Facts, on: date) -> Decision:
    seen = [
        *conditions.of_installment(facts),
        conditions.exclusion(facts),
        conditions.finished(facts),
    ]
    if any(condition.blocks for condition in seen):
        return Decision(verdict=Verdict.NOTHING, conditions=tuple(seen), blocked_by=worst(seen))
    version, chosen = conditions.chosen_iter(facts)
    seen.append(chosen)
    if version is None:
        return Decision(verdict=Verdict.NOTHING, conditions=tuple(seen))
    dates = dates_of(facts)
    enter = entry(version.iter, dates, on)
    if enter.stage is None:
        seen.append(Condition("stages_left", holds=False, blocks=True))
        return Decision(verdict=Verdict.NOTHING, version=version, conditions=tuple(seen))
    ahead = Ahead(
        version=version,
        stage=enter.stage,
        due=enter.due,
        gap_until=gap_until(version.iter, dates),
        opens=True,
        skipped=enter.skipped,
        seen=tuple(seen),
    )
    decision = weigh(facts, ahead, on)
    if enter.stood_for:
        decision = msgspec.structs.replace(decision, stood_for=enter.stood_for)
    if enter.review and decision.verdict is Verdict.STEP:
        return for_review(decision)
    return decision


def _running(facts: Facts, case: CaseFacts, on: date) -> Decision:
    """A case between two steps."""
    seen = (*conditions.of_installment(facts), conditions.exclusion(facts), _followed(case))
    dates = dates_of(facts)
    late, rest = without_late_reminders(stages_ahead(case), dates, on)
    skipped = tuple(stage.key for stage in late)
    if not rest:
        finished = Condition("stages_left", holds=False, blocks=True)
        return Decision(
            verdict=Verdict.NOTHING,
            version=case.version,
            skipped=skipped,
            conditions=(*seen, finished),
        )
    due, gap_until = due_days(case, rest[0], dates)
    ahead = Ahead(
        version=case.version,
        stage=rest[0],
        due=due,
        gap_until=gap_until,
        skipped=skipped,
        seen=seen,
    )
    decision = weigh(facts, ahead, on)
    if case.in_review and case.moved_to is None and not case.next_stage:
        return msgspec.structs.replace(for_review(decision), verdict=Verdict.WAIT, next_on=None)
    return decision


def _followed(case: CaseFacts) -> Condition:
    return Condition("iter", case.version.iter.key)


def _in_step(facts: Facts, case: CaseFacts, step: StepFacts, on: date) -> Decision:
    """A case in a step: it stays, leaves, or what its stage says when no proof came (rule 5)."""
    stage = stage_named(case, step.stage)
    ahead = Ahead(
        version=case.version,
        stage=stage,
        due=None,
        seen=(*conditions.of_installment(facts), conditions.exclusion(facts), _followed(case)),
    )
    if step.status in NOT_BEGUN:
        return _not_begun(facts, case, step, ahead, on)
    overdue = step.proof_until is not None and on > step.proof_until
    if step.status == "failed" or (step.status == "done" and overdue):
        return _without_proof(facts, ahead, step, on)
    proof = Condition("step", step.status, True, True, step.proof_until)
    found = (*without_timing(facts, ahead, step.medium, on), proof)
    next_on = None if step.proof_until is None else step.proof_until + ONE_DAY
    if case.unpaid is not facts.unpaid:
        # It changes iter as soon as this step is over, which may be any moment.
        next_on = on + ONE_DAY
    return Decision(
        verdict=Verdict.WAIT, version=case.version, stage=stage, next_on=next_on, conditions=found
    )


def _not_begun(facts: Facts, case: CaseFacts, step: StepFacts, ahead: Ahead, on: date) -> Decision:
    """It leaves a step that nobody began if something stands against it now (rule 8)."""
    found = without_timing(facts, ahead, step.medium, on)
    untimely = _untimely(facts, case, ahead.stage, on)
    against = [c for c in found if c.blocks and c.name not in TRANSIENT]
    if against or untimely:
        free = msgspec.structs.replace(case, step=None)
        after = _running(msgspec.structs.replace(facts, case=free), free, on)
        return msgspec.structs.replace(
            after,
            leaves=True,
            leaves_for=(*untimely, *against)[0].name,
            conditions=(*untimely, *after.conditions),
        )
    return Decision(
        verdict=Verdict.WAIT,
        version=case.version,
        stage=ahead.stage,
        next_on=_waits_until(facts, ahead.stage),
        conditions=(*found, Condition("step", step.status, True, True)),
    )


def _untimely(facts: Facts, case: CaseFacts, stage: Stage, on: date) -> tuple[Condition, ...]:
    """A reminder that waited until the due date passed, or a stage whose date was put off since.

    What a person moved or added is done on the day that person chose.
    """
    dates = dates_of(facts)
    if too_late(stage, dates, on):
        return (Condition("too_late", stage.key, blocks=True),)
    by_date = stage.dated and case.moved_to is None and stage in all_stages(case)
    due = stage_day(stage, dates, None) if by_date else None
    if due is not None and on < due:
        return (Condition("put_off", due.isoformat(), blocks=True, until=due - ONE_DAY),)
    return ()


def _without_proof(facts: Facts, ahead: Ahead, step: StepFacts, on: date) -> Decision:
    """A failed message never counts; silence is judged by the stage's `otherwise`."""
    stage, failed = ahead.stage, step.status == "failed"
    lapsed = Condition("proof", step.status, False, False, step.proof_until)
    if stage.otherwise is Otherwise.ADVANCE and not failed:
        return Decision(
            verdict=Verdict.ADVANCE,
            version=ahead.version,
            stage=stage,
            conditions=(*without_timing(facts, ahead, step.medium, on), lapsed),
        )
    medium = ""
    if failed or stage.otherwise is Otherwise.FALLBACK:
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
        return waiting(decision, facts, on)
    if not medium:
        return as_task(decision, f"{'failed' if failed else 'no_proof'} {step.medium}")
    return decision
