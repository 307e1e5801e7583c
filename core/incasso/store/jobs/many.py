"""Any number of processes on any number of machines, woken by Procrastinate on PostgreSQL.

It does five things: wakes a process when the transaction that made a job is committed, keeps jobs
with the same lock apart, hears the heartbeat of each process, gives the job of a dead one to
another, and serves queues by name. What a job is and how it stands is in our own rows. Imported by
an office on PostgreSQL only, and only when there is a job to speak of.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.jobs import QUEUES, Job, Task, lock_of
from incasso.store.engine import Store
from incasso.store.jobs import rows, schema
from incasso.store.jobs.port import Work

if TYPE_CHECKING:
    from procrastinate import App

CARRY_OUT: Final = "carry_out"

CHANNELS: Final = QUEUES[Task.DISPATCH]

AT_ONCE: Final = 8
"""Jobs of channels in one process: they wait for other servers most of the time, and one that waits
long must keep no other from beginning. Everything else is work, which one core does one by one."""

_log = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often, in seconds; tests are in a hurry."""

    tick: float = 30.0
    """Looks at the clock."""
    poll: float = 1.0
    """For what no notice comes of: a job whose lock became free."""
    heartbeat: float = 10.0
    stalled: float = 30.0
    """A process that was silent so long is dead, and its job another's. Should it be alive all the
    same, each use case keeps to what it promises although two do it at once."""
    longest_wait: float = 30.0
    """Between two tries to reach the server."""


class Many:
    """Procrastinate behind the port."""

    def __init__(self, store: Store, pace: Pace | None = None) -> None:
        self._store, self._pace = store, pace or Pace()

    def prepare(self) -> None:
        """Make Procrastinate's tables. Raises NoSchemaError."""
        with self._store.write() as connection:
            schema.prepare(connection)

    def enqueue(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Defer in the caller's transaction, on the very connection."""
        if not jobs:
            return
        schema.use(connection)
        for job in jobs:
            task = self._deferring.configure_task(
                CARRY_OUT,
                queue=QUEUES[job.task],
                lock=lock_of(job.task, job.about),
                connection=connection.connection.driver_connection,
            )
            task.defer(job=job.id)

    def revive(self, connection: Connection, now: datetime) -> None:
        """Jobs whose time to be tried again has come, and any whose wake-up is gone."""
        self.enqueue(connection, rows.without(connection, now, sa.text(_NOBODY)))

    def forget(self, connection: Connection) -> None:
        """Procrastinate's rows are deleted as soon as a job has ended."""

    def run(self, work: Work, stop: Event, queues: Sequence[str] = ()) -> None:
        """Work until stopped, however often the server goes away meanwhile."""
        wait = 0.0
        while not stop.wait(wait):
            before = asyncio.run(self._work(work, stop, queues))
            # The first failure after a good time is followed by a short wait.
            wait = 1.0 if before else min(2 * wait or 1.0, self._pace.longest_wait)

    async def _work(self, work: Work, stop: Event, queues: Sequence[str]) -> bool:
        """Until stopped, or until the server goes away; whether it was there."""
        from procrastinate.exceptions import ConnectorException
        from psycopg_pool import PoolTimeout

        was_there = False
        try:
            app = _app(self._store, work)
            async with app.open_async():
                was_there = True
                side = [
                    asyncio.create_task(self._again_and_again(self._tick(work))),
                    asyncio.create_task(self._again_and_again(_rescue(app, self._pace.stalled))),
                ]
                try:
                    await self._until_stopped(app, stop, queues)
                finally:
                    for one in side:
                        one.cancel()
                    await asyncio.gather(*side, return_exceptions=True)
        except (ConnectorException, PoolTimeout, OSError) as error:
            _log.warning("the database does not answer: %s", type(error).__name__)
        return was_there

    async def _until_stopped(self, app: App, stop: Event, queues: Sequence[str]) -> None:
        wanted = set(queues or QUEUES.values())
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE + 3))
        running = [
            asyncio.create_task(self._serve(app, served, seats))
            for served, seats in ((wanted - {CHANNELS}, 1), (wanted & {CHANNELS}, AT_ONCE))
            if served
        ]
        while not stop.is_set() and not any(one.done() for one in running):
            await asyncio.wait(running, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
        for one in running:
            one.cancel()  # it finishes the jobs that it has begun
        ended = await asyncio.gather(*running, return_exceptions=True)
        for result in ended:
            if isinstance(result, asyncio.CancelledError) and stop.is_set():
                continue
            if isinstance(result, Exception):
                raise result

    def _serve(self, app: App, queues: Collection[str], seats: int) -> Coroutine[Any, Any, None]:
        pace = self._pace
        return app.run_worker_async(
            queues=sorted(queues),
            concurrency=seats,
            fetch_job_polling_interval=pace.poll,
            update_heartbeat_interval=pace.heartbeat,
            stalled_worker_timeout=pace.stalled,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    async def _again_and_again(self, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except Exception as error:
                # The worker itself notices a server that is away, and this comes again anyway.
                _log.warning("%s", type(error).__name__)
            await asyncio.sleep(self._pace.tick)

    @staticmethod
    def _tick(work: Work) -> Callable[[], Awaitable[None]]:
        return lambda: asyncio.to_thread(work.tick)

    @cached_property
    def _deferring(self) -> App:
        """For jobs that are deferred on connections of ours; it never connects itself."""
        from procrastinate import App, SyncPsycopgConnector

        return App(connector=SyncPsycopgConnector())


def _rescue(app: App, silent: float) -> Callable[[], Awaitable[None]]:
    async def rescue() -> None:
        """The jobs of processes that have died become somebody else's."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent):
            _log.warning("a process died; its job is taken over")
            await app.job_manager.retry_job(job)

    return rescue


def _app(store: Store, work: Work) -> App:
    """A fresh one for every try: it does not survive the loss of its server."""
    from procrastinate import App, PsycopgConnector

    url = store.engine.url.set(drivername="postgresql")
    options: dict[str, Any] = {"options": f"-c search_path={schema.NAME},public"}
    app = App(
        connector=PsycopgConnector(
            conninfo=url.render_as_string(hide_password=False),
            kwargs=options,
            min_size=1,
            max_size=6,
        )
    )

    @app.task(name=CARRY_OUT)
    def carry_out(job: int) -> None:
        work.carry_out(job)

    return app


_NOBODY: Final = f"""NOT EXISTS (
    SELECT FROM {schema.NAME}.procrastinate_jobs AS awaited
    WHERE awaited.status IN ('todo', 'doing') AND (awaited.args ->> 'job')::bigint = jobs.id)"""
