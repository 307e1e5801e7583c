"""What every process asks every half a minute walks through no list of jobs that grows."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from incasso.domain.office.jobs import JobState, Task
from incasso.services.running.scheduler import engine_of
from incasso.store.jobs import rows
from incasso.store.tables.jobs import jobs
from tests.jobs.crew import ON, Crew
from tests.plans.watch import watching

DAYS, PARTS = 25, 60
FEW_ROWS = "ix_jobs_open"
"""An index of a few rows, however long the list is: it may be read as a whole."""


def test_a_process_finds_what_there_is_to_do(crew: Crew) -> None:
    _fill(crew)
    engine = engine_of(crew.hub)
    engine.prepare()
    crew.engine = engine  # type: ignore[assignment]
    with watching(crew.store) as watch:
        crew.start("collect")
        crew.work()
        crew.tick()
        with crew.store.write() as connection:
            engine.revive(connection, crew.at)
            rows.running(connection)
    walks = [
        f"{walk.how} of {walk.table}: {' '.join(walk.statement.split())}"
        for walk in watch.walks
        if walk.table == "jobs" and FEW_ROWS not in walk.how
    ]
    assert watch.statements > 10
    assert not walks, "\n".join(walks)


def _fill(crew: Crew) -> None:
    """Weeks of runs, all over."""
    with crew.store.write() as connection:
        for day in range(DAYS):
            at = crew.at - timedelta(days=day, hours=2)
            over = {"state": JobState.DONE, "on_date": ON, "made_at": at, "since": at}
            cycle = sa.insert(jobs).values(task=Task.CYCLE, about="run", **over)
            number = connection.execute(cycle.returning(jobs.c.id)).scalar_one()
            parts = [{"task": Task.PLAN, "cycle_id": number, **over} for _ in range(PARTS)]
            connection.execute(sa.insert(jobs), parts)
    with crew.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
