"""One cycle in order, its failures kept apart; the schedule; a hub made ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from incasso.contract.errors import TemporaryError
from incasso.domain.calendar import Calendar
from incasso.domain.office.actor import CLOCK
from incasso.domain.office.jobs import Task
from incasso.domain.office.schedule import Job, is_due, next_time
from incasso.services.hub.hub import Hub
from incasso.services.running import cycle, scheduler
from incasso.services.running.setup import init
from incasso.services.running.tasks import TASKS, Do, Result
from incasso.store.engine import Store, open_store
from incasso.store.office.runner import RunningError, last_begun, only_runner, save_schedule
from incasso.store.revision import head, is_level
from incasso.store.tables.jobs import jobs
from incasso.store.tables.office import users
from incasso.store.tables.proof import journal
from incasso.store.tables.sending import templates
from incasso.testing.fakes.registry import config_of, registry_of
from tests.ledger.office import NOW, ON, Books, Export, items

ROME = ZoneInfo("Europe/Rome")


def test_a_cycle_does_everything_in_order(books: Books) -> None:
    assert isinstance(books.export, Export)
    books.export.rows = items(5)
    heard: list[str] = []
    report = cycle.run(books.hub, CLOCK, ON, progress=lambda what, _: heard.append(what))
    assert report.good, report.failures
    assert [each.counts.new for each in report.syncs] == [5]
    assert report.collected and report.planned and report.dispatched
    assert report.planned.looked == 5
    assert heard[0] == "clients"
    assert books.all(journal)[-1].kind == "run.finished"


def test_one_source_that_breaks_stops_nothing_else(store: Store, tmp_path: Path) -> None:
    exports = {"acme": Export(), "beta": Export()}
    exports["acme"].fails_after, exports["acme"].failure = 0, TemporaryError("share not mounted")
    exports["acme"].rows = exports["beta"].rows = items(5)
    config = config_of(exports, path=tmp_path / "plugins.toml")
    registry = registry_of(exports, now=lambda: NOW, config=config)
    hub = Hub(config=config, store=store, registry=registry, now=lambda: NOW)
    report = cycle.run(hub, CLOCK, ON)
    assert {each.source: each.status for each in report.syncs} == {"acme": "failed", "beta": "good"}
    assert not report.good and report.planned and report.planned.looked == 5
    registry.close()


def test_a_part_that_breaks_is_told_and_the_rest_goes_on(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(cycle, "plan", broken)
    report = cycle.run(books.hub, CLOCK, ON)
    assert [failure.part for failure in report.failures] == ["plan"]
    assert report.dispatched is not None
    last = books.all(journal)[-1]
    assert last.kind == "run.failed" and "nobody thought" in last.facts["failures"]["plan"]


def test_a_database_that_refuses_shows_no_row_and_no_sql(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        with books.hub.store.write() as connection:
            connection.execute(
                sa.text("INSERT INTO no_such_table VALUES (:who)"), {"who": "Bianchi Mario"}
            )

    monkeypatch.setattr(cycle, "plan", broken)
    (failure,) = cycle.run(books.hub, CLOCK, ON).failures
    assert failure.reason.startswith("the database refuses (")
    assert not any(word in failure.reason for word in ("INSERT", "Bianchi", "sqlalche"))
    with pytest.raises(SQLAlchemyError) as raised:
        broken()
    assert "Bianchi" not in str(raised.value)


@pytest.mark.parametrize(
    ("into", "value", "blames_the_database"),
    [("no_such_table", "Bianchi Mario", True), ("users (id)", 10**30, False)],
)
def test_a_sync_that_meets_the_same_shows_no_row_and_no_sql(
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
    into: str,
    value: str | int,
    blames_the_database: bool,
) -> None:
    def broken(hub: Hub, *_: Any, **__: Any) -> None:
        with hub.store.write() as connection:
            connection.execute(sa.text(f"INSERT INTO {into} VALUES (:who)"), {"who": value})

    monkeypatch.setattr("incasso.services.ledger.sync.pull", broken)
    (report,) = cycle.run(books.hub, CLOCK, ON).syncs
    (problem,) = report.reasons
    assert (report.status, problem[:40]) == ("failed", "the hub broke off; nothing was changed: ")
    assert ("the database refuses (" in problem) is blames_the_database
    assert not any(word in problem for word in ("INSERT", "Bianchi", "1000000", "sqlalche"))


def test_a_ledger_that_stands_still_raises_an_alarm(books: Books) -> None:
    assert isinstance(books.export, Export)
    books.export.rows = items(5)
    for days in range(7):
        assert cycle.run(books.hub, CLOCK, ON + timedelta(days=days), False).alarms == []
    (alarm,) = cycle.run(books.hub, CLOCK, ON + timedelta(days=7), False).alarms
    assert "acme: nothing has changed since 2026-11-23" in alarm


def at(*given: int) -> datetime:
    """An instant of Roman time."""
    return datetime(*given, tzinfo=ROME).astimezone(UTC)  # type: ignore[misc,arg-type]


MORNING = Job(at=(time(7, 30),))


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (at(2026, 11, 23, 7, 0), at(2026, 11, 23, 7, 30)),
        (at(2026, 11, 23, 7, 30), at(2026, 11, 24, 7, 30)),
        (at(2026, 11, 27, 8, 0), at(2026, 11, 30, 7, 30)),
        (at(2026, 12, 24, 8, 0), at(2026, 12, 28, 7, 30)),
        (at(2026, 10, 23, 8, 0), at(2026, 10, 26, 7, 30)),
    ],
    ids=["today", "tomorrow", "after the weekend", "after Christmas", "after summer time"],
)
def test_the_next_time_is_on_a_working_day(after: datetime, following: datetime) -> None:
    assert next_time(MORNING, after, ROME, Calendar()) == following


def test_a_job_may_work_on_sundays_and_several_times() -> None:
    job = Job(at=(time(16), time(10)), working_days=False)
    assert next_time(job, at(2026, 11, 28, 17), ROME, Calendar()) == at(2026, 11, 29, 10)
    assert next_time(job, at(2026, 11, 29, 10), ROME, Calendar()) == at(2026, 11, 29, 16)
    assert next_time(Job(at=()), at(2026, 11, 29, 10), ROME, Calendar()) is None


def test_a_time_that_spring_skips_comes_once() -> None:
    job = Job(at=(time(2, 30),), working_days=False)
    first = next_time(job, at(2027, 3, 27, 12), ROME, Calendar())
    assert first == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert next_time(job, first, ROME, Calendar()) == at(2027, 3, 29, 2, 30)


def test_missed_times_are_due_once() -> None:
    now = at(2026, 11, 26, 12)
    assert is_due(MORNING, at(2026, 11, 23, 7, 31), now, ROME, Calendar())
    assert not is_due(MORNING, now, now, ROME, Calendar())
    assert not is_due(MORNING, None, now, ROME, Calendar())


class Day:
    """A clock that sleeping moves on."""

    def __init__(self, begins: datetime, ends: datetime) -> None:
        self.now, self.ends = begins, ends

    def __call__(self) -> datetime:
        return self.now

    def wait(self, _seconds: float) -> bool:
        """Sleep a quarter of an hour; stop at the end."""
        self.now += timedelta(minutes=15)
        return self.now > self.ends


@pytest.fixture
def clocked(store: Store, tmp_path: Path) -> Iterator[Callable[[Day], Hub]]:
    """A hub with a clock of one's own."""
    books = Books(store, tmp_path)

    def hub(day: Day) -> Hub:
        made = books.hub
        return Hub(config=made.config, store=store, registry=made.registry, now=day)

    yield hub
    books.hub.registry.close()


