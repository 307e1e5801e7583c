"""Children that wait for a file: one is started when none is free, two are kept."""

from __future__ import annotations

import atexit
import os
from collections.abc import Generator
from threading import Lock
from typing import Final

from incasso.apart.bounds import Bounds
from incasso.apart.frames import Frame, Job
from incasso.apart.worker import Worker

_KEPT: Final = 2
_lock = Lock()
_idle: list[Worker] = []


def frames(job: Job, bounds: Bounds) -> Generator[Frame, None, None]:
    """Every frame of one job, from a child of its own for as long as it lasts."""
    worker = _free()
    try:
        yield from worker.answers(job, bounds)
    finally:
        _take_back(worker)


def idle() -> tuple[int, ...]:
    """The numbers of the children that wait."""
    with _lock:
        return tuple(each.pid for each in _idle)


def close() -> None:
    """End every child that waits; the next job starts one again."""
    with _lock:
        waiting, _idle[:] = list(_idle), []
    for each in waiting:
        each.end()


def _free() -> Worker:
    while True:
        with _lock:
            worker = _idle.pop() if _idle else None
        if worker is None:
            return Worker()
        if worker.alive:
            return worker
        worker.end()


def _take_back(worker: Worker) -> None:
    with _lock:
        if worker.alive and len(_idle) < _KEPT:
            _idle.append(worker)
            return
    worker.end()


def _forget() -> None:
    """After a fork: the children belong to the process that started them."""
    global _lock
    _lock = Lock()
    _idle.clear()


atexit.register(close)
os.register_at_fork(after_in_child=_forget)
