"""The stages of a case changed by a person: skip or add a stage, enter at another, its own copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.acts.permission import LEGAL, may, who_may_let
from incasso.domain.acts.stages import AddStage, EnterStage, OwnStages, Skip
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.added import needs_approval, timed
from incasso.domain.recovery.iters import Anchor, Iter, Mode, Stage, following
from incasso.domain.recovery.severity import highest_reached
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.domain.recovery.timing import last_adjustment
from incasso.services.acts.doing import ActError, Doing, carry_out, running
from incasso.store.recovery import agenda, manual_changes
from incasso.store.recovery.iters import read_rules, stages_from, versions
from incasso.store.recovery.manual_changes import CaseToChange, StepToChange
from incasso.store.recovery.reached import reached_by


@carry_out.register
def _skip(act: Skip, doing: Doing) -> Text:
    if doing.subject.kind == "step":
        row = waiting_step(doing)
        stages = skip_step(doing, row.id) if row.iter_version_id else _skip_task(doing, row)
    else:
        stages = _change(doing, "skipped", _skipping(doing))
    doing.tell("stage.skipped", stages=stages)
    return text("Skipped {stages}: {subject}.", stages=stages, subject=doing.named)


def _skip_task(doing: Doing, row: StepToChange) -> list[str]:
    """A task outside the iter is skipped by itself: its cases go on as they were."""
    doing.change_step(row.id, status=StepStatus.SKIPPED, done_on=doing.on, reason=doing.why)
    return [row.stage]


def skip_step(doing: Doing, step: int) -> list[str]:
    """Skip a step that waits, for each of its cases; the keys of the stages."""
    cases = manual_changes.cases_in(doing.connection, step)
    doing.change_step(step, status=StepStatus.SKIPPED, done_on=doing.on, reason=doing.why)
    stages = [_apply(doing, case, "skipped", _skipping(doing)) for case in cases]
    _look(doing)
    return sorted(set(stages))


def ask_again(doing: Doing, step: int, until: date | None) -> date:
    """The stages of a rejected step are asked again on a day; that day.

    Without a day: after the least distance of their iter, on a working day if they ask for one.
    """
    found = [manual_changes.case(doing.connection, one) for one in _inside(doing, step)]
    days: list[date] = []
    for case in found:
        line = _line(doing.connection, case)
        stage = next((one for one in line if one.key == case.in_stage), Stage(key=""))
        day = until or doing.on + timedelta(days=max(_iter(doing, case).min_gap_days, 1))
        days.append(last_adjustment(stage, day, calendar_of(doing)))
    again = max(days, default=until or doing.on)
    doing.change_step(step, status=StepStatus.CANCELLED, reason=doing.why)
    for case in found:
        values = {"next_stage": case.in_stage, "moved_to": again, "step_id": None}
        doing.change_cases([case.id], **values)
        doing.note([case.id], "rejected", case.in_stage or "", step)
    _look(doing)
    return again


def calendar_of(doing: Doing) -> Calendar:
    """The working days of the company that the act is about."""
    company = doing.office.config.company(doing.subject.source)
    return Calendar(company.country, company.province)


def _inside(doing: Doing, step: int) -> Sequence[int]:
    """The running cases that are in the step; one may have closed since."""
    running_now = {target.case_id for target in doing.targets()}
    found = manual_changes.cases_in(doing.connection, step)
    return [case for case in found if case in running_now]


def _iter(doing: Doing, case: CaseToChange) -> Iter:
    number = case.iter_version_id
    return versions(doing.connection, [number])[number].iter


@carry_out.register
def _enter(act: EnterStage, doing: Doing) -> Text:
    def chosen(case: CaseToChange, line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
        stage = next((one for one in line if one.key == act.stage), None)
        if stage is None:
            raise ActError(
                text(
                    "case:{case} has no stage {stage}: choose from {stages}.",
                    case=case.id,
                    stage=act.stage,
                    stages=[one.key for one in line],
                )
            )
        doing.need_role(who_may_let(stage.action, stage.container))
        if not act.confirm:
            _need_no_way_back(doing, case, line, stage)
        return act.stage, {"next_stage": act.stage}

    _change(doing, "entered", chosen)
    doing.tell("stage.chosen", stage=act.stage)
    return text("Goes on at {stage}: {subject}.", stage=act.stage, subject=doing.named)


def _need_no_way_back(
    doing: Doing, case: CaseToChange, line: tuple[Stage, ...], stage: Stage
) -> None:
    """A stage before one that was reached needs confirmation. Raises ActError."""
    passed = reached_by(doing.connection, [case.installment_id])[case.installment_id]
    higher = highest_reached(line, [one for one in passed if one.iter == _iter(doing, case).key])
    if higher is not None and line.index(stage) < line.index(higher):
        raise ActError(
            text(
                "case:{case} has reached {reached}; {stage} is milder: `--confirm` if it is meant.",
                case=case.id,
                reached=higher.key,
                stage=stage.key,
            )
        )


@carry_out.register
def _add(act: AddStage, doing: Doing) -> Text:
    stage = act.stage()
    approved: set[bool] = set()
    due = {target.case_id: target.effective_due_date for target in doing.targets()}

    def with_one_more(case: CaseToChange, line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
        taken = {one.key for one in line}
        free = next(
            key for n in range(1, len(taken) + 2) if (key := f"{stage.key}_{n}") not in taken
        )
        named = msgspec.structs.replace(stage, key=free, label=stage.label or free)
        new = _as_added(doing, named, act.to, due[case.id], (*line, *_iter(doing, case).stages))
        approved.add(new.mode is Mode.APPROVE)
        rest = _stored((new, *_ahead(case, line)))
        return free, {"private_stages": rest, "next_stage": "", "moved_to": act.to}

    added = _change(doing, "added", with_one_more)
    doing.tell("stage.added", stages=added, to=act.to)
    said = {"stages": added, "day": act.to, "subject": doing.named}
    if True in approved:
        return text("Added {stages} for {day}, to be approved before it leaves: {subject}.", **said)
    return text("Added {stages} for {day}: {subject}.", **said)


def _as_added(
    doing: Doing, stage: Stage, day: date, due: date, of_case: tuple[Stage, ...]
) -> Stage:
    """When it may come, and whether somebody who answers for formal notices must approve it."""
    new = timed(stage, day, due, of_case)
    published = (one for v in read_rules(doing.connection).iters for one in v.iter.stages)
    if may(doing.actor, LEGAL) or not needs_approval(new, (*of_case, *published)):
        return new
    return msgspec.structs.replace(new, mode=Mode.APPROVE)


@carry_out.register
def _own_stages(act: OwnStages, doing: Doing) -> Text:
    own = _stored(act.stages)
    _change(doing, "own stages", lambda _, __: ("", {"private_stages": own, "next_stage": ""}))
    doing.tell("stages.changed", stages=[stage["key"] for stage in own])
    return text("Own stages, {count}: {subject}.", count=len(own), subject=doing.named)


def cases_of(doing: Doing) -> list[int]:
    """The running cases of an installment, case or step. Raises ActError if there is none."""
    if doing.subject.kind == "client":
        raise ActError(
            text(
                "{subject} may have many cases: name a case (`case:12`), a step (`step:34`) or "
                "an installment.",
                subject=doing.named,
            )
        )
    if cases := running(doing.targets()):
        return cases
    raise ActError(
        text("No running case on {subject}: `incasso explain` says why.", subject=doing.named)
    )


def waiting_step(doing: Doing, *statuses: StepStatus) -> StepToChange:
    """The step an act is about, if it has not begun. Raises ActError."""
    if doing.subject.kind != "step":
        raise ActError(text("{subject} is not a step: name one as `step:34`.", subject=doing.named))
    row = manual_changes.step(doing.connection, doing.subject.id)
    wanted = statuses or NOT_BEGUN
    if row.status not in wanted:
        raise ActError(
            text(
                "step:{step} is {status}, no longer one of: {wanted}.",
                step=row.id,
                status=row.status,
                wanted=list(wanted),
            )
        )
    if manual_changes.is_being_sent(doing.connection, row.id):
        raise ActError(
            text("step:{step} is leaving right now: look again in a minute.", step=row.id)
        )
    return row


def stage_of(doing: Doing, step: StepToChange) -> Stage:
    """The stage a step carries out, as its first case has it."""
    for case in manual_changes.cases_in(doing.connection, step.id):
        line = _line(doing.connection, manual_changes.case(doing.connection, case))
        for stage in line:
            if stage.key == step.stage:
                return stage
    return Stage(key=step.stage)


_LEAVING = ("skipped", "entered")
"""Changes after which the proof of an earlier message is no longer waited for."""

Change = Callable[[CaseToChange, tuple[Stage, ...]], tuple[str, dict[str, Any]]]
"""A case and its stages to the stage concerned and the new values of the case."""


def _change(doing: Doing, what: str, change: Change) -> list[str]:
    """Take the cases out of what has not left, and change each; the stages concerned."""
    cases = cases_of(doing)
    if leaving := manual_changes.leaving(doing.connection, cases):
        raise ActError(
            text(
                "step:{step} is leaving right now: see first what becomes of it.",
                step=leaving[0],
            )
        )
    doing.leave_steps(cases, what)
    stages = [_apply(doing, case, what, change) for case in cases]
    _look(doing)
    return sorted(set(stages))


def _apply(doing: Doing, case: int, what: str, change: Change) -> str:
    row = manual_changes.case(doing.connection, case)
    if row.step_id is not None and what not in _LEAVING:
        raise ActError(
            text(
                "case:{case} waits for the proof of step:{step}: skip that first.",
                case=case,
                step=row.step_id,
            )
        )
    stage, values = change(row, _line(doing.connection, row))
    doing.change_cases([case], **{"moved_to": None, "step_id": None, **values})
    doing.note([case], what, stage=stage)
    return stage


def _skipping(doing: Doing) -> Change:
    """Pass over the next stage; one that is counted from it is counted from today."""

    def without_next(case: CaseToChange, line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
        ahead = _ahead(case, line)
        if not ahead:
            raise ActError(text("case:{case} has no stage left to skip.", case=case.id))
        skipped = ",".join(filter(None, (case.skipped, ahead[0].key)))
        # Without a next stage the case would start over: an empty rest says that it is finished.
        rest: dict[str, Any] = {"private_stages": [], "next_stage": ""}
        if ahead[1:]:
            rest = {"next_stage": ahead[1].key}
            if ahead[1].anchor is Anchor.PREVIOUS:
                days = max(ahead[1].days, _iter(doing, case).min_gap_days)
                rest["moved_to"] = doing.on + timedelta(days=days)
        return ahead[0].key, {"skipped": skipped, **rest}

    return without_next


def _line(connection: Connection, case: CaseToChange) -> tuple[Stage, ...]:
    """All stages of a case: its own, if it has some, else those of its iter."""
    own = stages_from(case.private_stages)
    if own is not None:
        return own
    version = versions(connection, [case.iter_version_id])[case.iter_version_id]
    return version.iter.stages


def _ahead(case: CaseToChange, line: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The stages still to come; the one it is in, or waits for, first."""
    at = case.in_stage or case.next_stage
    for place, stage in enumerate(line):
        if at and stage.key == at:
            return line[place:]
    passed = set(case.skipped.split(","))
    return tuple(stage for stage in following(line, case.stage, None) if stage.key not in passed)


def _stored(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = msgspec.to_builtins(stages)
    return kept


def _look(doing: Doing) -> None:
    targets = doing.targets()
    agenda.review_on(doing.connection, [t.installment_id for t in targets], doing.on)
