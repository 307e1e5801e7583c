"""Where a running case stands in its iter: the stages ahead, and when the next is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from incasso.domain.recovery.facts import CaseFacts, Facts
from incasso.domain.recovery.iters import Iter, Stage, following
from incasso.domain.recovery.timing import ONE_DAY, Dates, own_day, stage_day


def dates_of(facts: Facts) -> Dates:
    return Dates(
        facts.effective_due,
        facts.unpaid_on,
        facts.calendar,
        reminded=facts.reminded,
        reminders=facts.reminders,
    )


def stages_ahead(case: CaseFacts) -> Sequence[Stage]:
    """The stages ahead, from the one a person chose, if any."""
    stages = case.version.iter.stages
    rest = following(stages, case.stage, case.private)
    if not case.next_stage:
        return rest
    for line in (rest, case.private or (), stages):
        for at, stage in enumerate(line):
            if stage.key == case.next_stage:
                return line[at:]
    return rest


def due_days(case: CaseFacts, stage: Stage, dates: Dates) -> tuple[date | None, date | None]:
    """The stage's own day and the first day that the least distance allows.

    A person who moved a stage decides its day, which may only not precede the stage before. The
    least distance also applies to reminders of the ERP itself.
    """
    counted = case.counted_on
    if case.moved_to is not None:
        earliest = case.moved_to if counted is None else max(case.moved_to, counted + ONE_DAY)
        return earliest, None
    previous = _before_any(case, stage, dates) if counted is None else counted
    return own_day(stage, dates, previous), gap_until(case.version.iter, dates, counted)


def gap_until(procedure: Iter, dates: Dates, counted: date | None = None) -> date | None:
    """The first day that the least distance from the last contact, ours or the ERP's, allows."""
    last = max(filter(None, (counted, dates.reminded)), default=None)
    return None if last is None else last + timedelta(days=max(procedure.min_gap_days, 1))


def _before_any(case: CaseFacts, stage: Stage, dates: Dates) -> date | None:
    """The anchor of a stage when none before it counted: the day of the reminder that was
    skipped before it (as at opening), the ERP's own reminder, or else the day the case opened."""
    line = case.version.iter.stages if case.private is None else case.private
    before = next((a for a, b in pairwise(line) if b.key == stage.key), None)
    if before is not None and before.before_due:
        return max(filter(None, (stage_day(before, dates, None), dates.reminded)), default=None)
    return dates.reminded or case.opened_on


def stage_named(case: CaseFacts, key: str) -> Stage:
    return next((one for one in all_stages(case) if one.key == key), Stage(key=key, label=key))


def all_stages(case: CaseFacts) -> tuple[Stage, ...]:
    """Every stage a case may be in: its own copies first, then its iter's."""
    return (*(case.private or ()), *case.version.iter.stages)
