"""The one pure function that decides what happens to an installment on a day (DESIGN 3.2).

Planning, explain, simulate and the check before a message leaves all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

import msgspec

from incasso.domain import conditions
from incasso.domain.conditions import ONE_DAY, TIMING, TRANSIENT, Condition
from incasso.domain.facts import CaseFacts, Facts, StepFacts, Version
from incasso.domain.iters import Action, Mode, Otherwise, Stage, following
from incasso.domain.timing import Dates, entry, stage_day, too_late, without_late_reminders


class Act(StrEnum):
    """What is to be done today."""

    NOTHING = "nothing"
    """Nothing to expect until something changes."""
    WAIT = "wait"
    """Nothing today; `next_on` says when to look again, if a day is known."""
    STEP = "step"
    """A step for `stage`."""
    REVIEW = "review"
    """Open the case and let a person choose where it enters."""
    ADVANCE = "advance"
    """The stage it waits in counts although no proof came."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What to do today, and every condition that led there."""

    act: Act
    version: Version | None = None
    stage: Stage | None = None
    due: date | None = None
    """The day the stage is or was due."""
    next_on: date | None = None
    """The next day something could happen; null: not before a change."""
    closes: str = ""
    """The running case closes, for this reason: paid, vanished, gone, moved."""
    opens: bool = False
    leaves: bool = False
    """The case leaves the step it waits in."""
    skipped: tuple[str, ...] = ()
    action: Action | None = None
    mode: Mode | None = None
    medium: str = ""
    reason: str = ""
    """Why a person gets a task instead of the stage's own action."""
    blocked_by: str = ""
    conditions: tuple[Condition, ...] = ()


class _Next(msgspec.Struct, frozen=True, kw_only=True):
    """The stage ahead, with its dates."""

    version: Version
    stage: Stage
    due: date | None
    gap_until: date | None = None
    opens: bool = False
    skipped: tuple[str, ...] = ()
    seen: tuple[Condition, ...] = ()


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
    if decision.act is Act.STEP and stage is not None and decision.mode is not Mode.AUTO:
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
        act=Act.NOTHING, closes=closes, leaves=bool(closes), conditions=conditions.owed(facts)
    )


def _changed_kind(facts: Facts, case: CaseFacts) -> bool:
    """It became unpaid, or stopped being so (rule 7). What a person or a provider holds, and a
    message that is just leaving, are not torn away."""
    leaving = case.step is not None and case.step.status == "working"
    return case.unpaid is not facts.unpaid and case.state == "open" and not leaving


def _without_case(facts: Facts, on: date) -> Decision:
    seen = [*conditions.owed(facts), conditions.exclusion(facts)]
    if any(condition.blocks for condition in seen):
        return Decision(act=Act.NOTHING, conditions=tuple(seen), blocked_by=_worst(seen))
    version, chosen = conditions.choice(facts)
    seen.append(chosen)
    if version is None:
        return Decision(act=Act.NOTHING, conditions=tuple(seen))
    enter = entry(version.iter, _dates(facts), on)
    if enter.stage is None:
        seen.append(Condition("stages_left", holds=False, blocks=True))
        return Decision(act=Act.NOTHING, version=version, conditions=tuple(seen))
    ahead = _Next(
        version=version,
        stage=enter.stage,
        due=enter.due,
        opens=True,
        skipped=enter.skipped,
        seen=tuple(seen),
    )
    decision = _weigh(facts, ahead, on)
    if enter.review and decision.act is Act.STEP:
        return _for_review(decision)
    return decision


def _for_review(decision: Decision) -> Decision:
    waiting = Condition("review", blocks=True)
    return msgspec.structs.replace(
        decision,
        act=Act.REVIEW,
        blocked_by="review",
        conditions=(*decision.conditions, waiting),
    )


def _running(facts: Facts, case: CaseFacts, on: date) -> Decision:
    """A case between two steps."""
    seen = (*conditions.owed(facts), conditions.exclusion(facts), _followed(case))
    dates = _dates(facts)
    late, rest = without_late_reminders(_ahead(case), dates, on)
    skipped = tuple(stage.key for stage in late)
    if not rest:
        finished = Condition("stages_left", holds=False, blocks=True)
        return Decision(
            act=Act.NOTHING, version=case.version, skipped=skipped, conditions=(*seen, finished)
        )
    due, gap_until = _due(case, rest[0], dates)
    ahead = _Next(
        version=case.version,
        stage=rest[0],
        due=due,
        gap_until=gap_until,
        skipped=skipped,
        seen=seen,
    )
    decision = _weigh(facts, ahead, on)
    if case.in_review and case.moved_to is None and not case.next_stage:
        return msgspec.structs.replace(_for_review(decision), act=Act.WAIT, next_on=None)
    return decision


