"""When a stage falls due, and where a case enters its iter (rules 2 to 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.iters import Anchor, CatchUp, Iter, Mode, Stage

ONE_DAY = timedelta(days=1)


class Dates(msgspec.Struct, frozen=True):
    """The dates of an installment that stages are anchored to."""

    due: date
    """Extension included."""
    unpaid: date | None
    calendar: Calendar
    reminded: date | None = None
    """The last reminder of the ERP itself."""
    reminders: int = 0
    """How many of them; 0: unknown."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Where a new case would begin."""

    stage: Stage | None
    """None: every stage was meant for before the due date, which has passed."""
    due: date | None = None
    """The day that stage is due; null: no day known."""
    skipped: tuple[str, ...] = ()
    stood_for: tuple[str, ...] = ()
    """The skipped stages that the ERP's own reminders replace."""
    review: bool = False
    """Several stages have passed and the iter wants a person to choose."""


def own_day(stage: Stage, dates: Dates, previous: date | None) -> date | None:
    """The stage's own day: its anchor plus its days.

    `previous` is the day the stage before it counted. None when there is no anchor.
    """
    anchors = {Anchor.DUE_DATE: dates.due, Anchor.UNPAID_DATE: dates.unpaid}
    anchor = anchors.get(stage.anchor, previous)
    return None if anchor is None else anchor + timedelta(days=stage.days)


def not_before(stage: Stage, due: date) -> date:
    """The first day that an effective due date allows a stage (rule 6).

    A reminder is meant for before that date, and a stage of that very day (`days = 0`) may come on
    it. Every other stage, and every formal notice, waits until it has passed, whatever it is
    counted from.
    """
    if stage.before_due:
        return date.min
    return due if stage.on_due_date and not stage.is_formal else due + ONE_DAY


def last_adjustment(stage: Stage, day: date, calendar: Calendar) -> date:
    """A stage's day after every rule that postpones it: a working day, if the stage asks for one.

    Nothing may postpone a day after this: what postpones one calls this again.
    """
    return calendar.next_working(day) if stage.working_days else day


def first_day(stage: Stage, dates: Dates, day: date, gap_until: date | None = None) -> date:
    """The first day on which a stage may come whose own day, or a person's, is `day`.

    `gap_until` is the first day that the least distance allows.
    """
    latest = max(day, not_before(stage, dates.due), gap_until or date.min)
    return last_adjustment(stage, latest, dates.calendar)


def stage_day(
    stage: Stage, dates: Dates, previous: date | None, gap_until: date | None = None
) -> date | None:
    """The day a stage is due by its anchor, all rules applied; None when there is no anchor."""
    day = own_day(stage, dates, previous)
    return None if day is None else first_day(stage, dates, day, gap_until)


def too_late(stage: Stage, dates: Dates, on: date) -> bool:
    """Whether a reminder before the due date is obsolete because that date has passed."""
    return stage.before_due and on > dates.due


def without_late_reminders(
    stages: Sequence[Stage], dates: Dates, on: date
) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """The leading reminders that are too late, and the stages after them."""
    late = 0
    while late < len(stages) and too_late(stages[late], dates, on):
        late += 1
    return tuple(stages[:late]), tuple(stages[late:])


def entry(procedure: Iter, dates: Dates, on: date) -> Entry:
    """Where a case opened on that day would enter (rule 3).

    A stage counted from a skipped one is counted from the day that one was due, or from the ERP's
    own reminder if that came later.
    """
    over, previous = _passed_over(procedure.stages, dates, on)
    skipped = tuple(stage.key for stage in procedure.stages[:over])
    stood_for = tuple(
        stage.key for stage in procedure.stages[:over] if not too_late(stage, dates, on)
    )
    stages = procedure.stages[over:]
    if not stages:
        return Entry(stage=None, skipped=skipped)
    day = stage_day(stages[0], dates, previous)
    first = Entry(stage=stages[0], due=day, skipped=skipped, stood_for=stood_for)
    if day is None or day > on or stages[0].before_due:
        return first
    passed = [at for at, stage in enumerate(stages) if _has_passed(stage, dates, on)]
    if len(passed) < 2 or procedure.catch_up is CatchUp.FIRST:
        return first
    if procedure.catch_up is CatchUp.REVIEW:
        return msgspec.structs.replace(first, review=True)
    if procedure.catch_up is CatchUp.LATEST_UNAPPROVED:
        passed = _not_past_approval(stages, passed)
    target = passed[-1] if passed else 0
    return Entry(
        stage=stages[target],
        due=stage_day(stages[target], dates, previous),
        skipped=skipped + tuple(stage.key for stage in stages[:target]),
        stood_for=stood_for,
    )


def _passed_over(stages: Sequence[Stage], dates: Dates, on: date) -> tuple[int, date | None]:
    """How many leading stages are skipped, and the day that the next is counted from.

    Skipped are reminders that come too late, and messages that the ERP's own reminders replace:
    those that were due by its last one, and no more than it counts. The last stage of an iter
    stays, so that a client whom the ERP has sent every reminder is not forgotten.
    """
    day: date | None = None
    sent = 0
    for at, stage in enumerate(stages):
        due = stage_day(stage, dates, day)
        if not too_late(stage, dates, on):
            if at == len(stages) - 1 or not _stood_for(stage, due, dates, sent):
                return at, _from(day, dates) if at else None
            sent += 1
        day = due
    return len(stages), day


def _stood_for(stage: Stage, due: date | None, dates: Dates, sent: int) -> bool:
    """Whether the ERP's own reminder replaces this message."""
    if not stage.action.traits.to_client or dates.reminded is None or due is None:
        return False
    return due <= dates.reminded and not 0 < dates.reminders <= sent


def _from(day: date | None, dates: Dates) -> date | None:
    return max(filter(None, (day, dates.reminded)), default=None)


def _has_passed(stage: Stage, dates: Dates, on: date) -> bool:
    if not stage.dated or stage.before_due:
        return False
    day = stage_day(stage, dates, None)
    return day is not None and day <= on


def _not_past_approval(stages: Sequence[Stage], passed: Sequence[int]) -> list[int]:
    wall = next((at for at, stage in enumerate(stages) if stage.mode is Mode.APPROVE), len(stages))
    return [at for at in passed if at <= wall]


def after_counting(
    stages: Sequence[Stage],
    *,
    dates: Dates,
    counted_on: date,
    min_gap_days: int,
) -> tuple[str, date | None]:
    """The first of the stages ahead and the earliest day it can be due once one counted.

    A lower bound: planning decides again on that day and considers extensions and blocks.
    """
    if not stages:
        return "", None
    gap_until = counted_on + timedelta(days=max(min_gap_days, 1))
    return stages[0].key, stage_day(stages[0], dates, counted_on, gap_until)
