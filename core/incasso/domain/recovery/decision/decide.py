"""The deciding function: chooses the rules by where an installment stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery import conditions
from incasso.domain.recovery.conditions import TIMING, TRANSIENT, Condition
from incasso.domain.recovery.decision.between_steps import between_steps, without_case
from incasso.domain.recovery.decision.in_step import in_step
from incasso.domain.recovery.decision.result import Decision, Verdict
from incasso.domain.recovery.decision.stage_ahead import waits_until
from incasso.domain.recovery.facts import CaseFacts, Facts
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import IN_HAND, CaseState, CloseReason, StepStatus
from incasso.domain.recovery.timing import ONE_DAY


def decide(facts: Facts, on: date) -> Decision:
    """What happens to this installment on that day. Pure: equal facts, equal decision."""
    decision = _decide(facts, on)
    if facts.status is not InstallmentStatus.OPEN:
        return decision
    looks = [day for day in _other_looks(facts, decision) if day is not None]
    if not looks:
        return decision
    next_on = min(filter(None, (decision.next_on, *looks)))
    return msgspec.structs.replace(decision, next_on=next_on)


def _other_looks(facts: Facts, decision: Decision) -> Iterator[date | None]:
    """Days on which to decide again, whatever else is decided."""
    for one in (facts.agreed.promise, facts.agreed.plan):
        if one is not None and one.until is not None:
            # Broken from here on if no payment came: a person must be notified.
            yield one.until + ONE_DAY
    stage = decision.stage
    if decision.verdict is Verdict.STEP and stage is not None and decision.mode is not Mode.AUTO:
        yield waits_until(facts, stage)


def _decide(facts: Facts, on: date) -> Decision:
    case = facts.case
    if facts.status is not InstallmentStatus.OPEN:
        return _ended(facts)
    if case is None:
        return without_case(facts, on)
    if _changed_kind(facts, case):
        fresh = without_case(msgspec.structs.replace(facts, case=None), on)
        return msgspec.structs.replace(fresh, closes=CloseReason.MOVED, leaves=True)
    if case.step is not None and case.step.status in IN_HAND:
        return in_step(facts, case, case.step, on)
    return between_steps(facts, case, on)


def blocks(facts: Facts, on: date) -> tuple[Condition, ...]:
    """What forbids a message about this installment on that day, main_block first.

    Checks the stage of the case's step, else the one ahead. The least distance does not block here;
    a future day blocks only if the due date was postponed since.
    """
    decided = decide(facts, on).conditions
    found = [c for c in decided if c.blocks and c.name not in TIMING and c.name != "step"]
    if facts.case is None:
        found.append(Condition("case", holds=False, blocks=True))
    elif _changed_kind(facts, facts.case):
        found.append(Condition("moved", blocks=True))
    return tuple(sorted(found, key=lambda condition: condition.name in TRANSIENT))


def _ended(facts: Facts) -> Decision:
    """Paid, vanished or gone: a running case closes and leaves its step."""
    closes = CloseReason(facts.status.value) if facts.case is not None else None
    return Decision(
        verdict=Verdict.NOTHING,
        closes=closes,
        leaves=closes is not None,
        conditions=conditions.of_installment(facts),
    )


def _changed_kind(facts: Facts, case: CaseFacts) -> bool:
    """It became unpaid, or stopped being so (rule 7). A case that a person or a provider holds,
    or whose message is just leaving, does not change iter yet."""
    leaving = case.step is not None and case.step.status is StepStatus.WORKING
    return case.unpaid is not facts.unpaid and case.state is CaseState.OPEN and not leaving
