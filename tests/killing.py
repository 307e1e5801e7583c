"""Kill a process at a chosen moment of its work, again and again, at the price of one start.

Importing everything takes most of a second, so one process imports and then forks a worker per
line it reads: after how many seconds of work to kill it, and what the work is. The answer is how
it ended, and how many seconds it worked. Each worker opens its own database connections.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOR_EVER = 1e6
"""Seconds that mean: do not kill it."""

ROOT = Path(__file__).parents[1]

Begin = Callable[[], None]
"""Tells that the work itself begins: preparing is not worth a kill."""


class Victim:
    """The forking process, seen by the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *what: object, kill_after: float = FOR_EVER) -> tuple[bool, float]:
        """Work once, killed that long after it began: whether it was, and how long it worked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kill_after, *what, file=self._process.stdin, flush=True)
        how, seconds = self._process.stdout.readline().split()
        assert how in ("killed", "exit-0"), how
        return how == "killed", float(seconds)


@contextmanager
def victim(module: str, *arguments: object) -> Iterator[Victim]:
    """A process that runs a module which calls `fork_workers`; it ends with the test."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        try:
            yield Victim(process)
        finally:
            process.stdin.close()


def fork_workers(work: Callable[[list[str], Begin], None]) -> None:
    """In the victim: a worker for every line, until there are no more."""
    gc.freeze()
    for line in sys.stdin:
        seconds, *what = line.split()
        begun, beginning = os.pipe()
        if (worker := os.fork()) == 0:
            _work(work, what, beginning)
        os.close(beginning)
        os.read(begun, 1)
        os.close(begun)
        print(*_end(worker, float(seconds)), flush=True)


def _work(work: Callable[[list[str], Begin], None], what: list[str], beginning: int) -> None:
    """The worker's whole life; it never returns."""
    code = 1
    try:
        work(what, lambda: os.close(beginning))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end(worker: int, seconds: float) -> tuple[str, float]:
    """Let it work so long, kill it, and tell how it ended."""
    start = time.monotonic()
    if seconds < FOR_EVER:
        time.sleep(seconds)
        os.kill(worker, signal.SIGKILL)  # not reaped before we wait, so the number is still its own
    _, status = os.waitpid(worker, 0)
    how = "killed" if os.WIFSIGNALED(status) else f"exit-{os.waitstatus_to_exitcode(status)}"
    return how, time.monotonic() - start
