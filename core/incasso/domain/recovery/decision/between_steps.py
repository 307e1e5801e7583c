"""Decide on an installment that is in no step: where its case opens, or which stage comes next."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.domain.recovery import conditions
from incasso.domain.recovery.case_schedule import dates_of, due_days, gap_until, stages_ahead
from incasso.domain.recovery.conditions import Condition
from incasso.domain.recovery.decision.result import Decision, Verdict
from incasso.domain.recovery.decision.stage_ahead import (
    StageAhead,
    decide_stage,
    for_review,
    main_block,
)
from incasso.domain.recovery.facts import CaseFacts, Facts
from incasso.domain.recovery.timing import entry, without_late_reminders


def without_case(facts: Facts, on: date) -> Decision:
    seen = [
        *conditions.of_installment(facts),
        conditions.exclusion(facts),
        conditions.finished(facts),
    ]
    if any(condition.blocks for condition in seen):
        return Decision(
            verdict=Verdict.NOTHING, conditions=tuple(seen), blocked_by=main_block(seen)
        )
    version, chosen = conditions.chosen_iter(facts)
    seen.append(chosen)
    if version is None:
        return Decision(verdict=Verdict.NOTHING, conditions=tuple(seen))
    dates = dates_of(facts)
    enter = entry(version.iter, dates, on)
    if enter.stage is None:
        seen.append(Condition("stages_left", holds=False, blocks=True))
        return Decision(verdict=Verdict.NOTHING, version=version, conditions=tuple(seen))
    ahead = StageAhead(
        version=version,
        stage=enter.stage,
        due=enter.due,
        gap_until=gap_until(version.iter, dates),
        opens=True,
        skipped=enter.skipped,
        seen=tuple(seen),
    )
    decision = decide_stage(facts, ahead, on)
    if enter.stood_for:
        decision = msgspec.structs.replace(decision, stood_for=enter.stood_for)
    if enter.review and decision.opens:
        return for_review(decision)
    return decision


def between_steps(facts: Facts, case: CaseFacts, on: date) -> Decision:
    """A case between two steps."""
    seen = (*conditions.of_installment(facts), conditions.exclusion(facts), followed_iter(case))
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
    ahead = StageAhead(
        version=case.version,
        stage=rest[0],
        due=due,
        gap_until=gap_until,
        skipped=skipped,
        seen=seen,
    )
    decision = decide_stage(facts, ahead, on)
    if case.in_review and case.moved_to is None and not case.next_stage:
        return msgspec.structs.replace(for_review(decision), verdict=Verdict.WAIT, next_on=None)
    return decision


def followed_iter(case: CaseFacts) -> Condition:
    return Condition("iter", case.version.iter.key)
