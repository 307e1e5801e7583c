"""Procrastinate behind the port: what of it the hub relies on, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from incasso.domain.office.jobs import Job, JobState, NewJob, Task
from incasso.store.engine import Store, open_store
from incasso.store.jobs import rows, schema
from incasso.store.jobs.many import Many, Pace
from incasso.store.tables.jobs import jobs
from tests.databases import PostgresServer
from tests.jobs.crew import ON

pytestmark = pytest.mark.postgres

PACE = Pace(tick=0.2, poll=0.1, heartbeat=0.5, stalled=5)
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.fixture
def store(postgres: PostgresServer, tmp_path: Path) -> Iterator[Store]:
    with postgres.database(migrated=True) as url:
        store = open_store(url, tmp_path / "archive")
        Many(store).prepare()
        yield store
        store.close()


class Noted:
    """Work that notes what it is woken for."""

    def __init__(self, store: Store, engine: Many) -> None:
        self._store, self._engine = store, engine
        self.done: list[int] = []
        self.at_once = 0
        self.meanwhile: Callable[[int], None] = lambda _: None

    def tick(self) -> None:
        """Wake whoever nobody wakes."""
        with self._store.write() as connection:
            self._engine.revive(connection, NOW)

    def carry_out(self, job: int) -> None:
        """Note it, and that it is over."""
        self.meanwhile(job)
        with self._store.write() as connection:
            rows.end(connection, job, JobState.DONE, NOW)
        self.done.append(job)


def make(store: Store, engine: Many | None, *new: NewJob) -> list[Job]:
    """Jobs, and whoever is to be woken for them."""
    with store.write() as connection:
        cycle = rows.make_cycle(connection, "sync", [Task.SYNC], ON, "", NOW)
        made = [rows.make(connection, cycle, one, NOW) for one in new]
        if engine is not None:
            engine.enqueue(connection, made)
        return made


def work_until_done(store: Store, *works: tuple[Noted, Many]) -> None:
    """Every process works until no job is open."""
    stop = Event()
    threads = [Thread(target=engine.run, args=(work, stop)) for work, engine in works]
    for thread in threads:
        thread.start()
    query = sa.select(sa.func.count()).where(jobs.c.state == JobState.WAITING)
    for _ in range(600):
        with store.read() as connection:
            if not connection.scalar(query):
                break
        stop.wait(0.1)
    stop.set()
    for thread in threads:
        thread.join()


SYNC = NewJob(task=Task.SYNC, about="acme")


def test_nobody_is_woken_for_what_was_rolled_back(store: Store) -> None:
    engine = Many(store, PACE)
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        cycle = rows.make_cycle(connection, "sync", [Task.SYNC], ON, "", NOW)
        engine.enqueue(connection, [rows.make(connection, cycle, SYNC, NOW)])
        raise ZeroDivisionError
    assert wake_ups(store) == 0
    make(store, engine, SYNC)
    assert wake_ups(store) == 1


def test_each_job_is_done_by_one_of_two_processes(store: Store) -> None:
    engines = [Many(store, PACE), Many(store, PACE)]
    made = make(store, engines[0], *[NewJob(task=Task.PLAN, about=str(n)) for n in range(12)])
    works = [Noted(store, engine) for engine in engines]
    work_until_done(store, *zip(works, engines, strict=True))
    done = [job for work in works for job in work.done]
    assert sorted(done) == [job.id for job in made]
    assert wake_ups(store) == 0


def test_a_source_is_never_read_twice_at_once(store: Store) -> None:
    engines = [Many(store, PACE), Many(store, PACE)]
    make(store, engines[0], *[SYNC] * 4)
    works = [Noted(store, engine) for engine in engines]
    under_way, most = set[int](), list[int]()

    def meanwhile(job: int) -> None:
        under_way.add(job)
        most.append(len(under_way))
        Event().wait(0.3)
        under_way.discard(job)

    for work in works:
        work.meanwhile = meanwhile
    work_until_done(store, *zip(works, engines, strict=True))
    assert most == [1] * 4


def test_a_wake_up_that_got_lost_is_made_good_for(store: Store) -> None:
    """Somebody emptied the queue, or an upgrade of Procrastinate made its tables anew."""
    engine = Many(store, PACE)
    (made,) = make(store, engine, SYNC)
    with store.write() as connection:
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {schema.NAME} IS 'another version'")
    engine.prepare()
    assert wake_ups(store) == 0
    work = Noted(store, engine)
    work_until_done(store, (work, engine))
    assert work.done == [made.id]


def test_only_the_queues_that_are_asked_for(store: Store) -> None:
    engine = Many(store, PACE)
    sync, plan = make(store, engine, SYNC, NewJob(task=Task.PLAN))
    work, stop = Noted(store, engine), Event()
    work.meanwhile = lambda _: stop.set()
    engine.run(work, stop, ["plan"])
    assert work.done == [plan.id]
    assert wake_ups(store) == 1
    assert sync.id not in work.done


def test_preparing_twice_changes_nothing(store: Store) -> None:
    engine = Many(store, PACE)
    make(store, engine, SYNC)
    engine.prepare()
    assert wake_ups(store) == 1


def wake_ups(store: Store) -> int:
    with store.read() as connection:
        count = f"SELECT count(*) FROM {schema.NAME}.procrastinate_jobs"
        return int(connection.exec_driver_sql(count).scalar_one())
