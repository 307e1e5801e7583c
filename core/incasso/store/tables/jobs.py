"""Background jobs: what is to be done, by whom it is being done, and what came of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, Table

from incasso.domain.office.jobs import OPEN, JobState, Task
from incasso.store.tables.columns import (
    Id,
    Instant,
    code,
    key_column,
    metadata,
    partial_index,
    quoted,
    sentence,
    text,
)

jobs = Table(
    "jobs",
    metadata,
    key_column(),
    Column("cycle_id", ForeignKey("jobs.id")),  # null: a cycle, whose parts name it
    code("task", Task),
    text("about"),
    Column("first_client", Id),  # of a range of clients to plan
    Column("last_client", Id),
    Column("on_date", Date, nullable=False),
    code("state", JobState, JobState.WAITING),
    Column("stages", JSON, nullable=False, default=list),  # of a cycle: this one and the next
    text("made_by"),
    Column("made_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),  # when the state came about
    Column("not_before", Instant),  # of one that is tried again
    Column("attempts", Integer, nullable=False, default=0),
    text("worker"),  # machine and process that began it last
    sentence("problem"),
    sentence("cure"),
    Column("facts", JSON, nullable=False, default=dict),  # what its report says, for the cycle's
    Index("ix_jobs_cycle_id", "cycle_id"),
    partial_index("ix_jobs_open", "id", where=f"state IN ({quoted(*OPEN)})"),
)