def _followed(case: CaseFacts) -> Condition:
    return Condition("iter", case.version.iter.key)


def _ahead(case: CaseFacts) -> Sequence[Stage]:
    """The stages ahead, from the one a person chose if one did."""
    stages = case.version.iter.stages
    rest = following(stages, case.stage, case.private)
    if not case.next_stage:
        return rest
    for line in (rest, case.private or (), stages):
        for at, stage in enumerate(line):
            if stage.key == case.next_stage:
                return line[at:]
    return rest


def _due(case: CaseFacts, stage: Stage, dates: Dates) -> tuple[date | None, date | None]:
    """The stage's day and the first day that the least distance allows.

    A person who moved a stage decides its day; only the day of the stage before is out of reach.
    """
    counted = case.counted_on
    if case.moved_to is not None:
        earliest = case.moved_to if counted is None else max(case.moved_to, counted + ONE_DAY)
        return earliest, None
    gap = timedelta(days=max(case.version.iter.min_gap_days, 1))
    if counted is None:
        return stage_day(stage, dates, _before_any(case, stage, dates)), None
    return stage_day(stage, dates, counted), counted + gap


def _before_any(case: CaseFacts, stage: Stage, dates: Dates) -> date | None:
    """What a stage is counted from when none before it counted: the day of the reminder that was
    skipped before it (as at opening), else the day the case opened."""
    line = case.version.iter.stages if case.private is None else case.private
    before = next((a for a, b in pairwise(line) if b.key == stage.key), None)
    if before is not None and before.before_due:
        return stage_day(before, dates, None)
    return case.opened_on


def _dates(facts: Facts) -> Dates:
    return Dates(facts.effective_due, facts.unpaid_on, facts.calendar)


def _weigh(facts: Facts, ahead: _Next, on: date) -> Decision:
    """Every condition of the stage ahead; a step if none blocks."""
    medium, address = conditions.medium_for(facts, ahead.stage)
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    if address is not None:
        found.append(address)
    decision = Decision(
        act=Act.STEP,
        version=ahead.version,
        stage=ahead.stage,
        due=_latest(ahead.due, ahead.gap_until),
        opens=ahead.opens,
        skipped=ahead.skipped,
        action=ahead.stage.action,
        mode=ahead.stage.mode,
        medium=medium,
        conditions=tuple(found),
    )
    if any(condition.blocks for condition in found):
        return _waiting(decision, facts, on)
    if address is not None and not medium:
        return _as_task(decision, f"no_address {address.value}")
    return decision


def _conditions(facts: Facts, ahead: _Next, medium: str, on: date) -> list[Condition]:
    procedure, stage = ahead.version.iter, ahead.stage
    return [
        *conditions.standing(facts, procedure, on),
        Condition("stage", stage.key),
        *conditions.of_stage(facts, procedure, stage, on),
        *conditions.timing(ahead.due, ahead.gap_until, stage.anchor.value, on),
        conditions.contact(facts, medium, on),
    ]


def _waiting(decision: Decision, facts: Facts, on: date) -> Decision:
    blocking = [condition for condition in decision.conditions if condition.blocks]
    next_on = _when_all_end(blocking)
    if decision.stage is not None and decision.stage.before_due:
        # After the due date it is another stage's turn, whatever blocks this one.
        next_on = min(filter(None, (next_on, facts.effective_due + ONE_DAY)))
    starts = facts.agreed.starts_on
    if starts is not None:
        next_on = min(filter(None, (next_on, starts)))
    return msgspec.structs.replace(
        decision,
        act=Act.WAIT,
        opens=False,
        next_on=next_on if next_on is None else max(next_on, on + ONE_DAY),
        blocked_by=_worst(blocking),
    )


def _when_all_end(blocking: Sequence[Condition]) -> date | None:
    ends = [condition.until for condition in blocking]
    if not ends or None in ends:
        return None
    return max(end for end in ends if end is not None) + ONE_DAY


def _worst(found: Sequence[Condition]) -> str:
    return next((c.name for c in found if c.blocks and c.name not in TIMING), "")


def _as_task(decision: Decision, reason: str) -> Decision:
    return msgspec.structs.replace(
        decision, action=Action.TASK, mode=Mode.MANUAL, medium="", reason=reason
    )


