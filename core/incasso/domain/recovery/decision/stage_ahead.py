"""Decide on the stage ahead of an installment: every condition, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from incasso.domain.ledger.overdue import AT_BANK
from incasso.domain.recovery import conditions
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.case_schedule import dates_of
from incasso.domain.recovery.conditions import OF_CONTACTS, REFUSED, TIMING, Condition
from incasso.domain.recovery.decision.result import Decision, Verdict
from incasso.domain.recovery.facts import Facts, Version
from incasso.domain.recovery.iters import Mode, Stage
from incasso.domain.recovery.timing import ONE_DAY, first_day, last_adjustment

CAME = frozenset({"stage_due", "min_gap"})
"""Conditions of a day that has come once and is not waited for again."""
UNOPENED = frozenset(
    {*CAME, "not_yet_due", "extension", "tolerance", "at_bank", "source_trusted", "absent"}
)
"""What keeps a case from opening: there is nothing to collect yet, or it is not known (rule 3)."""


class StageAhead(msgspec.Struct, frozen=True, kw_only=True):
    """The stage ahead, with its dates."""

    version: Version
    stage: Stage
    due: date | None
    """Its own day, or the one a person chose; None: it came before, or there is no anchor."""
    gap_until: date | None = None
    """The first day that the least distance allows."""
    opens: bool = False
    skipped: tuple[str, ...] = ()
    seen: tuple[Condition, ...] = ()


def decide_stage(facts: Facts, ahead: StageAhead, on: date) -> Decision:
    """Every condition of the stage ahead; a step if none blocks."""
    medium, address = conditions.medium_for(facts, ahead.stage)
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    if address is not None:
        found.append(address)
    decision = Decision(
        verdict=Verdict.STEP,
        version=ahead.version,
        stage=ahead.stage,
        due=_first_day(facts, ahead),
        opens=ahead.opens,
        skipped=ahead.skipped,
        action=ahead.stage.action,
        mode=ahead.stage.mode,
        medium=medium,
        reason=waits_for_lot(ahead.stage),
        conditions=tuple(found),
    )
    if any(condition.blocks for condition in found):
        return blocked(decision, facts, on)
    if not medium and address is not None:
        why = REFUSED if address.name == REFUSED else "no_address"
        return as_task(decision, f"{why} {address.value}")
    return decision


def waits_for_lot(stage: Stage) -> str:
    """What a stage that only proposes waits for, as `lot phone`; empty for every other stage."""
    return f"lot {stage.service}" if stage.action.traits.proposed else ""


def for_review(decision: Decision) -> Decision:
    """The case opens, and a person chooses where it enters."""
    review = Condition("review", blocks=True)
    return msgspec.structs.replace(
        decision,
        verdict=Verdict.REVIEW,
        next_on=None,
        blocked_by="review",
        conditions=(*decision.conditions, review),
    )


def blocked(decision: Decision, facts: Facts, on: date) -> Decision:
    """What blocks the stage, and the first day on which it may be free or its case opens."""
    blocking = [condition for condition in decision.conditions if condition.blocks]
    hiding = [condition for condition in blocking if decision.opens and _hides(condition)]
    # A block may last longer than what keeps the case from opening: it opens blocked.
    ends = (_when_all_end(blocking), _when_all_end(hiding))
    next_on, stage = min(filter(None, ends), default=None), decision.stage
    if stage is not None and next_on is not None:
        next_on = last_adjustment(stage, next_on, facts.calendar)
    if stage is not None and stage.before_due:
        # After the due date another stage is due, whatever blocks this one.
        next_on = min(filter(None, (next_on, facts.effective_due + ONE_DAY)))
    starts = facts.agreed.starts_on
    if starts is not None:
        next_on = min(filter(None, (next_on, starts)))
    return msgspec.structs.replace(
        decision,
        verdict=Verdict.WAIT,
        opens=decision.opens and not hiding,
        next_on=next_on if next_on is None else max(next_on, on + ONE_DAY),
        blocked_by=main_block(blocking),
    )


def _hides(condition: Condition) -> bool:
    at_bank = condition.name == "erp_hold" and condition.value == AT_BANK
    return at_bank or condition.name in UNOPENED


def as_task(decision: Decision, reason: str) -> Decision:
    """A person's task instead of the stage's own action; the reason as `no_address email pec`."""
    return msgspec.structs.replace(
        decision, action=Action.TASK, mode=Mode.MANUAL, medium="", reason=reason
    )


def without_timing(facts: Facts, ahead: StageAhead, medium: str, on: date) -> tuple[Condition, ...]:
    """Every condition of a stage whose day has come already."""
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    return tuple(condition for condition in found if condition.name not in CAME)


def _conditions(facts: Facts, ahead: StageAhead, medium: str, on: date) -> list[Condition]:
    procedure, stage = ahead.version.iter, ahead.stage
    return [
        *conditions.of_iter(facts, procedure, on),
        Condition("stage", stage.key),
        *conditions.of_stage(facts, procedure, stage, on),
        conditions.not_yet_due(facts, stage, _latest(ahead.due, ahead.gap_until), on),
        *conditions.timing(facts, stage, ahead.due, ahead.gap_until, on),
        *conditions.working_day(facts, stage, on),
        *conditions.contact(facts, stage, medium, on),
        *conditions.passed_over(facts, stage, medium),
    ]


def main_block(found: Sequence[Condition]) -> str:
    """The first blocking condition other than a future day; empty if there is none.

    While the stage's day is ahead, what stops a contact today only is no block either, nor is what
    the client wrote.
    """
    blocking = [condition for condition in found if condition.blocks]
    early = any(condition.name in CAME for condition in blocking)
    return next((c.name for c in blocking if not _passes(c, early=early)), "")


def _passes(condition: Condition, *, early: bool) -> bool:
    of_today = condition.name in (*OF_CONTACTS, "reply") and condition.until is not None
    return condition.name in TIMING or (early and of_today)


def _when_all_end(blocking: Sequence[Condition]) -> date | None:
    ends = [condition.until for condition in blocking]
    if not ends or None in ends:
        return None
    return max(end for end in ends if end is not None) + ONE_DAY


def _first_day(facts: Facts, ahead: StageAhead) -> date | None:
    if ahead.due is None:
        return None
    return first_day(ahead.stage, dates_of(facts), ahead.due, ahead.gap_until)


def _latest(due: date | None, gap_until: date | None) -> date | None:
    return due if due is None or gap_until is None else max(due, gap_until)


def waits_until(facts: Facts, stage: Stage) -> date | None:
    """The day to decide again on a step that waits for a person."""
    too_late_on = facts.effective_due + ONE_DAY if stage.before_due else None
    return min(filter(None, (facts.agreed.starts_on, too_late_on)), default=None)
