"""What each kind of job does, and what comes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy.exc import OperationalError

from incasso.contract.errors import IncassoError, TemporaryError
from incasso.contract.text import Text, in_a_row, text
from incasso.domain.ledger.states import RunStatus
from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import Job, NewJob, Task, looks_per_job, ranges
from incasso.domain.sending.routes import NOBODY, Routes, routes_of
from incasso.services.hub.broke import broke
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.placement.carriers import carriers
from incasso.services.placement.cycle import exchange_out
from incasso.services.placement.take import take_in
from incasso.services.placement.tell_refusals import tell_refusals
from incasso.services.placement.watch_ledger import watch_ledger
from incasso.services.proof.anchoring import catch_up
from incasso.services.recovery.plan import plan
from incasso.services.running.closing import close
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import Part, dispatch
from incasso.services.sending.recover import PATIENCE, left_in_doubt
from incasso.services.sending.side_by_side import carriers_of
from incasso.store.recovery import agenda, planning
from incasso.store.sending.dispatcher_lock import BusyError

_log = logging.getLogger(__name__)

SOON: Final = (TemporaryError, BusyError, OperationalError)
"""What may go better in some minutes without anybody doing anything."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job."""

    problem: Text | str = ""
    """Empty: it did what it should."""
    cure: Text | str = ""
    again: bool = False
    """Whether another try may help."""
    after: timedelta | None = None
    """When it must be done once more although nothing failed."""
    rests_until: datetime | None = None
    """When it can go on: a channel that may not be used before has something left to do."""
    facts: Mapping[str, Any] = {}
    """For the report of the cycle."""


Do = Callable[[Hub, Job], Result]


def done(hub: Hub, job: Job, tasks: Mapping[Task, Do]) -> Result:
    """Do it, whatever happens in it: nobody must have to wait because one job breaks."""
    try:
        return tasks[job.task](hub, job)
    except IncassoError as error:
        return Result(problem=_words(error), again=isinstance(error, SOON))
    except Exception as error:
        _log.exception("the job %s %s broke", job.task, job.about)
        return Result(
            problem=broke(error),
            cure=text("see the worker's log"),
            again=isinstance(error, SOON),
        )


def _words(error: IncassoError) -> Text | str:
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Text) else str(error)


def _sync(hub: Hub, job: Job) -> Result:
    report = sync(hub, CLOCK, job.about, job.on_date)
    facts = {"status": report.status.value}
    if report.good:
        return Result(facts=facts)
    return Result(
        problem=in_a_row(report.reasons),
        cure=report.hint,
        again=report.status is RunStatus.FAILED,
        facts=facts,
    )


def _collect(hub: Hub, job: Job) -> Result:
    report = collect(hub, CLOCK, job.on_date, only=job.about)
    problems = [*report.problems.values(), *report.stopped.values()]
    return Result(
        problem=in_a_row(problems),
        cure=text("see `incasso check {name}`", name=job.about) if problems else "",
        again=bool(report.problems),
        facts={"remarks": [str(remark) for remark in report.remarks]},
    )


def _exchange(hub: Hub, job: Job) -> Result:
    if not job.about:
        watch_ledger(hub, job.on_date)
        return Result()
    report = take_in(hub, CLOCK, job.on_date, only=job.about)
    problems = [*report.problems.values(), *tell_refusals(hub, job.on_date).values()]
    cure = text("see `incasso check {name}`", name=job.about) if problems else ""
    return Result(problem=in_a_row(problems), cure=cure, again=bool(problems))


def _plan(hub: Hub, job: Job) -> Result:
    first, last = job.first_client or 0, job.last_client
    end = agenda.EVERYBODY[1] if last is None else last
    plan(hub, CLOCK, job.on_date, clients=(first, end))
    return Result()


def _house(hub: Hub, job: Job) -> Result:
    dispatch(hub, CLOCK, job.on_date, part=Part(house=True))
    return Result()


def _dispatch(hub: Hub, job: Job) -> Result:
    part = _part(hub, job.about)
    if part is None:
        return Result()  # no channel of that name is configured any more
    report = dispatch(hub, CLOCK, job.on_date, part=part)
    again = PATIENCE if job.attempts > 1 and left_in_doubt(hub) else None
    facts = {"notices": list(report.notices), "unprotected": list(report.unprotected)}
    return Result(facts=facts, after=again, rests_until=min(report.resting.values(), default=None))


def _part(hub: Hub, about: str) -> Part | None:
    """The messages of one route; its next ones are written by a second process only where no
    other route is there to use the cores."""
    if hub.store.is_sqlite:
        return Part(messages=True)
    known = _routes(hub)
    if about not in known:
        return None
    return Part(messages=True, routes=known[about], ahead=len(known.keys() - {NOBODY}) == 1)


def _orders(hub: Hub, job: Job) -> Result:
    report = dispatch(hub, CLOCK, job.on_date, part=Part(orders=True))
    out = exchange_out(hub, CLOCK, job.on_date)
    catch_up(hub.store)
    facts = {
        "notices": list(report.notices),
        "unprotected": list(report.unprotected),
        "remarks": [str(remark) for remark in out.remarks],
    }
    return Result(facts=facts)


def _close(hub: Hub, job: Job) -> Result:
    close(hub, job)
    return Result()


TASKS: Final[Mapping[Task, Do]] = {
    Task.SYNC: _sync,
    Task.COLLECT: _collect,
    Task.EXCHANGE: _exchange,
    Task.PLAN: _plan,
    Task.HOUSE: _house,
    Task.DISPATCH: _dispatch,
    Task.ORDERS: _orders,
    Task.CLOSE: _close,
}


def parts_of(hub: Hub, stage: Task, on: date) -> Sequence[NewJob]:
    """The jobs of a stage: one process does an office on SQLite, so nothing is split there that
    only processes side by side gain by."""
    match stage:
        case Task.SYNC:
            return [NewJob(task=stage, about=one.id) for one in hub.registry.connectors()]
        case Task.COLLECT:
            return [NewJob(task=stage, about=one.id) for one in hub.registry.channels()]
        case Task.EXCHANGE:
            return exchange_parts(hub)
        case Task.PLAN if not hub.store.is_sqlite:
            return _ranges(hub, on)
        case Task.DISPATCH if not hub.store.is_sqlite:
            return [NewJob(task=stage, about=name) for name in _routes(hub)]
    return [NewJob(task=stage)]


def exchange_parts(hub: Hub) -> list[NewJob]:
    """One for what the ledger shows of placed credits, and one for each agency."""
    return [NewJob(task=Task.EXCHANGE, about=name) for name in ("", *sorted(carriers(hub)))]


def _ranges(hub: Hub, on: date) -> list[NewJob]:
    with hub.store.read() as connection:
        size = looks_per_job(agenda.count_due(connection, on))
        pages = list(planning.due_pages(connection, on, size))
    found = [
        NewJob(task=Task.PLAN, about=f"{first}-{last}", first_client=first, last_client=last)
        for first, last in ranges(pages, agenda.BLOCK)
    ]
    return found or [NewJob(task=Task.PLAN)]


def _routes(hub: Hub) -> dict[str, Routes]:
    return routes_of(carriers_of(hub))
