"""Where an open installment would stand under rules that are about to be published."""

from __future__ import annotations

from datetime import date

import msgspec

from incasso.domain.recovery.conditions import candidate, exclusion, first_match
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Stage


class Place(msgspec.Struct, frozen=True):
    """Where installments enter, today or when their first stage is due; or why nowhere."""

    iter: str = ""
    stage: str = ""
    label: str = ""
    today: bool = False
    blocked_by: str = ""
    """The condition that stops the case it enters with, or keeps it out."""
    excluded: str = ""
    """What excludes it."""

    @property
    def enters(self) -> bool:
        """Whether an iter takes it."""
        return bool(self.stage)


class ColdStart(msgspec.Struct, frozen=True):
    """A first message that is not the first of its iter."""

    iter: str
    stage: str
    instead_of: str


def place_of(facts: Facts, decision: Decision) -> Place:
    """Where an installment without a case goes."""
    if decision.version is None or decision.stage is None:
        name = next((one.name for one in decision.conditions if one.blocks), "iter")
        return Place(
            blocked_by=decision.blocked_by or name,
            excluded=exclusion(facts).value if decision.blocked_by == "excluded" else "",
        )
    return Place(
        iter=decision.version.iter.key,
        stage=decision.stage.key,
        label=decision.stage.label or decision.stage.key,
        today=decision.opens,
        blocked_by=decision.blocked_by,
    )


def cold_start(decision: Decision) -> ColdStart | None:
    """The later stage whose message would be the first; None if there is none.

    Reminders before the due date that come too late and stages that the ERP's own reminders stand
    for are passed over rightly.
    """
    version, stage = decision.version, decision.stage
    if not decision.opens or version is None or stage is None or not _speaks(stage):
        return None
    if decision.verdict is Verdict.REVIEW:
        return None
    for key in decision.skipped:
        before = version.iter.stage(key)
        if before is None or before.before_due or key in decision.stood_for:
            continue
        if _speaks(before):
            return ColdStart(version.iter.key, stage.label or stage.key, before.label or key)
    return None


def _speaks(stage: Stage) -> bool:
    """Whether it sends the debtor a message."""
    return stage.action.by_message and stage.action.traits.to_client


class Running(msgspec.Struct, frozen=True):
    """What becomes of a running case: it keeps its version, whatever is published."""

    stopped: bool = False
    """An exclusion that did not hold until now stops it."""
    unwanted: bool = False
    """No iter would take its installment any more; one did until now."""


def running_case(before: Facts, after: Facts) -> Running:
    """The same installment under the rules in force and under the new ones."""
    stopped = not exclusion(before).blocks and exclusion(after).blocks
    return Running(stopped=stopped, unwanted=_taken(before) and not _taken(after))


def _taken(facts: Facts) -> bool:
    if facts.iter_override:
        return facts.rules.published(facts.iter_override) is not None
    return first_match(facts.rules, candidate(facts)) is not None


def is_lost(before: Facts, after: Place, on: date) -> bool:
    """Whether an iter takes this installment without a case until now, and none would."""
    return not after.enters and decide(before, on).stage is not None
