"""The threads of one instance: a call that never returns costs a seat, nobody else's time."""

from __future__ import annotations

from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Semaphore, Thread
from typing import Any, Final

STOP: Final = object()


class BusyError(Exception):
    """No seat was free in time, so nothing was called."""


class DeadlineError(Exception):
    """The call did not come back in time; it may still be running."""


class RaisedError(Exception):
    """The work raised `error`. Wrapped, so that a plugin's KeyboardInterrupt is not the user's."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Job:
    """One piece of work on its way to a lane and back."""

    __slots__ = ("abandoned", "done", "error", "finished", "loan", "result", "work")

    def __init__(self, work: Callable[[], Any], loan: Loan | None) -> None:
        self.work = work
        self.loan = loan
        self.done: LockType = allocate_lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None
        self.finished = False
        self.abandoned = False


class Lane:
    """One thread that takes one job at a time; hand-over by bare locks costs about 20 µs."""

    def __init__(self, cell: Cell, name: str) -> None:
        self._cell = cell
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
        while True:
            self._go.acquire()
            if (job := self._job) is None:
                return
            try:
                job.result = job.work()
            except BaseException as error:
                # Whatever a plugin raises, SystemExit included, is carried to the caller.
                job.error = error
            self._job = None
            self._cell.finished(self, job)


class Loan:
    """A lane kept for all pages of one stream; `lost` once a page of it missed its deadline."""

    __slots__ = ("cleanup", "lane", "lost")

    def __init__(self, lane: Lane, cleanup: Callable[[], None]) -> None:
        self.lane = lane
        self.cleanup = cleanup
        self.lost = False


class Cell:
    """The seats and threads of one instance."""

    def __init__(self, name: str, seats: int) -> None:
        self._name = name
        self._seats = Semaphore(seats)
        self._number_of_seats = seats
        self._lock = Lock()
        self._idle: deque[Lane] = deque()
        self._lanes = 0
        self._stuck = 0
        self._closed = False

    @property
    def all_stuck(self) -> bool:
        """Whether every seat is held by a call that missed its deadline."""
        return self._stuck >= self._number_of_seats

    def borrow(self, cleanup: Callable[[], None]) -> Loan:
        """A lane of one's own: drivers such as sqlite3 want all pages on the same thread.

        If a page is left behind, the lane does the `cleanup` when that page ends after all.
        """
        return Loan(self._lane(), cleanup)

    def give_back(self, loan: Loan) -> None:
        """End of a stream; a lost lane comes back by itself."""
        if not loan.lost:
            self._park(loan.lane)

    def run(self, work: Callable[[], Any], timeout_s: float, loan: Loan | None = None) -> Any:
        """Do the work on a thread of this cell and wait for it at most `timeout_s`.

        Raises BusyError if nothing was begun, DeadlineError if it was and is not over,
        RaisedError around whatever the work raised.
        """
        if self.all_stuck or not self._seats.acquire(timeout=timeout_s):
            raise BusyError
        lane = loan.lane if loan else self._lane()
        job = Job(work, loan)
        lane.give(job)
        try:
            in_time = job.done.acquire(timeout=timeout_s)
        except BaseException:  # Ctrl-C while waiting: the call goes on without us
            if not self._abandon(job):
                self._release(lane, loan)
            raise
        if not in_time and self._abandon(job):
            raise DeadlineError
        self._release(lane, loan)
        if job.error is not None:
            raise RaisedError(job.error)
        return job.result

    def run_apart(self, work: Callable[[], Any], timeout_s: float) -> None:
        """Do the work on a thread of its own, although calls that hang hold every seat.

        Raises DeadlineError if it is not over in time, RaisedError around whatever it raised.
        """
        raised: list[BaseException] = []

        def keep_what_it_raises() -> None:
            try:
                work()
            except BaseException as error:
                raised.append(error)

        thread = Thread(target=keep_what_it_raises, name=f"{self._name}-apart", daemon=True)
        thread.start()
        thread.join(timeout_s)
        if thread.is_alive():
            raise DeadlineError
        if raised:
            raise RaisedError(raised[0])

    def finished(self, lane: Lane, job: Job) -> None:
        """Called by the lane: wake the caller, or clean up if nobody waits any more."""
        with self._lock:
            job.finished = True
            abandoned = job.abandoned
        if not abandoned:
            job.done.release()
            return
        if job.loan is not None:
            with suppress(BaseException):
                job.loan.cleanup()
        with self._lock:
            self._stuck -= 1
        self._release(lane, None)

    def close(self) -> None:
        """End the idle threads; those still busy end after their call."""
        self._closed = True
        while self._idle:
            self._idle.pop().give(None)

    def _lane(self) -> Lane:
        try:
            return self._idle.pop()
        except IndexError:
            with self._lock:
                self._lanes += 1
                name = f"{self._name}-{self._lanes}"
            return Lane(self, name)

    def _park(self, lane: Lane) -> None:
        if self._closed:
            lane.give(None)
        else:
            self._idle.append(lane)

    def _release(self, lane: Lane, loan: Loan | None) -> None:
        """Free the seat, and the lane unless a stream keeps it."""
        if loan is None:
            self._park(lane)
        self._seats.release()

    def _abandon(self, job: Job) -> bool:
        """Leave a job behind; false if it ended in this very moment."""
        with self._lock:
            if job.finished:
                return False
            job.abandoned = True
            if job.loan is not None:
                job.loan.lost = True
            self._stuck += 1
            return True
