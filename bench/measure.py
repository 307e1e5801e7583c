"""Run one measured job in a process of its own: wall seconds and peak memory, nothing left over."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one job took."""

    seconds: float
    cpu: float
    """Of the process itself; a database server has its own."""
    peak_mb: float
    facts: dict[str, object]


class Stopwatch:
    """Times the part of a job that counts; set-up stays outside."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add the time spent inside."""
        started, used = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - started
        self.cpu += time.process_time() - used


def report(watch: Stopwatch, **facts: object) -> None:
    """Print a job's figures for the parent process; the last line it prints."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": watch.seconds, "cpu": watch.cpu, "peak_mb": peak, "facts": facts}))


def job(module: str, *arguments: str) -> Measured:
    """Run `python -m module arguments` and read what it reports.

    Raises RuntimeError with the job's own words if it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))