def _in_step(facts: Facts, case: CaseFacts, step: StepFacts, on: date) -> Decision:
    """A case in a step: it stays, leaves, or what its stage says when no proof came (rule 5)."""
    stage = _stage_of(case, step.stage)
    ahead = _Next(
        version=case.version,
        stage=stage,
        due=None,
        seen=(*conditions.owed(facts), conditions.exclusion(facts), _followed(case)),
    )
    if step.status in NOT_BEGUN:
        return _not_begun(facts, case, step, ahead, on)
    overdue = step.proof_until is not None and on > step.proof_until
    if step.status == "failed" or (step.status == "done" and overdue):
        return _without_proof(facts, ahead, step, on)
    proof = Condition("step", step.status, True, True, step.proof_until)
    found = (*_without_timing(facts, ahead, step.medium, on), proof)
    next_on = None if step.proof_until is None else step.proof_until + ONE_DAY
    if case.unpaid is not facts.unpaid:
        # It changes iter as soon as this step is over, which may be any moment.
        next_on = on + ONE_DAY
    return Decision(
        act=Act.WAIT, version=case.version, stage=stage, next_on=next_on, conditions=found
    )


def _not_begun(facts: Facts, case: CaseFacts, step: StepFacts, ahead: _Next, on: date) -> Decision:
    """It leaves a step that nobody began if something stands against it now (rule 8)."""
    found = _without_timing(facts, ahead, step.medium, on)
    untimely = _untimely(facts, case, ahead.stage, on)
    against = [c for c in found if c.blocks and c.name not in TRANSIENT]
    if against or untimely:
        free = msgspec.structs.replace(case, step=None)
        after = _running(msgspec.structs.replace(facts, case=free), free, on)
        seen = (*untimely, *after.conditions)
        return msgspec.structs.replace(after, leaves=True, conditions=seen)
    return Decision(
        act=Act.WAIT,
        version=case.version,
        stage=ahead.stage,
        next_on=_waits_until(facts, ahead.stage),
        conditions=(*found, Condition("step", step.status, True, True)),
    )


def _untimely(facts: Facts, case: CaseFacts, stage: Stage, on: date) -> tuple[Condition, ...]:
    """A reminder that waited until the due date passed, or a stage whose date was put off since.

    What a person moved or added is done on the day that person chose.
    """
    dates = _dates(facts)
    if too_late(stage, dates, on):
        return (Condition("too_late", stage.key, blocks=True),)
    by_date = stage.dated and case.moved_to is None and stage in _stages(case)
    due = stage_day(stage, dates, None) if by_date else None
    if due is not None and on < due:
        return (Condition("put_off", due.isoformat(), blocks=True, until=due - ONE_DAY),)
    return ()


def _without_proof(facts: Facts, ahead: _Next, step: StepFacts, on: date) -> Decision:
    """A failed message never counts; silence is judged by the stage's `otherwise`."""
    stage, failed = ahead.stage, step.status == "failed"
    lapsed = Condition("proof", step.status, False, False, step.proof_until)
    if stage.otherwise is Otherwise.ADVANCE and not failed:
        return Decision(
            act=Act.ADVANCE,
            version=ahead.version,
            stage=stage,
            conditions=(*_without_timing(facts, ahead, step.medium, on), lapsed),
        )
    medium = ""
    if failed or stage.otherwise is Otherwise.FALLBACK:
        medium, _ = conditions.medium_for(facts, stage, after=step.medium)
    decision = Decision(
        act=Act.STEP,
        version=ahead.version,
        stage=stage,
        due=on,
        action=stage.action,
        mode=stage.mode,
        medium=medium,
        conditions=(*_without_timing(facts, ahead, medium, on), lapsed),
    )
    if any(condition.blocks for condition in decision.conditions):
        return _waiting(decision, facts, on)
    if not medium:
        return _as_task(decision, f"{'failed' if failed else 'no_proof'} {step.medium}")
    return decision


def _without_timing(facts: Facts, ahead: _Next, medium: str, on: date) -> tuple[Condition, ...]:
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    return tuple(condition for condition in found if condition.name not in TIMING)


def _stage_of(case: CaseFacts, key: str) -> Stage:
    return next((one for one in _stages(case) if one.key == key), Stage(key=key, label=key))


def _stages(case: CaseFacts) -> tuple[Stage, ...]:
    return (*(case.private or ()), *case.version.iter.stages)


def _latest(due: date | None, gap_until: date | None) -> date | None:
    return due if due is None or gap_until is None else max(due, gap_until)