NOTHING: Mapping[Task, Do] = {task: lambda _, __: Result() for task in TASKS}
"""Jobs that do what they should at once."""


def begun(store: Store) -> list[tuple[str, date]]:
    """Every cycle that the clock began, in order."""
    query = sa.select(jobs.c.about, jobs.c.on_date).where(jobs.c.task == Task.CYCLE)
    with store.read() as connection:
        return [(row.about, row.on_date) for row in connection.execute(query.order_by(jobs.c.id))]


def test_the_worker_keeps_to_the_schedule(clocked: Callable[[Day], Hub], store: Store) -> None:
    day = Day(at(2026, 11, 27, 6), at(2026, 11, 30, 12))
    with store.write() as connection:
        save_schedule(connection, {"run": MORNING, "plan": Job(at=(time(9),), working_days=False)})
    scheduler.run_schedule(clocked(day), Event(), tasks=NOTHING, wait=day.wait)
    assert [(name, on.day) for name, on in begun(store)] == [
        ("run", 27),
        ("plan", 27),
        ("plan", 28),
        ("plan", 29),
        ("run", 30),
        ("plan", 30),
    ]


def test_a_worker_that_was_off_catches_up_once(clocked: Callable[[Day], Hub], store: Store) -> None:
    first = Day(at(2026, 11, 23, 6), at(2026, 11, 23, 7))
    scheduler.run_schedule(clocked(first), Event(), tasks=NOTHING, wait=first.wait)
    assert begun(store) == []
    later = Day(at(2026, 11, 26, 8), at(2026, 11, 26, 8, 10))
    scheduler.run_schedule(clocked(later), Event(), tasks=NOTHING, wait=later.wait)
    assert begun(store) == [(name, date(2026, 11, 26)) for name in ("run", "collect")]


