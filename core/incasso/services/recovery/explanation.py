"""What an explanation says, and how a decision becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from incasso.domain.orders.blocks import BlockedBy
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.locale.conditions import condition_text
from incasso.store.recovery.explaining import InstallmentName


class When(StrEnum):
    """How the day that is asked about lies to what the hub knows."""

    PAST = "past"
    """It is told as it was known then."""
    PRESENT = "present"
    FUTURE = "future"
    """It is told as if nothing changed until then."""


UNKNOWN = "unknown"
"""The decision of a past day of which nothing is kept."""


@dataclass(frozen=True, kw_only=True)
class ExplainedCondition:
    """One condition, with its sentence."""

    name: str
    value: str
    holds: bool
    blocks: bool
    until: date | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What happens to one installment on one day, and everything that was looked at."""

    subject: str
    """source/key of the installment."""
    client: str
    on: date
    when: When
    known_on: date | None
    """The day whose knowledge the answer rests on; None: nothing is known of it."""
    decision: str
    """step, review, advance, close, blocked, in_step, wait, nothing or unknown."""
    text: str
    iter: str
    stage: str
    case: int | None
    step: int | None
    """The step that a past day's plan made."""
    next_on: date | None
    conditions: tuple[ExplainedCondition, ...]
    remarks: tuple[str, ...] = ()
    orders_blocked_by: BlockedBy | None = None
    """hub, erp or both, if the client may not order: beside the decision, never part of it."""
    orders_blocked_since: date | None = None
    orders_blocked_reason: str = ""


def explained(
    name: InstallmentName,
    on: date,
    when: When,
    decision: Decision,
    text: str,
    *,
    known_on: date | None,
    case: int | None,
    step: int | None = None,
    word: str = "",
    remarks: tuple[str, ...] = (),
) -> Explanation:
    """An explanation from a decision; `word` if it is another than the decision's own."""
    return Explanation(
        subject=f"{name.source}/{name.key}",
        client=name.client,
        on=on,
        when=when,
        known_on=known_on,
        decision=word or outcome(decision),
        text=text,
        iter=decision.version.iter.key if decision.version is not None else "",
        stage=decision.stage.key if decision.stage is not None else "",
        case=case,
        step=step,
        next_on=decision.next_on,
        conditions=tuple(
            ExplainedCondition(
                name=one.name,
                value=one.value,
                holds=one.holds,
                blocks=one.blocks,
                until=one.until,
                text=condition_text(one),
            )
            for one in decision.conditions
        ),
        remarks=remarks,
    )


def outcome(decision: Decision) -> str:
    """The decision in one word."""
    if decision.closes and not decision.opens:
        return "close"
    if decision.verdict in (Verdict.STEP, Verdict.REVIEW, Verdict.ADVANCE):
        return decision.verdict.value
    if decision.blocked_by:
        return "blocked"
    if any(condition.name == "step" for condition in decision.conditions):
        return "in_step"
    return decision.verdict.value
