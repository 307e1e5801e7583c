"""Weigh the stage ahead of an installment: every condition, and what they come to together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from incasso.domain.recovery import conditions
from incasso.domain.recovery.conditions import ONE_DAY, TIMING, Condition
from incasso.domain.recovery.facts import Facts, Version
from incasso.domain.recovery.iters import Action, Mode, Stage


class Verdict(StrEnum):
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

    verdict: Verdict
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
    leaves_for: str = ""
    """The condition that takes it out of that step."""
    skipped: tuple[str, ...] = ()
    stood_for: tuple[str, ...] = ()
    """Those of the skipped that the ERP's own reminders stand for."""
    action: Action | None = None
    mode: Mode | None = None
    medium: str = ""
    reason: str = ""
    """Why a person gets a task instead of the stage's own action."""
    blocked_by: str = ""
    conditions: tuple[Condition, ...] = ()


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """The stage ahead, with its dates."""

    version: Version
    stage: Stage
    due: date | None
    gap_until: date | None = None
    opens: bool = False
    skipped: tuple[str, ...] = ()
    seen: tuple[Condition, ...] = ()


def weigh(facts: Facts, ahead: Ahead, on: date) -> Decision:
    """Every condition of the stage ahead; a step if none blocks."""
    medium, address = conditions.medium_for(facts, ahead.stage)
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    if address is not None:
        found.append(address)
    decision = Decision(
        verdict=Verdict.STEP,
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
        return waiting(decision, facts, on)
    if address is not None and not medium:
        return as_task(decision, f"no_address {address.value}")
    return decision


def for_review(decision: Decision) -> Decision:
    """The case opens, and a person chooses where it enters."""
    waiting = Condition("review", blocks=True)
    return msgspec.structs.replace(
        decision,
        verdict=Verdict.REVIEW,
        blocked_by="review",
        conditions=(*decision.conditions, waiting),
    )


def waiting(decision: Decision, facts: Facts, on: date) -> Decision:
    """What blocks the stage, and the first day on which nothing of it may be left."""
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
        verdict=Verdict.WAIT,
        opens=False,
        next_on=next_on if next_on is None else max(next_on, on + ONE_DAY),
        blocked_by=worst(blocking),
    )


def as_task(decision: Decision, reason: str) -> Decision:
    """A person's task instead of the stage's own action; the reason as `no_address email pec`."""
    return msgspec.structs.replace(
        decision, action=Action.TASK, mode=Mode.MANUAL, medium="", reason=reason
    )


def without_timing(facts: Facts, ahead: Ahead, medium: str, on: date) -> tuple[Condition, ...]:
    """Every condition of a stage whose day has come already."""
    found = [*ahead.seen, *_conditions(facts, ahead, medium, on)]
    return tuple(condition for condition in found if condition.name not in TIMING)


def _conditions(facts: Facts, ahead: Ahead, medium: str, on: date) -> list[Condition]:
    procedure, stage = ahead.version.iter, ahead.stage
    return [
        *conditions.of_iter(facts, procedure, on),
        Condition("stage", stage.key),
        *conditions.of_stage(facts, procedure, stage, on),
        *conditions.timing(ahead.due, ahead.gap_until, stage.anchor.value, on),
        conditions.contact(facts, medium, on),
    ]


def worst(found: Sequence[Condition]) -> str:
    """The first that blocks and is more than a day not yet come; empty if none does."""
    return next((c.name for c in found if c.blocks and c.name not in TIMING), "")


def _when_all_end(blocking: Sequence[Condition]) -> date | None:
    ends = [condition.until for condition in blocking]
    if not ends or None in ends:
        return None
    return max(end for end in ends if end is not None) + ONE_DAY


def _latest(due: date | None, gap_until: date | None) -> date | None:
    return due if due is None or gap_until is None else max(due, gap_until)
