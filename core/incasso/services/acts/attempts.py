"""A step that a person tried and could not carry out: when it is tried again, and how often."""

from __future__ import annotations

from datetime import date, timedelta

from incasso.contract.text import Text, text
from incasso.domain.acts.steps import Done
from incasso.domain.recovery.contact_policy import NONE_YET, Bounds
from incasso.domain.recovery.iters import Otherwise, Stage
from incasso.domain.recovery.states import StepStatus
from incasso.domain.recovery.timing import last_adjustment
from incasso.services.acts.doing import Doing
from incasso.services.acts.stages import calendar_of, stage_of
from incasso.services.cases.progress import count_steps
from incasso.store.recovery import manual_changes
from incasso.store.recovery.iters import read_rules
from incasso.store.recovery.manual_changes import StepToChange


def tried(act: Done, doing: Doing, row: StepToChange) -> Text:
    """Nobody was reached: the step stays to be done on another day. After as many attempts as its
    stage allows the stage counts if that is its `otherwise`, else the person is asked to decide;
    unless the person names the day of one more attempt."""
    stage, attempts = stage_of(doing, row), row.attempts + 1
    named = act.again or (None if act.call_back is None else act.call_back.on)
    cases = manual_changes.cases_in(doing.connection, row.id)
    doing.note(cases, "not reached", row.stage, row.id)
    over = attempts >= stage.attempts and named is None
    if over and stage.otherwise is Otherwise.ADVANCE:
        return _counts(act, doing, row, attempts)
    again = _next_day(doing, row, stage, named)
    reason = act.outcome or text("not reached")
    if over:
        reason = text("{count} attempts reached nobody: decide how to go on", count=attempts)
    doing.change_step(row.id, due_on=again, attempts=attempts, reason=reason)
    doing.tell("step.tried", outcome=act.outcome, attempts=attempts, again=again)
    return text("Tried, to be done again on {day}: {subject}.", day=again, subject=doing.named)


def _counts(act: Done, doing: Doing, row: StepToChange, attempts: int) -> Text:
    values = {"status": StepStatus.DONE, "done_on": doing.on, "outcome": act.outcome}
    doing.change_step(row.id, attempts=attempts, **values)
    doing.tell("step.tried", outcome=act.outcome, attempts=attempts, stage=row.stage)
    count_steps(doing.connection, [row.id], doing.on)
    return text(
        "Tried {count} times without reaching anybody, so {stage} counts: {subject}.",
        count=attempts,
        stage=row.stage,
        subject=doing.named,
    )


def _next_day(doing: Doing, row: StepToChange, stage: Stage, named: date | None) -> date:
    """The day that the person names, else the first after `retry_days` on which people work and
    the contact policy allows it."""
    calendar = calendar_of(doing)
    if named is not None:
        return last_adjustment(stage, named, calendar)
    day = calendar.next_working(doing.on + timedelta(days=stage.retry_days))
    policy = read_rules(doing.connection).policy
    bounds = Bounds(working_days=True)
    return policy.postponed_to(row.action, day, NONE_YET, calendar, bounds) or day
