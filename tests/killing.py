"""Kill a process at a chosen moment of its work, again and again, at the price of one start.

Importing everything takes most of a second, so one process imports and then forks a worker per
line it reads: after how many seconds of work to kill it, and what the work is. The answer is how
it ended, and how many seconds it worked. Each worker opens its own database connections.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import engines
from tests.counting import tried
from tests.started import started

KILLS = int(os.environ.get("INCASSO_KILLS", "10"))
"""Per loop, that is per test and database; `make soak` asks for many more."""

FEWER = max(min(KILLS, 10), KILLS // 3)
"""For loops whose every kill costs seconds: what they prepare, and look at afterwards, is large."""

ENOUGH = 10 * KILLS
"""Runs after which a loop gives up: its workers cannot be hit."""

FOR_EVER = 1e6
"""Seconds that mean: do not kill it."""

ROOT = Path(__file__).parents[1]

Begin = Callable[[], None]
"""Tells that the work itself begins: preparing is not worth a kill."""


class Victim:
    """The forking process, seen by the test."""

    def __init__(self, process: subprocess.Popen[str], area: str) -> None:
        self._process, self._area = process, area

    def run(self, *what: object, kill_after: float = FOR_EVER) -> tuple[bool, float]:
        """Work once, killed that long after it began: whether it was, and how long it worked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kill_after, *what, file=self._process.stdin, flush=True)
        how, seconds = self._process.stdout.readline().split()
        assert how in ("killed", "exit-0"), how
        if how == "killed":
            tried("kills")
            tried(f"kills in {self._area}")
        return how == "killed", float(seconds)


class Patience:
    """How long a worker may work before it is killed: anywhere in what it usually takes.

    A first run may fall into a busy second of the machine, so what it took is corrected by every
    later one that ended by itself.
    """

    def __init__(self, seed: int, usual: float) -> None:
        self._chance = random.Random(seed)
        self._usual = usual

    def next(self) -> float:
        """Seconds for the next worker."""
        return self._chance.uniform(0, self._usual)

    def ended(self, worked: float) -> None:
        """A worker ended by itself after so many seconds."""
        self._usual = (self._usual + worked) / 2


@contextmanager
def victim(module: str, *arguments: object) -> Iterator[Victim]:
    """A process that runs a module which calls `fork_workers`; it ends with the test."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with started(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        try:
            yield Victim(process, module.split(".")[1])
        finally:
            process.stdin.close()


def fork_workers(work: Callable[[list[str], Begin], None]) -> None:
    """In the victim: a worker for every line, until there are no more.

    The first that nobody kills works in the victim itself: later ones find every statement
    compiled and every text parsed, and come sooner to what is worth a kill.
    """
    engines.lighten()
    is_warm = False
    gc.freeze()
    for line in sys.stdin:
        after, *what = line.split()
        if float(after) == FOR_EVER and not is_warm:
            print("exit-0", _here(work, what), flush=True)
            is_warm = True
            gc.freeze()
        else:
            print(*_forked(work, what, float(after)), flush=True)


def _here(work: Callable[[list[str], Begin], None], what: list[str]) -> float:
    """Work in this process; the seconds it took since it began."""
    began = [time.monotonic()]
    work(what, lambda: began.append(time.monotonic()))
    return time.monotonic() - began[-1]


def _forked(
    work: Callable[[list[str], Begin], None], what: list[str], seconds: float
) -> tuple[str, float]:
    begun, beginning = os.pipe()
    if (worker := os.fork()) == 0:
        _work(work, what, beginning)
    os.close(beginning)
    os.read(begun, 1)
    os.close(begun)
    return _end(worker, seconds)


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
