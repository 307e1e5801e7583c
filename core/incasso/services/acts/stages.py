"""The course of a case changed by hand: skip or add a stage, enter at another, its own copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import BY_PEOPLE, Action
from incasso.domain.recovery.iter_file import read_iter_file
from incasso.domain.recovery.iters import AdvanceOn, Mode, Stage, following
from incasso.services.acts.act import Act, ActError, acting, need_future, need_why, running
from incasso.services.running.hub import Hub
from incasso.store.recovery import agreements, manual_changes
from incasso.store.recovery.iters import stages_from, versions


def skip(hub: Hub, subject: str, *, by: str, on: date, why: str) -> str:
    """Pass over the stage a case is in or comes to next; the rest of the iter goes on.

    Of a step every case is skipped. Raises ActError if it has left already, or for whole clients.
    """
    need_why(why, "skip a stage")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        if act.subject.kind == "step":
            stages = skip_step(act, waiting_step(act).id)
        else:
            stages = _change(act, "skipped", _without_next)
        act.tell("stage.skipped", stages=stages)
        return f"Skipped {', '.join(stages)}: {act.subject}."


def skip_step(act: Act, step: int) -> list[str]:
    """Skip a step that waits, for each of its cases; the keys of the stages."""
    cases = manual_changes.cases_in(act.connection, step)
    manual_changes.set_step(act.connection, step, status="skipped", done_on=act.on, reason=act.why)
    stages = [_apply(act, case, "skipped", _without_next) for case in cases]
    _look(act)
    return sorted(set(stages))


def enter(hub: Hub, subject: str, *, by: str, on: date, why: str = "", stage: str) -> str:
    """Let a case go on at a stage that a person chooses; also how a case in review begins.

    Raises ActError for a stage its iter does not have.
    """

    def chosen(case: Row[Any], line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
        keys = [one.key for one in line]
        if stage not in keys:
            raise ActError(f"case:{case.id} has no stage {stage}: choose from {', '.join(keys)}.")
        return stage, {"next_stage": stage}

    with acting(hub, subject, by=by, on=on, why=why) as act:
        _change(act, "entered", chosen)
        act.tell("stage.chosen", stage=stage)
        return f"Goes on at {stage}: {act.subject}."


def add(hub: Hub, subject: str, *, by: str, on: date, why: str = "", stage: Stage, to: date) -> str:
    """Put one more stage before the next one of a case, due on a day; planning makes its step."""
    need_future(to, on, "The day")

    def with_one_more(case: Row[Any], line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
        taken = {one.key for one in line}
        free = next(
            key for n in range(1, len(taken) + 2) if (key := f"{stage.key}_{n}") not in taken
        )
        new = msgspec.structs.replace(stage, key=free, label=stage.label or free)
        rest = _stored((new, *_ahead(case, line)))
        return free, {"private_stages": rest, "next_stage": "", "moved_to": to}

    with acting(hub, subject, by=by, on=on, why=why) as act:
        added = _change(act, "added", with_one_more)
        act.tell("stage.added", stages=added, to=to)
        return f"Added {', '.join(added)} for {to}: {act.subject}."


def one_more_stage(
    action: str, *, media: Sequence[str] = (), template: str = "", label: str = ""
) -> Stage:
    """A stage for `add`: somebody does it, or a message leaves by itself. Raises ActError."""
    if action in BY_PEOPLE:
        return Stage(
            key=action,
            label=label,
            action=Action(action),
            mode=Mode.MANUAL,
            advance_on=AdvanceOn.DONE,
        )
    if action not in set(Action) or not Action(action).traits.to_client:
        raise ActError(f"{action} cannot be added: choose from send, {', '.join(BY_PEOPLE)}.")
    if not template:
        raise ActError("A message needs words: `--template KEY`, one of `incasso templates list`.")
    if unknown := [medium for medium in media if medium not in list(Medium)]:
        raise ActError(f"{unknown[0]} is not a medium: choose from {', '.join(Medium)}.")
    channels = tuple(Medium(medium) for medium in media) or (Medium.EMAIL,)
    return Stage(key="message", label=label, channels=channels, template=template)


def private_stages(
    hub: Hub, subject: str, *, by: str, on: date, why: str = "", text: str, file: str = "file"
) -> str:
    """Give a case its own copy of the stages, from an iter file with one iter.

    The iter and its other cases stay as they are. Raises ActError with all that is wrong.
    """
    read = read_iter_file(text, file)
    if read.problems:
        raise ActError("\n".join(str(problem) for problem in read.problems))
    if len(read.iters) != 1:
        raise ActError(f"{file} has {len(read.iters)} iters: leave the one whose stages to use.")
    own = _stored(read.iters[0].stages)
    with acting(hub, subject, by=by, on=on, why=why) as act:
        _change(act, "own stages", lambda _, __: ("", {"private_stages": own, "next_stage": ""}))
        act.tell("stages.changed", stages=[stage["key"] for stage in own])
        return f"Own stages, {len(own)}: {act.subject}."


def cases_of(act: Act) -> list[int]:
    """The running cases of an installment, case or step. Raises ActError if there is none."""
    if act.subject.kind == "client":
        raise ActError(
            f"{act.subject} may have many cases: name a case (`case:12`), a step (`step:34`) or "
            "an installment."
        )
    if cases := running(act.targets()):
        return cases
    raise ActError(f"No running case on {act.subject}: `incasso explain` tells why.")


def waiting_step(act: Act, *statuses: str) -> Row[Any]:
    """The step an act is about, if nobody has begun it. Raises ActError."""
    if act.subject.kind != "step":
        raise ActError(f"{act.subject} is not a step: name one as `step:34`.")
    row = manual_changes.step(act.connection, act.subject.id)
    wanted = statuses or manual_changes.NOT_LEFT
    if row.status not in wanted:
        raise ActError(f"step:{row.id} is {row.status}, no longer {' or '.join(wanted)}.")
    if manual_changes.is_being_sent(act.connection, row.id):
        raise ActError(f"step:{row.id} is leaving right now: look again in a minute.")
    return row


_LEAVING = ("skipped", "entered")
"""Changes after which nobody waits any more for the proof of what was sent before."""

Change = Callable[[Row[Any], tuple[Stage, ...]], tuple[str, dict[str, Any]]]
"""A case and its stages to the stage concerned and the new values of the case."""


def _change(act: Act, what: str, change: Change) -> list[str]:
    """Take the cases out of what has not left, and change each; the stages concerned."""
    cases = cases_of(act)
    if leaving := manual_changes.leaving(act.connection, cases):
        raise ActError(f"step:{leaving[0]} is leaving right now: see first what becomes of it.")
    act.leave_steps(cases, what)
    stages = [_apply(act, case, what, change) for case in cases]
    _look(act)
    return sorted(set(stages))


def _apply(act: Act, case: int, what: str, change: Change) -> str:
    row = manual_changes.case(act.connection, case)
    if row.step_id is not None and what not in _LEAVING:
        raise ActError(f"case:{case} waits for the proof of step:{row.step_id}: skip that first.")
    stage, values = change(row, _line(act.connection, row))
    manual_changes.set_cases(
        act.connection, [case], **{"moved_to": None, "step_id": None, **values}
    )
    act.note([case], what, stage=stage)
    return stage


def _without_next(case: Row[Any], line: tuple[Stage, ...]) -> tuple[str, dict[str, Any]]:
    ahead = _ahead(case, line)
    if not ahead:
        raise ActError(f"case:{case.id} has no stage left to skip.")
    skipped = ",".join(filter(None, (case.skipped, ahead[0].key)))
    # Without a next stage the case would start over: an empty rest says that it is finished.
    rest = {"next_stage": ahead[1].key} if ahead[1:] else {"private_stages": [], "next_stage": ""}
    return ahead[0].key, {"skipped": skipped, **rest}


def _line(connection: Connection, case: Row[Any]) -> tuple[Stage, ...]:
    """All stages of a case: its own, if it has some, else those of its iter."""
    own = stages_from(case.private_stages)
    if own is not None:
        return own
    version = versions(connection, [case.iter_version_id])[case.iter_version_id]
    return version.iter.stages


def _ahead(case: Row[Any], line: tuple[Stage, ...]) -> tuple[Stage, ...]:
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


def _look(act: Act) -> None:
    agreements.look_again(act.connection, [t.installment_id for t in act.targets()], act.on)
