"""The list of background jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days
from incasso.store.lists.listing import Asks, Belongs, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from incasso.store.lists.paths import Paths


def _states() -> Iterable[str]:
    from incasso.domain.office.jobs import JobState

    return JobState


def _tasks() -> Iterable[str]:
    from incasso.domain.office.jobs import Task

    return Task


def _queue(row: Fields, paths: Paths) -> str:
    """A cycle waits in none: its parts do."""
    from incasso.domain.office.jobs import QUEUES, Task

    return QUEUES.get(Task(row["task"]), "")


JOBS = Listing(
    name="jobs",
    help="List background jobs: what each does, how far it is, and what a person should do.",
    table="jobs",
    belongs=Belongs.OFFICE,
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("cycle", Kind.NUMBER, "cycle_id"),
        Column("queue", sql=None, made=_queue),
        Column("task", Kind.CODE, words="job_task"),
        Column("about", Kind.PROSE),
        Column("on", Kind.DAY, "on_date"),
        Column("state", Kind.CODE, words="job_state"),
        Column("since", Kind.INSTANT),
        Column("attempts", Kind.NUMBER),
        Column("problem", Kind.PROSE),
        Column("cure", Kind.PROSE),
        Column("worker", Kind.PROSE),
        Column("not_before", Kind.INSTANT),
        Column("made_at", Kind.INSTANT),
        Column("made_by"),
    ),
    shown="id queue task about state since attempts problem cure",
    filters=(
        Filter("state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_states),
        Filter("task", Asks.ONE_OF, help="Only doing this; may be repeated.", known=_tasks),
        *days("on_date"),
    ),
)
