"""The worker threads of one instance: a hung call occupies one worker of this instance only."""

from __future__ import annotations

import logging
from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Semaphore, Thread
from typing import Any, Final

from incasso.plugins.printing import speak_as, take_handlers_away

STOP: Final = object()


class BusyError(Exception):
    """No worker was free in time, so nothing was called."""


class DeadlineError(Exception):
    """The call did not come back in time; it may still be running."""


class RaisedError(Exception):
    """The work raised `error`. Wrapped, so that a plugin's KeyboardInterrupt is not the user's."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Job:
    """One piece of work on its way to a worker and back."""

    __slots__ = ("abandoned", "done", "error", "finished", "reservation", "result", "work")

    def __init__(self, work: Callable[[], Any], reservation: Reservation | None) -> None:
        self.work = work
        self.reservation = reservation
        self.done: LockType = allocate_lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None
        self.finished = False
        self.abandoned = False


class Worker:
    """One thread, one job at a time; handing a job over by bare locks costs about 20 µs."""

    def __init__(self, pool: WorkerPool, name: str) -> None:
        self._pool = pool
        self._job: Job | None = None
        self._go: LockType = allocate_lock()
        self._go.acquire()
        # A daemon, because a thread stuck in a plugin must not keep the process alive.
        Thread(target=self._serve, name=name, daemon=True).start()

    def give(self, job: Job | None) -> None:
        """Start a job; None ends the thread."""
        self._job = job
        self._go.release()

    def _serve(self) -> None:
        speak_as(self._pool.name)
        while True:
            self._go.acquire()
            if (job := self._job) is None:
                return
            handlers = logging.root.handlers[:]
            try:
                job.result = job.work()
            except BaseException as error:
                # Whatever a plugin raises, SystemExit included, is carried to the caller.
                job.error = error
            if logging.root.handlers != handlers:
                take_handlers_away(handlers)
            self._job = None
            self._pool.finished(self, job)


class Reservation:
    """A worker kept for all pages of one stream; `lost` once a page of it missed its deadline."""

    __slots__ = ("cleanup", "lost", "worker")

    def __init__(self, worker: Worker, cleanup: Callable[[], None]) -> None:
        self.worker = worker
        self.cleanup = cleanup
        self.lost = False


class WorkerPool:
    """The worker threads of one instance; at most `workers` calls at a time."""

    def __init__(self, name: str, workers: int) -> None:
        self.name = name
        self._slots = Semaphore(workers)
        self._workers_allowed = workers
        self._lock = Lock()
        self._idle: deque[Worker] = deque()
        self._started = 0
        self._hanging = 0
        self._closed = False

    @property
    def all_hang(self) -> bool:
        """Whether every worker is occupied by a call that missed its deadline."""
        return self._hanging >= self._workers_allowed

    def reserve(self, cleanup: Callable[[], None]) -> Reservation:
        """A reserved worker: drivers such as sqlite3 want all pages on the same thread.

        If a page misses its deadline, the worker does the `cleanup` when that page ends after all.
        """
        return Reservation(self._free_worker(), cleanup)

    def release_reservation(self, reservation: Reservation) -> None:
        """Returns the worker after a stream; a hung worker returns by itself when its page ends."""
        if not reservation.lost:
            self._to_idle(reservation.worker)

    def run(
        self, work: Callable[[], Any], timeout_s: float, reservation: Reservation | None = None
    ) -> Any:
        """Do the work on a thread of this pool and wait for it at most `timeout_s`.

        Raises BusyError if nothing was begun, DeadlineError if it was and is not over,
        RaisedError around whatever the work raised.
        """
        if self.all_hang or not self._slots.acquire(timeout=timeout_s):
            raise BusyError
        worker = reservation.worker if reservation else self._free_worker()
        job = Job(work, reservation)
        worker.give(job)
        try:
            in_time = job.done.acquire(timeout=timeout_s)
        except BaseException:  # Ctrl-C while waiting: the call keeps running on its worker
            if not self._abandon(job):
                self._finish(worker, reservation)
            raise
        if not in_time and self._abandon(job):
            raise DeadlineError
        self._finish(worker, reservation)
        if job.error is not None:
            raise RaisedError(job.error)
        return job.result

    def run_apart(self, work: Callable[[], Any], timeout_s: float) -> None:
        """Does the work on a separate thread, even when hung calls occupy every worker.

        Raises DeadlineError if it is not over in time, RaisedError around whatever it raised.
        """
        raised: list[BaseException] = []

        def keep_what_it_raises() -> None:
            speak_as(self.name)
            try:
                work()
            except BaseException as error:
                raised.append(error)

        thread = Thread(target=keep_what_it_raises, name=f"{self.name}-apart", daemon=True)
        thread.start()
        thread.join(timeout_s)
        if thread.is_alive():
            raise DeadlineError
        if raised:
            raise RaisedError(raised[0])

    def finished(self, worker: Worker, job: Job) -> None:
        """Called by the worker: wake the caller, or clean up if the caller has given up."""
        with self._lock:
            job.finished = True
            abandoned = job.abandoned
        if not abandoned:
            job.done.release()
            return
        if job.reservation is not None:
            with suppress(BaseException):
                job.reservation.cleanup()
        with self._lock:
            self._hanging -= 1
        self._finish(worker, None)

    def close(self) -> None:
        """End the idle threads; those still busy end after their call."""
        self._closed = True
        while self._idle:
            self._idle.pop().give(None)

    def _free_worker(self) -> Worker:
        try:
            return self._idle.pop()
        except IndexError:
            with self._lock:
                self._started += 1
                name = f"{self.name}-{self._started}"
            return Worker(self, name)

    def _to_idle(self, worker: Worker) -> None:
        if self._closed:
            worker.give(None)
        else:
            self._idle.append(worker)

    def _finish(self, worker: Worker, reservation: Reservation | None) -> None:
        """Let the next call in; the worker is idle again unless a stream keeps it."""
        if reservation is None:
            self._to_idle(worker)
        self._slots.release()

    def _abandon(self, job: Job) -> bool:
        """Abandons a job; false if it has just ended."""
        with self._lock:
            if job.finished:
                return False
            job.abandoned = True
            if job.reservation is not None:
                job.reservation.lost = True
            self._hanging += 1
            return True
