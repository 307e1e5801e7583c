"""The rows of jobs: made, begun, ended. The truth about a job stands here, whoever wakes it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.jobs import OPEN, Cycle, Job, JobState, NewJob, Task
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.jobs import jobs


class Ended(msgspec.Struct, frozen=True):
    """What came of a job, for the report of its cycle."""

    task: Task
    about: str
    state: JobState
    problem: str
    facts: Mapping[str, Any]


def make_cycle(
    connection: Connection, about: str, stages: Sequence[Task], on: date, by: str, now: datetime
) -> Cycle:
    """A cycle with these stages, none of which has begun."""
    values = {"task": Task.CYCLE, "about": about, "on_date": on, "stages": list(stages)}
    number = _insert(connection, {**values, "made_by": by}, JobState.RUNNING, now)
    found = cycle(connection, number)
    assert found is not None
    return found


def make(connection: Connection, cycle: Cycle, new: NewJob, now: datetime) -> Job:
    """A part of a cycle, waiting."""
    values = {**msgspec.structs.asdict(new), "cycle_id": cycle.id, "on_date": cycle.on_date}
    number = _insert(connection, {**values, "made_by": cycle.made_by}, JobState.WAITING, now)
    (made,) = records(connection, Job, _JOBS.where(jobs.c.id == number))
    return made


def waits(connection: Connection, new: NewJob) -> bool:
    """Whether such a job waits for its first try; it will see what is there by then."""
    query = sa.select(jobs.c.id).where(
        _IS_OPEN,
        jobs.c.state == JobState.WAITING,
        jobs.c.attempts == 0,
        jobs.c.task == new.task,
        jobs.c.about == new.about,
    )
    return connection.scalar(query.limit(1)) is not None


def _insert(
    connection: Connection, values: Mapping[str, Any], state: JobState, now: datetime
) -> int:
    statement = sa.insert(jobs).values(**values, state=state, made_at=now, since=now)
    return int(connection.execute(statement.returning(jobs.c.id)).scalar_one())


def job(connection: Connection, number: int) -> Job | None:
    """A job, locked until the transaction ends."""
    return maybe_record(connection, Job, _JOBS.where(jobs.c.id == number).with_for_update())


def cycle(connection: Connection, number: int) -> Cycle | None:
    """A cycle, locked until the transaction ends."""
    query = sa.select(*columns_of(Cycle, jobs)).where(jobs.c.id == number)
    return maybe_record(connection, Cycle, query.with_for_update())


def begin(connection: Connection, number: int, worker: str, now: datetime) -> None:
    """It is being done."""
    _set(connection, number, state=JobState.RUNNING, worker=worker, since=now, not_before=None)
    more = sa.update(jobs).where(jobs.c.id == number).values(attempts=jobs.c.attempts + 1)
    connection.execute(more)


def end(
    connection: Connection,
    number: int,
    state: JobState,
    now: datetime,
    *,
    problem: str = "",
    cure: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """It is over."""
    said = {"problem": problem, "cure": cure, "facts": dict(facts or {})}
    _set(connection, number, state=state, since=now, not_before=None, **said)


def put_back(
    connection: Connection,
    number: int,
    now: datetime,
    not_before: datetime | None,
    *,
    problem: str = "",
    cure: str = "",
) -> None:
    """It waits again, at least until then."""
    _set(
        connection,
        number,
        state=JobState.WAITING,
        since=now,
        not_before=not_before,
        problem=problem,
        cure=cure,
    )


def put_off(connection: Connection, number: int, now: datetime, until: datetime) -> None:
    """It goes on then: it went well and is not over, so its tries are counted anew."""
    put_back(connection, number, now, until)
    _set(connection, number, attempts=1)


def renew(connection: Connection, number: int, now: datetime) -> None:
    """It begins anew, as if it had been made now."""
    fresh = {"made_at": now, "attempts": 0, "problem": "", "cure": ""}
    _set(connection, number, state=JobState.WAITING, since=now, not_before=None, **fresh)


def move(connection: Connection, cycle: int, stages: Sequence[str]) -> None:
    """A cycle is at the first of these stages now."""
    _set(connection, cycle, stages=list(stages))


def _set(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(jobs).where(jobs.c.id == number).values(**values))


def is_tried(connection: Connection, cycle: int, stage: str) -> bool:
    """Whether every job of a stage has been tried; one that is to be tried again counts."""
    untried = sa.and_(jobs.c.state == JobState.WAITING, jobs.c.attempts == 0)
    query = (
        sa.select(jobs.c.id)
        .where(jobs.c.cycle_id == cycle, jobs.c.task == stage)
        .where(sa.or_(jobs.c.state == JobState.RUNNING, untried))
    )
    return connection.scalar(query.limit(1)) is None


def parts(connection: Connection, cycle: int) -> list[Ended]:
    """What came of the jobs of a cycle so far, in the order in which they were made."""
    query = sa.select(*columns_of(Ended, jobs)).where(jobs.c.cycle_id == cycle)
    return records(connection, Ended, query.order_by(jobs.c.id))


def ready(connection: Connection, now: datetime) -> list[Job]:
    """Jobs that may begin, oldest first."""
    may_begin = sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= now)
    query = _JOBS.where(_IS_OPEN, jobs.c.state == JobState.WAITING, jobs.c.task != Task.CYCLE)
    return records(connection, Job, query.where(may_begin).order_by(jobs.c.id))


def without(connection: Connection, now: datetime, nobody: sa.TextClause) -> list[Job]:
    """Open jobs for which `nobody` is woken although they may begin, or have begun."""
    put_off = sa.and_(jobs.c.state == JobState.WAITING, jobs.c.not_before > now)
    query = _JOBS.where(
        _IS_OPEN, jobs.c.task != Task.CYCLE, sa.not_(sa.func.coalesce(put_off, sa.false()))
    )
    return records(connection, Job, query.where(nobody).order_by(jobs.c.id))


def running(connection: Connection) -> list[int]:
    """Jobs that some process has begun, or had when it died."""
    parts = (_IS_OPEN, jobs.c.state == JobState.RUNNING, jobs.c.task != Task.CYCLE)
    return list(connection.scalars(sa.select(jobs.c.id).where(*parts)))


def forget(connection: Connection, before: datetime) -> None:
    """Take out what was over before that instant: a cycle with all its parts."""
    over = sa.and_(jobs.c.state.not_in(OPEN), jobs.c.since < before)
    late = sa.exists().where(_PART.c.cycle_id == jobs.c.id, _PART.c.state.in_(OPEN))
    old = sa.select(jobs.c.id).where(jobs.c.cycle_id.is_(None), over, ~late)
    numbers = list(connection.scalars(old))
    if numbers:
        connection.execute(sa.delete(jobs).where(jobs.c.cycle_id.in_(numbers)))
        connection.execute(sa.delete(jobs).where(jobs.c.id.in_(numbers)))


_JOBS: Final = sa.select(*columns_of(Job, jobs))
_PART: Final = jobs.alias("part")
# The partial index is found by these words only.
_IS_OPEN: Final = sa.text("jobs.state IN ('waiting', 'running')")
