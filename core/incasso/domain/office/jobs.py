"""Jobs: a cycle of the office in parts that any process may carry out.

A cycle has stages, one after the other; the jobs of a stage have nothing to do with each other. The
next stage begins when each of them has been tried, so that one that fails never stops the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec


class Task(StrEnum):
    """What a job does."""

    CYCLE = "cycle"
    """Nothing itself: it is done when its parts are."""
    SYNC = "sync"
    """One source."""
    COLLECT = "collect"
    """One channel."""
    EXCHANGE = "exchange"
    """One agency or lawyer; without a name, what the ledger shows of credits placed with them."""
    PLAN = "plan"
    """One range of clients."""
    HOUSE = "house"
    """What dispatch does in the database, before any message."""
    DISPATCH = "dispatch"
    """The messages of some channels."""
    ORDERS = "orders"
    """What dispatch does after the messages: order blocks into the ERPs, the stamp of the day."""
    CLOSE = "close"
    """Alarms, and the journal's line about the whole run."""


class JobState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN: Final = (JobState.WAITING, JobState.RUNNING)

_SENDING: Final = (Task.HOUSE, Task.DISPATCH, Task.ORDERS)

STAGES: Final[Mapping[str, Sequence[Task]]] = {
    "run": (Task.SYNC, Task.COLLECT, Task.EXCHANGE, Task.PLAN, *_SENDING, Task.CLOSE),
    "sync": (Task.SYNC,),
    "collect": (Task.COLLECT,),
    "exchange": (Task.EXCHANGE,),
    "plan": (Task.PLAN,),
    "dispatch": _SENDING,
}
"""What may stand in a schedule, or be started by a person, and its stages in order."""

FOLLOWING: Final[Mapping[Task, Sequence[Task]]] = {
    Task.SYNC: (Task.PLAN, *_SENDING),
    Task.PLAN: _SENDING,
}
"""What is done once more for a job that succeeds after its cycle has gone on without it."""

QUEUES: Final[Mapping[Task, str]] = {
    Task.SYNC: "ledger",
    Task.COLLECT: "channels",
    Task.EXCHANGE: "channels",
    Task.PLAN: "plan",
    Task.HOUSE: "plan",
    Task.DISPATCH: "channels",
    Task.ORDERS: "ledger",
    Task.CLOSE: "plan",
}
"""A machine may serve some queues only: the one that reaches the ERP, the one that may send."""

RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Between the tries of a job that may go better the next time."""

DEATHS: Final = 5
"""A job that so many processes have died of is not tried again."""

LASTS: Final = timedelta(hours=12)
"""A cycle that did not come to its end in this time is given up: its day is over, and the next one
does whatever it left."""


class Job(msgspec.Struct, frozen=True):
    """A job as it is kept."""

    id: int
    cycle_id: int | None
    """None: it is a cycle itself."""
    task: Task
    about: str
    """The source or the channels; of a cycle its name in the schedule."""
    first_client: int | None
    last_client: int | None
    on_date: date
    state: JobState
    made_at: datetime
    attempts: int
    """How often it was begun."""


class Cycle(msgspec.Struct, frozen=True):
    """Where a cycle is."""

    id: int
    about: str
    on_date: date
    state: JobState
    stages: Sequence[str]
    """This one and those that follow."""
    made_at: datetime
    made_by: str


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is to be made."""

    task: Task
    about: str = ""
    first_client: int | None = None
    last_client: int | None = None


def lock_of(task: Task, about: str) -> str | None:
    """Jobs with the same one never run at the same time: a source syncs once, a channel sends
    once. None: they may."""
    return None if task is Task.PLAN else f"{task}:{about}"


def wait_before(attempt: int) -> timedelta | None:
    """How long to wait after that many tries; None: no more."""
    return RETRIES[attempt - 1] if attempt <= len(RETRIES) else None


def is_over(made_at: datetime, now: datetime) -> bool:
    """Whether the day of a cycle made then is over."""
    return now - made_at > LASTS


def looks_per_job(due: int) -> int:
    """How many looks one job of planning gets. Some jobs more than there are processes, so that
    none waits long for the last; not too small, because each weighs the usual facts anew."""
    return max(5_000, min(50_000, -(-due // 8)))


def ranges(pages: Sequence[tuple[int, int]], block: int) -> list[tuple[int, int]]:
    """Pages of clients as ranges that begin and end with a whole block, so that no two jobs wait
    for the same lock."""
    found: list[tuple[int, int]] = []
    for _, last in pages:
        first = found[-1][1] + 1 if found else 0
        end = (last // block + 1) * block - 1
        if end >= first:
            found.append((first, end))
    return found
