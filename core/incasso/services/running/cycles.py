"""Cycles in parts: begun, moved from stage to stage as their jobs end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.text import SEVERAL, Several, Text, in_a_row, text
from incasso.domain.office.jobs import (
    FOLLOWING,
    STAGES,
    Cycle,
    Job,
    JobState,
    NewJob,
    Task,
    is_over,
    wait_before,
)
from incasso.locale.job_labels import JOB_TASKS
from incasso.services.hub.broke import broke
from incasso.services.hub.hub import Hub
from incasso.services.running.tasks import Result, parts_of
from incasso.store.jobs import rows
from incasso.store.jobs.port import Engine

_log = logging.getLogger(__name__)

MADE_UP: Final = "late"
"""What is done once more for a part that came late."""


def start(
    hub: Hub,
    engine: Engine,
    connection: Connection,
    name: str,
    on: date,
    by: str = "",
    stages: Sequence[Task] | None = None,
) -> Cycle:
    """A new cycle, and jobs for its first stage, in the caller's transaction."""
    stages = STAGES[name] if stages is None else stages
    cycle = rows.make_cycle(connection, name, stages, on, by, hub.now())
    _begin_stage(hub, engine, connection, cycle)
    return cycle


def start_part(
    hub: Hub, engine: Engine, connection: Connection, name: str, part: NewJob, on: date
) -> None:
    """A cycle of nothing but this part, unless the same waits already."""
    if rows.waits(connection, part):
        return
    cycle = rows.make_cycle(connection, name, (part.task,), on, "", hub.now())
    engine.enqueue(connection, [rows.make(connection, cycle, part, hub.now())])


def ended(hub: Hub, engine: Engine, job: Job, result: Result) -> None:
    """Keep what came of a job, and begin the next stage if this was the last of its own.

    All in one transaction: a process that dies has done both or neither.
    """
    with hub.store.write() as connection:
        assert job.cycle_id is not None
        # Whoever ends a job holds its cycle, so that of two last ones only one sees the stage over.
        cycle = rows.cycle(connection, job.cycle_id)
        now = rows.job(connection, job.id)
        if cycle is None or now is None or now.state is not JobState.RUNNING:
            return  # another process did it too, and was first
        _keep(hub, connection, now, result)
        _go_on(hub, engine, connection, cycle)
        if not result.problem and job.task not in cycle.stages[:1]:
            _make_up(hub, engine, connection, cycle, job.task)


def give_up(hub: Hub, engine: Engine, connection: Connection, job: Job, problem: str) -> None:
    """A job that is not tried again, of a cycle whose other parts go on."""
    rows.end(connection, job.id, JobState.FAILED, hub.now(), problem=problem)
    cycle = rows.cycle(connection, job.cycle_id or 0)
    if cycle is not None:
        _go_on(hub, engine, connection, cycle)


def _go_on(hub: Hub, engine: Engine, connection: Connection, cycle: Cycle) -> None:
    """One of its jobs has ended, perhaps long after the cycle itself."""
    if cycle.state is JobState.RUNNING:
        _move_on(hub, engine, connection, cycle)
    elif not cycle.stages:
        _end(hub, connection, cycle)


def _keep(hub: Hub, connection: Connection, job: Job, result: Result) -> None:
    now, wait = hub.now(), wait_before(job.attempts)
    if result.problem and result.again and wait is not None:
        rows.put_back(connection, job.id, now, now + wait, problem=result.problem, cure=result.cure)
    elif result.rests_until is not None and not is_over(job.made_at, result.rests_until):
        rows.put_off(connection, job.id, now, result.rests_until)
    elif result.after is not None and wait is not None:
        rows.put_back(connection, job.id, now, now + result.after)
    else:
        rows.end(
            connection,
            job.id,
            JobState.FAILED if result.problem else JobState.DONE,
            now,
            problem=result.problem,
            cure=result.cure,
            facts=result.facts,
        )


def _move_on(hub: Hub, engine: Engine, connection: Connection, cycle: Cycle) -> None:
    """The next stage, if every job of this one has been tried."""
    if not rows.is_tried(connection, cycle.id, cycle.stages[0]):
        return
    rest = cycle.stages[1:]
    rows.move(connection, cycle.id, rest)
    if not rest:
        _end(hub, connection, cycle)
        return
    following = rows.cycle(connection, cycle.id)
    assert following is not None
    _begin_stage(hub, engine, connection, following)


def _begin_stage(hub: Hub, engine: Engine, connection: Connection, cycle: Cycle) -> None:
    if is_over(cycle.made_at, hub.now()):
        problem = text("the day of this run is over: the next one does what it left")
        rows.end(connection, cycle.id, JobState.FAILED, hub.now(), problem=problem)
        return
    try:
        new = parts_of(hub, Task(cycle.stages[0]), cycle.on_date)
    except Exception as error:
        # What came of the last job must be kept all the same, or it would be done for ever.
        _log.exception("the stage %s cannot begin", cycle.stages[0])
        rows.end(connection, cycle.id, JobState.FAILED, hub.now(), problem=broke(error))
        return
    made = [rows.make(connection, cycle, one, hub.now()) for one in new]
    engine.enqueue(connection, made)
    if not made:
        _move_on(hub, engine, connection, cycle)


def _end(hub: Hub, connection: Connection, cycle: Cycle) -> None:
    """The end of a cycle, and again whenever one of its parts comes late.

    A part that is to be done once more although nothing failed is no problem of the cycle.
    """
    parts = rows.parts(connection, cycle.id)
    failed = [one for one in parts if one.problem and one.state is not JobState.DONE]
    if not failed:
        rows.end(connection, cycle.id, JobState.DONE, hub.now())
        return
    problem = text(
        "not everything went well: {parts}",
        parts=in_a_row(_named_part(one.task, one.about) for one in failed),
    )
    rows.end(connection, cycle.id, JobState.FAILED, hub.now(), problem=problem)


def _named_part(task: Task, about: str) -> Text:
    return Text(SEVERAL, {"several": Several(filter(None, (JOB_TASKS[task], about)), " ")})


def _make_up(hub: Hub, engine: Engine, connection: Connection, cycle: Cycle, task: Task) -> None:
    """The cycle has gone on without this: what follows from it is done now."""
    following = [each for each in FOLLOWING.get(task, ()) if each in STAGES[_named(cycle)]]
    if following and not is_over(cycle.made_at, hub.now()):
        start(hub, engine, connection, MADE_UP, cycle.on_date, stages=following)


def _named(cycle: Cycle) -> str:
    return cycle.about if cycle.about in STAGES else "run"