def test_a_job_added_to_the_schedule_is_done_from_its_next_time_on(
    clocked: Callable[[Day], Hub], store: Store
) -> None:
    day = Day(at(2026, 11, 23, 12), at(2026, 11, 24, 12))

    def wait(seconds: float) -> bool:
        if not begun(store):
            with store.write() as connection:
                save_schedule(connection, {"collect": MORNING})
        return day.wait(seconds)

    scheduler.run_schedule(clocked(day), Event(), tasks=NOTHING, wait=wait)
    assert begun(store) == [("collect", date(2026, 11, 24))]


def test_a_job_that_breaks_does_not_end_the_worker(
    clocked: Callable[[Day], Hub], store: Store
) -> None:
    done: list[str] = []

    def broken(_: Hub, job: Any) -> Result:
        done.append(f"broken {job.on_date}")
        raise ZeroDivisionError

    def heard(_: Hub, job: Any) -> Result:
        done.append(f"close {job.on_date}")
        return Result()

    day = Day(at(2026, 11, 23, 6), at(2026, 11, 23, 8))
    tasks = {**NOTHING, Task.SYNC: broken, Task.CLOSE: heard}
    scheduler.run_schedule(clocked(day), Event(), tasks=tasks, wait=day.wait)
    assert done == ["broken 2026-11-23", "close 2026-11-23"]


def test_only_one_worker_runs(clocked: Callable[[Day], Hub], store: Store) -> None:
    day = Day(at(2026, 11, 23, 6), at(2026, 11, 23, 7))
    with only_runner(store), pytest.raises(RunningError, match="Another process"):
        scheduler.run_schedule(clocked(day), Event(), wait=day.wait)
    scheduler.run_schedule(clocked(day), Event(), wait=day.wait)
    with store.read() as connection:
        assert set(last_begun(connection)) == {"run", "collect"}


def test_a_worker_told_to_stop_begins_nothing(clocked: Callable[[Day], Hub]) -> None:
    stop = Event()
    stop.set()
    day = Day(at(2026, 11, 23, 8), at(2026, 11, 23, 9))
    scheduler.run_schedule(clocked(day), stop, tasks={}, wait=day.wait)


def test_a_hub_is_made_ready_once(database_url: str, tmp_path: Path) -> None:
    store = open_store(database_url, tmp_path / "archive")
    books = Books(store, tmp_path)
    report = init(books.hub)
    assert (report.administrator, report.revision) == ("admin", head())
    assert report.texts > 0 and is_level(store)
    again = init(books.hub)
    assert (again.administrator, again.texts) == ("", 0)
    with store.read() as connection:
        (user,) = connection.execute(sa.select(users)).all()
        assert (user.role, user.password_hash) == ("administrator", "")
        assert connection.scalar(sa.select(sa.func.count()).select_from(templates)) == report.texts
    books.hub.registry.close()
    store.close()
